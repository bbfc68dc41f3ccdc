#include "format/system_journal.h"

#include "format/serializer.h"

namespace pdr {
namespace {

constexpr uint8_t kChunkAddedType = 1;
constexpr uint8_t kTruncationType = 2;
constexpr uint8_t kSnapshotType = 3;
constexpr uint8_t kAppendType = 5;
constexpr size_t kObjectHeaderBytes = 8;  // of a plain object with one revision
constexpr size_t kTypedHeaderBytes = 9;

ChunkAddedRecord ReadChunkAdded(ByteReader& r) {
  ChunkAddedRecord record;
  record.segment = ReadUtf(r);
  record.new_chunk = ReadUtf(r);
  record.old_chunk = ReadUtf(r);
  record.offset = ReadCompactLong(r);
  return record;
}

JournalTruncationRecord ReadTruncation(ByteReader& r) {
  JournalTruncationRecord record;
  record.segment = ReadUtf(r);
  record.offset = ReadCompactLong(r);
  record.first_chunk = ReadUtf(r);
  record.first_chunk_start_offset = ReadCompactLong(r);
  return record;
}

AppendRecord ReadAppend(ByteReader& r) {
  AppendRecord record;
  record.segment = ReadUtf(r);
  record.chunk = ReadUtf(r);
  record.offset = ReadCompactLong(r);
  record.length = ReadCompactLong(r);
  return record;
}

// The record of the one kind that belongs here.
template <typename Record>
Record ReadMetadataOf(ByteReader& r) {
  StorageMetadata record = ReadStorageMetadata(r);
  if (auto* wanted = std::get_if<Record>(&record)) return std::move(*wanted);
  r.Fail("a storage metadata record of the wrong kind");
  return {};
}

SegmentSnapshot ReadSegmentSnapshot(ByteReader& r) {
  SegmentSnapshot snapshot;
  ReadObject(r, "SegmentSnapshotRecord", [&snapshot](ByteReader& body) {
    snapshot.segment = ReadMetadataOf<SegmentMetadata>(body);
    for (size_t n = ReadCollectionCount(body, kTypedHeaderBytes); n > 0 && body.ok(); --n) {
      snapshot.chunks.push_back(ReadMetadataOf<ChunkMetadata>(body));
    }
  });
  return snapshot;
}

SystemSnapshot ReadSnapshotBody(ByteReader& r) {
  SystemSnapshot snapshot;
  snapshot.epoch = ReadCompactLong(r);
  snapshot.file_index = ReadCompactInt(r);
  for (size_t n = ReadCollectionCount(r, kObjectHeaderBytes); n > 0 && r.ok(); --n) {
    snapshot.segments.push_back(ReadSegmentSnapshot(r));
  }
  return snapshot;
}

JournalRecord ReadRecord(ByteReader& r) {
  JournalRecord record;
  ReadTypedObject(r, "SystemJournalRecord",
                  [&record](const ObjectHeader& header, int revision, ByteReader& body) {
                    if (header.version != 0) {
                      body.Fail(fmt::format("unknown version {}", header.version));
                    } else if (revision > 0) {
                      return;
                    } else if (header.type == kChunkAddedType) {
                      record = ReadChunkAdded(body);
                    } else if (header.type == kTruncationType) {
                      record = ReadTruncation(body);
                    } else if (header.type == kSnapshotType) {
                      record = ReadSnapshotBody(body);
                    } else if (header.type == kAppendType) {
                      record = ReadAppend(body);
                    } else {
                      body.Fail(fmt::format("unknown record type {}", header.type));
                    }
                  });
  return record;
}

void WriteSnapshotBody(ByteWriter& w, const SystemSnapshot& snapshot) {
  WriteCompactLong(w, snapshot.epoch);
  WriteCompactInt(w, snapshot.file_index);
  WriteCompactInt(w, static_cast<uint32_t>(snapshot.segments.size()));
  for (const SegmentSnapshot& segment : snapshot.segments) {
    WriteObject(w, [&segment](ByteWriter& body) {
      WriteStorageMetadata(body, segment.segment);
      WriteCompactInt(body, static_cast<uint32_t>(segment.chunks.size()));
      for (const ChunkMetadata& chunk : segment.chunks) WriteStorageMetadata(body, chunk);
    });
  }
}

void Write(ByteWriter& out, const ChunkAddedRecord& record) {
  WriteTypedObject(out, kChunkAddedType, [&record](ByteWriter& w) {
    WriteUtf(w, record.segment);
    WriteUtf(w, record.new_chunk);
    WriteUtf(w, record.old_chunk);
    WriteCompactLong(w, record.offset);
  });
}

void Write(ByteWriter& out, const JournalTruncationRecord& record) {
  WriteTypedObject(out, kTruncationType, [&record](ByteWriter& w) {
    WriteUtf(w, record.segment);
    WriteCompactLong(w, record.offset);
    WriteUtf(w, record.first_chunk);
    WriteCompactLong(w, record.first_chunk_start_offset);
  });
}

void Write(ByteWriter& out, const SystemSnapshot& record) {
  WriteTypedObject(out, kSnapshotType, [&record](ByteWriter& w) { WriteSnapshotBody(w, record); });
}

void Write(ByteWriter& out, const AppendRecord& record) {
  WriteTypedObject(out, kAppendType, [&record](ByteWriter& w) {
    WriteUtf(w, record.segment);
    WriteUtf(w, record.chunk);
    WriteCompactLong(w, record.offset);
    WriteCompactLong(w, record.length);
  });
}

// Whether `bytes` end inside the header or body of an object, which production takes for the end of
// the file. Its version and its contents are left to the decoder.
bool EndsInsideObject(std::string_view bytes) {
  ByteReader r(bytes);
  r.Take(2);
  const uint8_t revisions = r.U8();
  for (int i = 0; i < revisions && revisions < 0x80; ++i) {
    r.U8();
    const uint32_t length = r.U32();
    if (length >= 0x80000000) return false;  // negative: an error, not an end
    r.Take(length);
  }
  return !r.ok();
}

}  // namespace

StatusOr<JournalFile> DecodeJournalFile(std::string_view bytes) {
  JournalFile file;
  size_t at = 0;
  while (at < bytes.size()) {
    if (bytes[at] == 0 && EndsInsideObject(bytes.substr(at))) {
      file.complete = false;
      break;
    }
    ByteReader r(bytes.substr(at));
    std::vector<JournalRecord> batch;
    ReadObject(r, "SystemJournalRecordBatch", [&batch](ByteReader& body) {
      for (size_t n = ReadCollectionCount(body, kTypedHeaderBytes); n > 0 && body.ok(); --n) {
        batch.push_back(ReadRecord(body));
      }
    });
    if (!r.ok()) return Annotate(r.status(), fmt::format("journal batch at byte {}", at));
    file.batches.push_back(std::move(batch));
    at += r.position();
  }
  return file;
}

std::string EncodeJournalBatch(const std::vector<JournalRecord>& records) {
  ByteWriter w;
  WriteObject(w, [&records](ByteWriter& body) {
    WriteCompactInt(body, static_cast<uint32_t>(records.size()));
    for (const JournalRecord& record : records) {
      std::visit([&body](const auto& r) { Write(body, r); }, record);
    }
  });
  return w.Take();
}

StatusOr<SystemSnapshot> DecodeSnapshotFile(std::string_view bytes) {
  SystemSnapshot snapshot;
  ByteReader r(bytes);
  ReadObject(r, "SystemSnapshotRecord",
             [&snapshot](ByteReader& body) { snapshot = ReadSnapshotBody(body); });
  RETURN_IF_ERROR(FinishObject(r, "SystemSnapshotRecord"));
  return snapshot;
}

std::string EncodeSnapshotFile(const SystemSnapshot& snapshot) {
  ByteWriter w;
  WriteObject(w, [&snapshot](ByteWriter& body) { WriteSnapshotBody(body, snapshot); });
  return w.Take();
}

}  // namespace pdr

#include "format/storage_metadata.h"

#include "format/serializer.h"

namespace pdr {
namespace {

constexpr uint8_t kChunkTypeId = 2;
constexpr uint8_t kSegmentTypeId = 3;
constexpr uint8_t kReadIndexBlockTypeId = 4;

void Read(ByteReader& r, ChunkMetadata& chunk) {
  ReadUtfInto(r, chunk.name);
  chunk.length = ReadCompactLong(r);
  ReadUtfInto(r, chunk.next_chunk);
  chunk.status = ReadCompactInt(r);
}

void Read(ByteReader& r, SegmentMetadata& segment) {
  ReadUtfInto(r, segment.name);
  segment.length = ReadCompactLong(r);
  segment.chunk_count = ReadCompactInt(r);
  segment.start_offset = ReadCompactLong(r);
  segment.status = ReadCompactInt(r);
  segment.max_rolling_length = ReadCompactLong(r);
  ReadUtfInto(r, segment.first_chunk);
  ReadUtfInto(r, segment.last_chunk);
  segment.last_modified = ReadCompactLong(r);
  segment.first_chunk_start_offset = ReadCompactLong(r);
  segment.last_chunk_start_offset = ReadCompactLong(r);
  segment.owner_epoch = ReadCompactLong(r);
}

void Read(ByteReader& r, ReadIndexBlockMetadata& block) {
  ReadUtfInto(r, block.name);
  ReadUtfInto(r, block.chunk_name);
  block.start_offset = ReadCompactLong(r);
  block.status = ReadCompactInt(r);
}

template <typename Kind>
void ReadAs(ByteReader& r, StorageMetadata& record) {
  if (!std::holds_alternative<Kind>(record)) record.emplace<Kind>();
  Read(r, std::get<Kind>(record));
}

void Write(ByteWriter& out, const ChunkMetadata& chunk) {
  WriteTypedObject(out, kChunkTypeId, [&chunk](ByteWriter& w) {
    WriteUtf(w, chunk.name);
    WriteCompactLong(w, chunk.length);
    WriteUtf(w, chunk.next_chunk);
    WriteCompactInt(w, chunk.status);
  });
}

void Write(ByteWriter& out, const SegmentMetadata& segment) {
  WriteTypedObject(out, kSegmentTypeId, [&segment](ByteWriter& w) {
    WriteUtf(w, segment.name);
    WriteCompactLong(w, segment.length);
    WriteCompactInt(w, segment.chunk_count);
    WriteCompactLong(w, segment.start_offset);
    WriteCompactInt(w, segment.status);
    WriteCompactLong(w, segment.max_rolling_length);
    WriteUtf(w, segment.first_chunk);
    WriteUtf(w, segment.last_chunk);
    WriteCompactLong(w, segment.last_modified);
    WriteCompactLong(w, segment.first_chunk_start_offset);
    WriteCompactLong(w, segment.last_chunk_start_offset);
    WriteCompactLong(w, segment.owner_epoch);
  });
}

void Write(ByteWriter& out, const ReadIndexBlockMetadata& block) {
  WriteTypedObject(out, kReadIndexBlockTypeId, [&block](ByteWriter& w) {
    WriteUtf(w, block.name);
    WriteUtf(w, block.chunk_name);
    WriteCompactLong(w, block.start_offset);
    WriteCompactInt(w, block.status);
  });
}

}  // namespace

void ReadStorageMetadataInto(ByteReader& r, StorageMetadata& record) {
  ReadTypedObject(r, "StorageMetadata",
                  [&record](const ObjectHeader& header, int revision, ByteReader& body) {
                    if (header.version != 0) {
                      body.Fail(fmt::format("unknown version {}", header.version));
                    } else if (revision > 0) {
                      return;
                    } else if (header.type == kChunkTypeId) {
                      ReadAs<ChunkMetadata>(body, record);
                    } else if (header.type == kSegmentTypeId) {
                      ReadAs<SegmentMetadata>(body, record);
                    } else if (header.type == kReadIndexBlockTypeId) {
                      ReadAs<ReadIndexBlockMetadata>(body, record);
                    } else {
                      body.Fail(fmt::format("unknown record type {}", header.type));
                    }
                  });
}

StorageMetadata ReadStorageMetadata(ByteReader& r) {
  StorageMetadata record;
  ReadStorageMetadataInto(r, record);
  return record;
}

void WriteStorageMetadata(ByteWriter& w, const StorageMetadata& record) {
  std::visit([&w](const auto& r) { Write(w, r); }, record);
}

Status DecodeTransactionDataInto(std::string_view bytes, TransactionData& data) {
  ByteReader r(bytes);
  ReadObject(r, "TransactionData", [&data](ByteReader& body) {
    data.version = body.I64();
    ReadUtfInto(body, data.key);
    if (!body.Bool()) {
      data.value.reset();
      return;
    }
    if (!data.value) data.value.emplace();
    ReadStorageMetadataInto(body, *data.value);
  });
  RETURN_IF_ERROR(FinishObject(r, "TransactionData"));
  if (data.value && data.version == 0) {
    return DataLoss("TransactionData of '{}': version 0 with a value", data.key);
  }
  return OkStatus();
}

StatusOr<TransactionData> DecodeTransactionData(std::string_view bytes) {
  TransactionData data;
  RETURN_IF_ERROR(DecodeTransactionDataInto(bytes, data));
  return data;
}

bool MayBeOfSegment(std::string_view transaction_data) {
  ByteReader r(transaction_data);
  ReadObjectHeader(r, "TransactionData", false);
  ByteReader body(ReadRevision(r, "TransactionData", 0));
  body.I64();
  body.Take(body.U16());
  const bool has_value = body.Bool();
  if (!r.ok() || !body.ok()) return true;
  if (!has_value) return false;
  const ObjectHeader header = ReadObjectHeader(body, "StorageMetadata", true);
  return header.type != kChunkTypeId && header.type != kReadIndexBlockTypeId;
}

std::string EncodeTransactionData(const TransactionData& data) {
  ByteWriter w;
  WriteObject(w, [&data](ByteWriter& body) {
    body.I64(data.version);
    WriteUtf(body, data.key);
    body.Bool(data.value.has_value());
    if (data.value) WriteStorageMetadata(body, *data.value);
  });
  return w.Take();
}

Status CheckSegmentInvariants(const SegmentMetadata& s) {
  const auto require = [&s](bool holds, std::string_view what) {
    return holds ? OkStatus() : DataLoss("segment metadata of '{}': {}", s.name, what);
  };
  RETURN_IF_ERROR(require(s.first_chunk_start_offset <= s.start_offset,
                          "the first chunk starts after the start offset"));
  RETURN_IF_ERROR(require(s.start_offset <= s.length, "the start offset is above the length"));
  RETURN_IF_ERROR(require(s.first_chunk_start_offset <= s.last_chunk_start_offset,
                          "the last chunk starts before the first"));
  RETURN_IF_ERROR(
      require(s.last_chunk_start_offset <= s.length, "the last chunk starts after the end"));
  if (s.first_chunk.empty()) {
    RETURN_IF_ERROR(require(s.last_chunk.empty(), "a last chunk without a first"));
    RETURN_IF_ERROR(require(s.chunk_count == 0, "a chunk count without chunks"));
    RETURN_IF_ERROR(require(s.first_chunk_start_offset == s.start_offset &&
                                s.last_chunk_start_offset == s.start_offset &&
                                s.length == s.start_offset,
                            "no chunks, and offsets that differ"));
  } else if (s.first_chunk == s.last_chunk) {
    RETURN_IF_ERROR(require(s.chunk_count == 1, "one chunk, and another chunk count"));
    RETURN_IF_ERROR(require(s.first_chunk_start_offset == s.last_chunk_start_offset,
                            "one chunk with two start offsets"));
  } else {
    RETURN_IF_ERROR(require(!s.last_chunk.empty(), "a first chunk without a last"));
    RETURN_IF_ERROR(require(s.chunk_count >= 2, "several chunks, and a chunk count below 2"));
  }
  return OkStatus();
}

}  // namespace pdr

#include "format/checkpoint.h"

#include "format/serializer.h"

namespace pdr {
namespace {

constexpr size_t kMinSegmentBytes = 48;
constexpr size_t kStorageSegmentBytes = 19;

CheckpointSegment ReadSegment(ByteReader& r) {
  CheckpointSegment s;
  s.segment_id = r.I64();
  s.name = ReadUtf(r);
  s.length = r.I64();
  s.storage_length = r.I64();
  s.merged = r.Bool();
  s.sealed = r.Bool();
  s.sealed_in_storage = r.Bool();
  s.deleted = r.Bool();
  s.deleted_in_storage = r.Bool();
  s.last_modified = r.I64();
  s.start_offset = r.I64();
  s.attributes = ReadAttributes(r);
  return s;
}

void WriteSegment(ByteWriter& w, const CheckpointSegment& s) {
  w.I64(s.segment_id);
  WriteUtf(w, s.name);
  w.I64(s.length).I64(s.storage_length);
  w.Bool(s.merged).Bool(s.sealed).Bool(s.sealed_in_storage);
  w.Bool(s.deleted).Bool(s.deleted_in_storage);
  w.I64(s.last_modified).I64(s.start_offset);
  WriteAttributes(w, s.attributes);
}

StorageCheckpointSegment ReadStorageSegment(ByteReader& r) {
  StorageCheckpointSegment s;
  s.segment_id = r.I64();
  s.storage_length = r.I64();
  s.sealed_in_storage = r.Bool();
  s.deleted = r.Bool();
  s.deleted_in_storage = r.Bool();
  return s;
}

}  // namespace

StatusOr<MetadataCheckpoint> DecodeMetadataCheckpoint(std::string_view bytes) {
  MetadataCheckpoint checkpoint;
  ByteReader reader(bytes);
  ReadObject(reader, "metadata checkpoint", [&](ByteReader& r) {
    checkpoint.container = static_cast<int>(ReadCompactInt(r));
    for (size_t n = ReadCollectionCount(r, kMinSegmentBytes); n > 0 && r.ok(); --n) {
      checkpoint.segments.push_back(ReadSegment(r));
    }
  });
  RETURN_IF_ERROR(reader.status());
  return checkpoint;
}

std::string EncodeMetadataCheckpoint(const MetadataCheckpoint& checkpoint) {
  ByteWriter writer;
  WriteObject(writer, [&](ByteWriter& w) {
    WriteCompactInt(w, static_cast<uint32_t>(checkpoint.container));
    WriteCompactInt(w, static_cast<uint32_t>(checkpoint.segments.size()));
    for (const CheckpointSegment& s : checkpoint.segments) WriteSegment(w, s);
  });
  return writer.Take();
}

StatusOr<std::vector<StorageCheckpointSegment>> DecodeStorageMetadataCheckpoint(
    std::string_view bytes) {
  std::vector<StorageCheckpointSegment> segments;
  ByteReader reader(bytes);
  ReadObject(reader, "storage metadata checkpoint", [&](ByteReader& r) {
    for (size_t n = ReadCollectionCount(r, kStorageSegmentBytes); n > 0; --n) {
      segments.push_back(ReadStorageSegment(r));
    }
  });
  RETURN_IF_ERROR(reader.status());
  return segments;
}

std::string EncodeStorageMetadataCheckpoint(const std::vector<StorageCheckpointSegment>& segments) {
  ByteWriter writer;
  WriteObject(writer, [&](ByteWriter& w) {
    WriteCompactInt(w, static_cast<uint32_t>(segments.size()));
    for (const StorageCheckpointSegment& s : segments) {
      w.I64(s.segment_id).I64(s.storage_length);
      w.Bool(s.sealed_in_storage).Bool(s.deleted).Bool(s.deleted_in_storage);
    }
  });
  return writer.Take();
}

}  // namespace pdr

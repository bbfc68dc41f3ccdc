#include "format/controller_records.h"

#include <algorithm>
#include <bit>

namespace pdr {
namespace {

constexpr size_t kSegmentRecordBytes = 40;  // 8 of framing, 32 of fields

}  // namespace

SegmentOffsets ReadSegmentOffsets(ByteReader& r) {
  SegmentOffsets offsets;
  for (size_t n = ReadCollectionCount(r, 16); n > 0; --n) {
    const SegmentId id = ReadSegmentId(r);
    offsets[id] = r.I64();
  }
  return offsets;
}

SegmentId ReadSegmentId(ByteReader& r) { return SegmentIdFromLong(r.I64()); }

double ReadDouble(ByteReader& r) { return std::bit_cast<double>(r.U64()); }

bool HasSegment(const std::vector<SegmentRecord>& segments, SegmentId id) {
  return std::any_of(segments.begin(), segments.end(),
                     [&](const SegmentRecord& segment) { return segment.id == id; });
}

SegmentRecord ReadSegmentRecord(ByteReader& r) {
  SegmentRecord record;
  ReadObject(r, "segment record", [&](ByteReader& body) {
    record.id.number = body.I32();
    record.creation_time = body.I64();
    record.id.epoch = body.I32();
    record.key_start = ReadDouble(body);
    record.key_end = ReadDouble(body);
  });
  return record;
}

std::vector<SegmentRecord> ReadSegmentRecords(ByteReader& r) {
  std::vector<SegmentRecord> records;
  for (size_t n = ReadCollectionCount(r, kSegmentRecordBytes); n > 0; --n) {
    records.push_back(ReadSegmentRecord(r));
  }
  return records;
}

StatusOr<int32_t> DecodeInt(std::string_view bytes) {
  return DecodeWhole<int32_t>(bytes, "int", [](ByteReader& r, int32_t& v) { v = r.I32(); });
}

StatusOr<int64_t> DecodeLong(std::string_view bytes) {
  return DecodeWhole<int64_t>(bytes, "long", [](ByteReader& r, int64_t& v) { v = r.I64(); });
}

StatusOr<Uuid> DecodeUuid(std::string_view bytes) {
  return DecodeWhole<Uuid>(bytes, "uuid", [](ByteReader& r, Uuid& v) { v = ReadUuid(r); });
}

StatusOr<uint32_t> DecodeState(std::string_view bytes, std::string_view what, uint32_t count) {
  return DecodeWhole<uint32_t>(bytes, what, [&](ByteReader& r, uint32_t& state) {
    ReadObject(r, what, [&](ByteReader& body) {
      state = ReadCompactInt(body);
      if (state >= count) body.Fail(fmt::format("unknown state {}", state));
    });
  });
}

}  // namespace pdr

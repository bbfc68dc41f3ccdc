// What the controller's records share: decoding one whole value, and the parts that several records
// contain. docs/formats/controller-tables.md section 3.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/controller_names.h"
#include "format/serializer.h"

namespace pdr {

// Positions in a stream, or sizes: segment id -> offset or bytes.
using SegmentOffsets = std::map<SegmentId, int64_t>;

// A plain object of version 0 of which more than the first revision matters. Calls
// read(int revision, ByteReader& body) for every revision that is present.
template <typename Read>
void ReadObjectRevisions(ByteReader& r, std::string_view what, Read&& read) {
  const ObjectHeader header = ReadObjectHeader(r, what, false);
  if (r.ok() && header.version != 0) {
    r.Fail(fmt::format("{}: unknown version {}", what, header.version));
  }
  for (int revision = 0; revision < header.revision_count && r.ok(); ++revision) {
    ByteReader body(ReadRevision(r, what, revision));
    if (!r.ok()) return;
    read(revision, body);
    if (!body.ok()) r.Fail(fmt::format("{}: {}", what, Message(body.status())));
  }
}

// Hands the whole of `bytes` to read(ByteReader&, Record&). DataLoss when that fails, or when it
// leaves bytes over: a record fills its table value.
template <typename Record, typename Read>
StatusOr<Record> DecodeWhole(std::string_view bytes, std::string_view what, Read&& read) {
  ByteReader r(bytes);
  Record record{};
  read(r, record);
  if (!r.ok()) return DataLoss("{}", Message(r.status()));
  if (r.remaining() > 0) return DataLoss("{}: {} bytes after the record", what, r.remaining());
  return record;
}

SegmentOffsets ReadSegmentOffsets(ByteReader& r);  // map int64 -> int64
SegmentId ReadSegmentId(ByteReader& r);            // int64
double ReadDouble(ByteReader& r);

// One segment of a stream or key-value table, as the controller made it.
struct SegmentRecord {
  SegmentId id;
  int64_t creation_time = 0;  // ms
  double key_start = 0;       // share of the key space, [key_start, key_end)
  double key_end = 0;
  bool operator==(const SegmentRecord&) const = default;
};
bool HasSegment(const std::vector<SegmentRecord>& segments, SegmentId id);
SegmentRecord ReadSegmentRecord(ByteReader& r);
std::vector<SegmentRecord> ReadSegmentRecords(ByteReader& r);

// Values that are bare numbers or ids.
StatusOr<int32_t> DecodeInt(std::string_view bytes);
StatusOr<int64_t> DecodeLong(std::string_view bytes);
StatusOr<Uuid> DecodeUuid(std::string_view bytes);

// A state: an object with one compact int, refused when not below `count`.
StatusOr<uint32_t> DecodeState(std::string_view bytes, std::string_view what, uint32_t count);

}  // namespace pdr

#include "format/watermark.h"

namespace pdr {
namespace {

constexpr size_t kEntryBytes = 40;  // segment with range: 8 of framing, 24 of fields; offset: 8

SegmentId ReadSegmentWithRange(ByteReader& r) {
  SegmentId id;
  ReadObject(r, "segment with range", [&](ByteReader& body) {
    id = ReadSegmentId(body);
    ReadDouble(body);
    ReadDouble(body);
  });
  return id;
}

}  // namespace

StatusOr<Watermark> DecodeWatermark(std::string_view event) {
  return DecodeWhole<Watermark>(event, "watermark", [](ByteReader& r, Watermark& mark) {
    ReadObject(r, "watermark", [&](ByteReader& body) {
      mark.lower_time = body.I64();
      mark.upper_time = body.I64();
      for (size_t n = ReadCollectionCount(body, kEntryBytes); n > 0; --n) {
        const SegmentId id = ReadSegmentWithRange(body);
        mark.cut[id] = body.I64();
      }
    });
  });
}

}  // namespace pdr

#include "format/segment_info.h"

#include "format/serializer.h"

namespace pdr {
namespace {

template <typename Read>
StatusOr<SegmentInfo> Decode(std::string_view bytes, const Read& read_attributes) {
  SegmentInfo info;
  ByteReader r(bytes);
  ReadObject(r, "SegmentInfo", [&](ByteReader& body) {
    info.segment_id = body.I64();
    info.name = ReadUtf(body);
    info.length = body.I64();
    info.start_offset = body.I64();
    info.sealed = body.Bool();
    read_attributes(body, info);
  });
  RETURN_IF_ERROR(FinishObject(r, "SegmentInfo"));
  if (info.start_offset < 0 || info.length < info.start_offset) {
    return DataLoss("SegmentInfo of '{}': start offset {}, length {}", info.name, info.start_offset,
                    info.length);
  }
  return info;
}

}  // namespace

StatusOr<SegmentInfo> DecodeSegmentInfo(std::string_view bytes) {
  return Decode(bytes,
                [](ByteReader& r, SegmentInfo& info) { info.attributes = ReadAttributes(r); });
}

StatusOr<SegmentInfo> DecodeWithoutAttributes(std::string_view bytes) {
  return Decode(bytes, [](ByteReader& r, SegmentInfo& /*info*/) { SkipAttributes(r); });
}

std::string EncodeSegmentInfo(const SegmentInfo& info) {
  Attributes stored;
  for (const auto& [id, value] : info.attributes) {
    if (id.high == kCoreHigh && value != kNullAttributeValue) stored.emplace(id, value);
  }
  ByteWriter w;
  WriteObject(w, [&](ByteWriter& body) {
    body.I64(info.segment_id);
    WriteUtf(body, info.name);
    body.I64(info.length).I64(info.start_offset).Bool(info.sealed);
    WriteAttributes(body, stored);
  });
  return w.Take();
}

}  // namespace pdr

// SegmentInfo: the value of a container metadata table. docs/formats/table-segments.md section 5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "format/attributes.h"

namespace pdr {

struct SegmentInfo {
  int64_t segment_id = kNoSegmentId;
  std::string name;
  int64_t length = 0;        // bytes; >= start_offset
  int64_t start_offset = 0;  // bytes; >= 0
  bool sealed = false;
  Attributes attributes;  // core attributes only, nulls left out
  bool operator==(const SegmentInfo&) const = default;
};

StatusOr<SegmentInfo> DecodeSegmentInfo(std::string_view bytes);
// For who asks for many records and for the attributes of none: those are left out.
StatusOr<SegmentInfo> DecodeWithoutAttributes(std::string_view bytes);
std::string EncodeSegmentInfo(const SegmentInfo& info);

}  // namespace pdr

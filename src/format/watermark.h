// Watermarks: the events of a stream's mark stream `_MARK<stream>`.
// docs/formats/controller-tables.md section 9.
#pragma once

#include <cstdint>
#include <string_view>

#include "format/controller_records.h"

namespace pdr {

struct Watermark {
  int64_t lower_time = 0;
  int64_t upper_time = 0;
  SegmentOffsets cut;  // of the marked stream
  bool operator==(const Watermark&) const = default;
};
StatusOr<Watermark> DecodeWatermark(std::string_view event);

}  // namespace pdr

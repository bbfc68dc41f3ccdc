// The cluster that the benchmarks measure, segment by segment: scopes of a hundred streams with
// three epochs each, key-value tables, the controller's tables. The same count gives the same
// cluster.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "format/segment_info.h"

namespace pdr::bench {

// Bytes with holes: what lies between the pieces is zero and takes no space.
struct SparseBytes {
  uint64_t length = 0;
  std::vector<std::pair<uint64_t, std::string>> pieces;
};

struct ModelSegment {
  SegmentInfo info;
  SparseBytes data;
  uint64_t rolled_at = 0;  // where its second chunk begins; 0 = one chunk
  std::string index;       // its attribute index; "" = none
};

// Calls `visit` for about `count` segments, and not less, in no order of names.
Status ForEachSegment(uint64_t count, const std::function<Status(ModelSegment)>& visit);

}  // namespace pdr::bench

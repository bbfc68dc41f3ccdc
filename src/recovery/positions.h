// Positions that outlive the events they point behind: of reader groups, and of watermarks.
// docs/formats/recovery-semantics.md H47, H48, section 5.3.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "tier2/disk.h"

namespace pdr {

// The state segment of a user's reader group, or a mark stream's segment.
bool HoldsPositions(std::string_view segment);

// The farthest position that the segment's events, from `from` on, name in each segment. Events
// that do not parse end the reading; memory is bounded by one event and the state it makes.
StatusOr<std::vector<ReadPosition>> ReadPositions(const Disk& disk, const StoredSegment& segment,
                                                  uint64_t from);

// Adds an anomaly for every holder and stream with a position beyond a recovered end.
void CheckPositions(const Evidence& evidence, Plan& plan);

}  // namespace pdr

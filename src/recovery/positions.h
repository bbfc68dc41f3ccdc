// Positions that outlive the events they point behind: of reader groups, and of watermarks.
// docs/formats/recovery-semantics.md H47, H48, section 5.3.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

// Holds the positions that evidence has against the lengths that segments come back with.
class PositionCheck {
 public:
  explicit PositionCheck(const Evidence& evidence);
  // Once for each container.
  void Add(const ContainerPlan& plan);
  // Adds an anomaly for every holder and stream with a position beyond a recovered end.
  void Finish(std::vector<Anomaly>& anomalies) const;

 private:
  const Evidence& evidence_;
  // Of segments that somebody has a position in; nothing: it does not come back.
  std::map<std::string_view, std::optional<int64_t>> lengths_;
};

}  // namespace pdr

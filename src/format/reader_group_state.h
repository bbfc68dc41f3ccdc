// The state of a reader group, replayed from the events of its segment
// `<scope>/_RG<group>/0.#epoch.0`. docs/formats/controller-tables.md section 8.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr {

// Segment name -> offset.
using SegmentPositions = std::map<std::string, int64_t>;

struct ReaderGroupState {
  bool initialized = false;  // an initial state was among the events
  // Reader id -> the segments assigned to it, each at the offset where the group would resume it.
  std::map<std::string, SegmentPositions> readers;
  SegmentPositions unassigned;
  SegmentPositions last_read;                           // as readers last told it
  std::map<std::string, std::set<int64_t>> future;      // -> segments that must end before
  SegmentPositions end_segments;                        // where the group stops, if it does
  std::map<std::string, SegmentPositions> checkpoints;  // by checkpoint id
  SegmentPositions last_checkpoint;

  bool operator==(const ReaderGroupState&) const = default;

  // Of every segment, the farthest offset that any of the maps names (end_segments apart).
  SegmentPositions FarthestPositions() const;
};

// Applies one event. On DataLoss the update at fault may be half applied. Updates before the first
// initial state are skipped, as they belong to a state that is compacted away. Checkpoints that the
// group has discarded stay until its next compaction: their positions were reached all the same.
Status ApplyReaderGroupEvent(std::string_view event, ReaderGroupState& state);

struct ReaderGroupReplay {
  ReaderGroupState state;
  uint64_t end = 0;  // bytes of whole events
  Status damage;     // the first event that did not parse; the rest is not applied
};
// `bytes` from the segment's start offset, which is an event boundary.
ReaderGroupReplay ReplayReaderGroup(std::string_view bytes);

}  // namespace pdr

// Bytes that recovery adds at the end of a segment, as a chunk file of its own: no file that is
// there changes.
#pragma once

#include <string>

#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "recovery/segment_draft.h"

namespace pdr {

struct Addition {
  std::string bytes;           // whole events, or whole table entries
  uint64_t table_entries = 0;  // newer entries of keys that the table has
};

// Lists the new chunk in the draft, and in the plan the file to be written. False, and nothing
// done, when the segment takes no more: dropped or sealed.
bool AppendToSegment(const Tier2Whole& view, const Addition& addition, SegmentDraft& draft,
                     ContainerPlan& plan);

// The rolling layout knows where an empty segment begins by the name of its empty last chunk.
void KeepOffset(const Tier2Whole& view, SegmentDraft& draft, ContainerPlan& plan);

}  // namespace pdr

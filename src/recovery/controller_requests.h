// The requests that the controller will read again, from the four streams that carry them.
// docs/formats/controller-tables.md section 10; recovery-semantics.md H45, H46.
#pragma once

#include "base/status.h"
#include "recovery/controller_evidence.h"
#include "tier2/disk.h"
#include "tier2/view.h"

namespace pdr {

// The whole events of the segment from `from` on; memory is bounded by one event.
StatusOr<RequestEvidence> ReadRequests(const Disk& disk, const StoredSegment& segment,
                                       uint64_t from);

}  // namespace pdr

// A transaction's bytes held against those of the segment its commit merges into.
// docs/formats/recovery-semantics.md H17 (a)-(d).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "recovery/controller_evidence.h"
#include "recovery/evidence.h"
#include "tier2/segment_data.h"

namespace pdr {

// The segments that may have taken the events of `transaction`, the likeliest first: its parent,
// and the duplicates of its parent that rolling commits made. A commit makes its duplicate first,
// and completes its transactions last; so the newest one that is not younger than that comes first,
// or the newest of all while the transaction is not completed. Times are no proof: a scale takes
// its own from whoever asked for it, and epochs after it are not older. Of a rolling commit under
// way only what it makes. None for other names.
std::vector<std::string> MergeTargets(const ControllerEvidence& controller,
                                      std::string_view transaction);

bool IsParentOf(std::string_view segment, std::string_view transaction);

// Looks for the source's first bytes from an event boundary of the target on, up to its end.
// `boundary` is one such; `settled` is how far the target certainly reached before any merge.
StatusOr<TransactionFact> CompareTransaction(const Disk& disk, const StoredSegment& source,
                                             const StoredSegment& target, uint64_t boundary,
                                             uint64_t settled);

}  // namespace pdr

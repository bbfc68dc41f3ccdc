// A transaction's bytes held against those of the segment its commit merges into.
// docs/formats/recovery-semantics.md H17 (a)-(d).
#pragma once

#include <string>

#include "base/status.h"
#include "recovery/controller_evidence.h"
#include "recovery/evidence.h"
#include "tier2/segment_data.h"

namespace pdr {

// The segment that takes the events of `transaction`: its parent, or the duplicate of its parent
// that a rolling commit made, which may not have been the only one. A commit makes the duplicate
// first, and completes its transactions last; so it is the newest one that is not younger than
// that, or the newest of all while the transaction is not completed. Nothing for other names.
std::optional<std::string> MergeTarget(const ControllerEvidence& controller,
                                       std::string_view transaction);

// Looks for the source's first bytes from an event boundary of the target on, up to its end.
// `boundary` is one such; `settled` is how far the target certainly reached before any merge.
StatusOr<TransactionFact> CompareTransaction(const Disk& disk, const StoredSegment& source,
                                             const StoredSegment& target, uint64_t boundary,
                                             uint64_t settled);

}  // namespace pdr

// A transaction's bytes held against those of the segment its commit merges into.
// docs/formats/recovery-semantics.md H17 (a)-(d).
#pragma once

#include <string>

#include "base/status.h"
#include "recovery/controller_evidence.h"
#include "recovery/evidence.h"
#include "tier2/segment_data.h"

namespace pdr {

// The segment that takes the events of `transaction`: its parent, or after a scale the parent's
// duplicate that a rolling commit made. Nothing for other names, and when several could be meant.
std::optional<std::string> MergeTarget(const ControllerEvidence& controller,
                                       std::string_view transaction);

// Looks for the source's first bytes from an event boundary of the target on, up to its end.
// `boundary` is one such; `settled` is how far the target certainly reached before any merge.
StatusOr<TransactionFact> CompareTransaction(const Disk& disk, const StoredSegment& source,
                                             const StoredSegment& target, uint64_t boundary,
                                             uint64_t settled);

}  // namespace pdr

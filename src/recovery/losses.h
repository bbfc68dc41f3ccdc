// The loss statement: what is known to be gone, in bytes, events and keys, with its evidence.
// docs/formats/recovery-semantics.md sections 5.2 and 5.3.
#pragma once

#include <vector>

#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "recovery/planner.h"

namespace pdr {

// Completes plan.losses from the decisions, sorted by subject. What never left a trace in Tier-2
// cannot be listed; the window says when it was written.
void StateLosses(const Evidence& evidence, const PlanOptions& options, Plan& plan);

}  // namespace pdr

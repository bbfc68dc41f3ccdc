// Streams whose segments reached Tier-2 before the controller's records of them did.
// docs/formats/recovery-semantics.md H23.
#pragma once

#include "recovery/controller_evidence.h"
#include "recovery/plan.h"

namespace pdr {

// Adds an anomaly for each stream that holds data in the plan and has to be created again before
// clients find it: how many segments it needs then, and how much they hold.
void NoteUnrecordedStreams(const ControllerEvidence& controller, Plan& plan);

}  // namespace pdr

// The loss statement: what is known to be gone, in bytes, events and keys, with its evidence.
// docs/formats/recovery-semantics.md sections 5.2 and 5.3.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "recovery/planner.h"

namespace pdr {

// How far somebody is known to have read, or marked time, in a segment. Points into the evidence.
using Reached = std::map<std::string_view, const ReadPosition*>;
Reached FarthestPositions(const Evidence& evidence);

// Adds what one container's segments are known to have lost.
void StateSegmentLosses(const Evidence& evidence, const GatheredContainer& container,
                        const Reached& reached, const ContainerPlan& plan,
                        std::vector<Loss>& losses);

// A clean flush leaves every record as long as its segment, and every index in step with its data.
bool WasWrittenAfterFlush(const ContainerView& view, const ContainerEvidence& found);

// What never left a trace in Tier-2 cannot be listed: only when it was written, in all containers.
// `newest_file_ns`: as Evidence has it.
void StateWindow(int64_t newest_file_ns, const PlanOptions& options, Plan& plan);

}  // namespace pdr

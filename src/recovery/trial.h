// Whether a plan's file steps will be allowed, without taking one of them.
#pragma once

#include <vector>

#include "base/status.h"
#include "recovery/plan.h"
#include "tier2/disk.h"
#include "tier2/disk_limits.h"

namespace pdr {

// Every kind of effect, on a file of its own in <root>/.pravega-dr/trial, which is removed.
Status TryOwnDirectory(Disk& disk);

// Directories that names will be moved out of or into, and files whose mode will be changed; one
// error for each that this process may not touch. Without limits, as in a rehearsal, whose effects
// do not reach Tier-2: for each that it cannot look at.
std::vector<Status> CheckMayCarryOut(const Disk& disk, const DiskLimits* limits, const Plan& plan);

}  // namespace pdr

// Plans whose parts are not all in memory. Tests only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recovery/recover.h"
#include "recovery/scratch.h"

namespace pdr {

// Nothing stays in memory: all of it is written aside and read back, as of a cluster that does not
// fit.
std::shared_ptr<Scratch> AllAside();

// A plan that stays when the run is over.
PlannedRun CopyOf(const PlannedRun& run);

// Fails the test when they differ in anything but where and by whom they were made.
void ExpectSamePlan(const PlannedRun& run, const PlannedRun& expected, const std::string& where);

// The plans of all containers; fails the test when one cannot be read.
std::vector<ContainerPlan> PlansOf(const Plan& plan);

}  // namespace pdr

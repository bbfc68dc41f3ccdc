// What a plan and its run belong to, and how it differs from what is there now.
#pragma once

#include <string>

#include "recovery/plan.h"
#include "recovery/workspace.h"

namespace pdr {

// Raised whenever a recorded plan would be carried out differently.
inline constexpr int kPlanFormat = 1;

// The tree's and the plan's part of an identity; the rest is the caller's.
Status DescribePlan(const Inventory& inventory, const Plan& plan, Identity& identity);

// One line for each difference, naming it; empty when a plan of `recorded` may be carried out.
// `planned_ms`: when it was recorded; files younger than that are named.
std::string DescribeMismatch(const Identity& recorded, const Identity& now,
                             const Inventory& inventory, int64_t planned_ms);

// The same for a run that is under way, whose Tier-2 has changed by its own hand: another cluster,
// or a tree that does not hold this run's directory. An error when that cannot be looked at.
StatusOr<std::string> DescribeOtherTarget(const Identity& recorded, const std::string& cluster_name,
                                          const std::string& root, const Disk& disk);

}  // namespace pdr

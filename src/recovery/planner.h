// The planner: Evidence -> Plan. Pure: no clock, no disk, no network.
#pragma once

#include "base/status.h"
#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "tier2/inventory.h"

namespace pdr {

struct PlanOptions {
  bool forget_writers = false;  // drop writer event numbers: prefer duplicates to loss (H12)
};

StatusOr<Plan> MakePlan(const Inventory& inventory, const Evidence& evidence,
                        const PlanOptions& options);

}  // namespace pdr

// The planner: Evidence -> Plan. Pure: no clock, no disk, no network.
#pragma once

#include "base/status.h"
#include "format/controller_nodes.h"
#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "tier2/inventory.h"

namespace pdr {

struct PlanOptions {
  bool forget_writers = false;  // drop writer event numbers: prefer duplicates to loss (H12)
  bool abort_open_transactions = false;  // instead of leaving them to their writers and time
  // As the controller is configured.
  int retention_buckets = kDefaultRetentionBuckets;
  int watermark_buckets = kDefaultWatermarkBuckets;
};

StatusOr<Plan> MakePlan(const Inventory& inventory, const Evidence& evidence,
                        const PlanOptions& options);

}  // namespace pdr

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
  // How long an acknowledged write may have stayed in Tier-1 only: Pravega's own setting.
  int64_t flush_interval_ms = 30000;
  bool abort_open_transactions = false;  // instead of leaving them to their writers and time
  // As the controller is configured.
  int retention_buckets = kDefaultRetentionBuckets;
  int watermark_buckets = kDefaultWatermarkBuckets;
};

// The plan does not depend on how many threads make it. It takes over what it keeps of the
// evidence.
StatusOr<Plan> MakePlan(const Inventory& inventory, Evidence evidence, const PlanOptions& options,
                        size_t threads = 1);

}  // namespace pdr

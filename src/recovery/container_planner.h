// The plan of one container. docs/formats/recovery-semantics.md section 4.
#pragma once

#include <string>
#include <vector>

#include "recovery/controller_work.h"
#include "recovery/evidence.h"
#include "recovery/losses.h"
#include "recovery/plan.h"
#include "recovery/planner.h"
#include "tier2/inventory.h"

namespace pdr {

// What the whole of Tier-2 and the controller's tables say about one container.
struct Brief {
  std::vector<std::string> expected;          // segments
  std::vector<const InventoryFile*> headers;  // rolling
  std::vector<std::string> unreferenced;      // chunk files
};

struct PlannedContainer {
  ContainerPlan plan;
  std::vector<Anomaly> anomalies;
  std::vector<Loss> losses;
  bool written_after_flush = false;
};

// What all containers are planned from.
struct ClusterFacts {
  const Inventory& inventory;
  const Evidence& evidence;  // whose containers are elsewhere meanwhile
  const ControllerWork& work;
  const Reached& reached;
  const PlanOptions& options;
};

// With what Tier-2 says of it; what the new image keeps of its storage records is taken out of
// them.
PlannedContainer PlanContainer(const ClusterFacts& facts, const Brief& brief,
                               GatheredContainer& container);

}  // namespace pdr

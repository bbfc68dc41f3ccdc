// What must hold before anything is changed. docs/formats/recovery-semantics.md H34-H36,
// zookeeper-layout.md section 3.
#pragma once

#include <cstdint>
#include <string>

#include "base/progress.h"
#include "base/status.h"
#include "tier1/tier1.h"
#include "tier2/inventory.h"

namespace pdr {

// FailedPrecondition, naming them, when segment stores or controllers are registered.
Status CheckNoStores(Tier1& tier1);
Status CheckNoControllers(Tier1& tier1);
Status CheckNobodyLive(Tier1& tier1);

// FailedPrecondition, naming it, when any container already has a log: not a total loss.
Status CheckTier1Empty(Tier1& tier1, int container_count);

// How many of the containers have a log.
StatusOr<int> CountLogs(Tier1& tier1, int container_count);

// When Tier-2 was last written to, outside the tool's own directory. Stands in what is built for
// the present time, so that the same tree always gives the same bytes.
int64_t NewestMillis(const Inventory& inventory);

// Over path, size, mode and time of every file outside the tool's own directory; hex.
std::string Fingerprint(const Inventory& inventory);

// The first few differences between two looks at Tier-2, one per line; empty = none.
std::string DescribeChanges(const Inventory& before, const Inventory& after);

}  // namespace pdr

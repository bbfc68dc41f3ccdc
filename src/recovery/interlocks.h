// What must hold before anything is changed. docs/formats/recovery-semantics.md H34-H36,
// zookeeper-layout.md section 3.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/progress.h"
#include "base/status.h"
#include "tier1/tier1.h"
#include "tier2/inventory.h"

namespace pdr {

// FailedPrecondition, naming them, when segment stores or controllers are registered.
Status CheckNobodyLive(Tier1& tier1);

// FailedPrecondition, naming it, when any container already has a log: not a total loss.
Status CheckTier1Empty(Tier1& tier1, int container_count);

// Holds <namespace>/pravega-dr-lock as an ephemeral node while it lives.
class RunLock {
 public:
  // Waits up to the session timeout for the node of a killed run to vanish; then
  // FailedPrecondition.
  static StatusOr<std::unique_ptr<RunLock>> Acquire(Tier1& tier1, const std::string& run_id,
                                                    const Clock& clock);
  ~RunLock();

 private:
  RunLock(Tier1& tier1, std::string path) : tier1_(tier1), path_(std::move(path)) {}
  Tier1& tier1_;
  std::string path_;
};

// Over path, size, mode and time of every file outside the tool's own directory; hex.
std::string Fingerprint(const Inventory& inventory);

// The first few differences between two looks at Tier-2, one per line; empty = none.
std::string DescribeChanges(const Inventory& before, const Inventory& after);

}  // namespace pdr

// Who may write: the lock of a running program, and the mark of the run a Tier-1 belongs to.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "tier1/tier1.h"

namespace pdr {

// <namespace>/pravega-dr-lock, an ephemeral node: it ends with the ZooKeeper session. A session can
// end while this program is stopped or cut off, so holding it is proven again before every effect.
class RunLock {
 public:
  // Waits up to the session timeout for the node of a killed run to vanish; then
  // FailedPrecondition.
  static StatusOr<std::unique_ptr<RunLock>> Take(Tier1& tier1, const std::string& run_id,
                                                 const Clock& clock);
  // Waits in the same way for somebody else's to vanish, without taking it.
  static Status AwaitNone(Tier1& tier1, const Clock& clock);

  // Unavailable once the lock is lost, and ever after. Asks ZooKeeper when the last proof is older
  // than a quarter of the session timeout: for so long a session that answered cannot have ended.
  // Thread-safe.
  Status StillHeld();

 protected:
  RunLock(Tier1& tier1, const Clock& clock, std::string path, std::string holder);

  Tier1& tier1_;
  const Clock& clock_;
  const std::string path_;
  const std::string holder_;  // the node's data: which run, which process, since when
  std::atomic<int64_t> proven_ms_;
  std::atomic<bool> lost_ = false;
};

// Tries until the outcome is not FailedPrecondition, for as long as the ephemeral nodes of somebody
// who was killed may stay.
Status AwaitVanished(Tier1& tier1, const Clock& clock, const std::function<Status()>& attempt);

// <namespace>/pravega-dr-run, a persistent node with the id of the run that fills this Tier-1. Log
// records carry no owner, so that without it two runs with equal epochs would take each other's
// logs for their own.
std::string RunMarkPath(const Tier1Config& config);
StatusOr<std::optional<std::string>> ReadRunMark(Tier1& tier1);
// FailedPrecondition when the mark is another run's.
Status SetRunMark(Tier1& tier1, const std::string& run_id);
// FailedPrecondition unless the mark is this run's: another Tier-1 than the one it began on.
Status CheckRunMark(Tier1& tier1, const std::string& run_id);
// Takes away the mark of this run; one that is not there is fine.
Status RemoveRunMark(Tier1& tier1, const std::string& run_id);

}  // namespace pdr

#include "recovery/run_lock.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace pdr {
namespace {

constexpr int64_t kLockPollMillis = 500;
constexpr int64_t kLockGraceMillis = 5000;  // on top of the session timeout

// For whoever finds the lock taken.
std::string Holder(const std::string& run_id, int64_t now_ms) {
  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return fmt::format("run {}, process {} on {}, since {} ms", run_id, getpid(), host.data(),
                     now_ms);
}

std::string LockPath(const Tier1& tier1) { return tier1.config.Namespace() + "/pravega-dr-lock"; }

Status CheckFree(Tier1& tier1, const std::string& path) {
  StatusOr<Node> other = tier1.metadata->Get(path);
  if (absl::IsNotFound(other.status())) return OkStatus();
  RETURN_IF_ERROR(other.status());
  return FailedPrecondition("another pravega-dr is at work on this cluster: {} holds {}",
                            other->data, path);
}

Status OtherRun(Tier1& tier1, const std::string& found) {
  return FailedPrecondition(
      "this Tier-1 belongs to run {} ({}): resume it or undo it with its own workspace; if that is "
      "lost, start again with an empty ZooKeeper and BookKeeper",
      found, RunMarkPath(tier1.config));
}

}  // namespace

RunLock::RunLock(Tier1& tier1, const Clock& clock, std::string path, std::string holder)
    : tier1_(tier1),
      clock_(clock),
      path_(std::move(path)),
      holder_(std::move(holder)),
      proven_ms_(clock.NowMillis()) {}

Status AwaitVanished(Tier1& tier1, const Clock& clock, const std::function<Status()>& attempt) {
  const int64_t deadline =
      clock.NowMillis() + tier1.config.zk_session_timeout_ms + kLockGraceMillis;
  while (true) {
    Status status = attempt();
    if (!absl::IsFailedPrecondition(status) || clock.NowMillis() >= deadline) return status;
    clock.SleepMillis(kLockPollMillis);
  }
}

StatusOr<std::unique_ptr<RunLock>> RunLock::Take(Tier1& tier1, const std::string& run_id,
                                                 const Clock& clock) {
  const std::string path = LockPath(tier1);
  std::unique_ptr<RunLock> lock;
  RETURN_IF_ERROR(AwaitVanished(tier1, clock, [&]() -> Status {
    lock.reset(new RunLock(tier1, clock, path, Holder(run_id, clock.NowMillis())));
    Status created = tier1.metadata->Create(path, lock->holder_, /*ephemeral=*/true);
    if (!absl::IsAlreadyExists(created)) return created;
    Status taken = CheckFree(tier1, path);
    return taken.ok() ? FailedPrecondition("{} went away just now; run again", path) : taken;
  }));
  return lock;
}

Status RunLock::AwaitNone(Tier1& tier1, const Clock& clock) {
  return AwaitVanished(tier1, clock, [&] { return CheckFree(tier1, LockPath(tier1)); });
}

Status RunLock::StillHeld() {
  if (!lost_) {
    const int64_t now = clock_.NowMillis();
    const int64_t age = now - proven_ms_;
    if (age >= 0 && age < tier1_.config.zk_session_timeout_ms / 4) return OkStatus();
    StatusOr<Node> node = tier1_.metadata->Get(path_);
    if (node.ok() && node->data == holder_) {
      proven_ms_ = now;
      return OkStatus();
    }
    lost_ = true;
  }
  return Unavailable(
      "the lock {} is lost: the ZooKeeper session has ended (was this program stopped, or cut off "
      "from ZooKeeper, for more than {} ms?). Nothing was written since; run again",
      path_, tier1_.config.zk_session_timeout_ms);
}

std::string RunMarkPath(const Tier1Config& config) {
  return config.Namespace() + "/pravega-dr-run";
}

StatusOr<std::optional<std::string>> ReadRunMark(Tier1& tier1) {
  StatusOr<Node> node = tier1.metadata->Get(RunMarkPath(tier1.config));
  if (absl::IsNotFound(node.status())) return std::optional<std::string>();
  RETURN_IF_ERROR(node.status());
  return std::optional(std::move(node->data));
}

Status SetRunMark(Tier1& tier1, const std::string& run_id) {
  Status created = tier1.metadata->Create(RunMarkPath(tier1.config), run_id, /*ephemeral=*/false);
  if (created.ok()) return created;
  // An interrupted or unacknowledged create of the same mark is a success.
  ASSIGN_OR_RETURN(std::optional<std::string> found, ReadRunMark(tier1));
  if (!found) return created;
  return *found == run_id ? OkStatus() : OtherRun(tier1, *found);
}

Status CheckRunMark(Tier1& tier1, const std::string& run_id) {
  ASSIGN_OR_RETURN(std::optional<std::string> found, ReadRunMark(tier1));
  if (!found) {
    return FailedPrecondition(
        "run {} has begun to fill a Tier-1, but not this one ({} is not there): check the "
        "ZooKeeper address and the cluster name",
        run_id, RunMarkPath(tier1.config));
  }
  return *found == run_id ? OkStatus() : OtherRun(tier1, *found);
}

Status RemoveRunMark(Tier1& tier1, const std::string& run_id) {
  ASSIGN_OR_RETURN(std::optional<std::string> found, ReadRunMark(tier1));
  if (!found) return OkStatus();
  if (*found != run_id) return OtherRun(tier1, *found);
  Status deleted = tier1.metadata->Delete(RunMarkPath(tier1.config), /*expected_version=*/-1);
  return absl::IsNotFound(deleted) ? OkStatus() : deleted;
}

}  // namespace pdr

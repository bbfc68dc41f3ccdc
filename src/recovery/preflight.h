// Everything that would stop a run, looked for before it begins and told all at once.
// docs/preflight.md lists the codes.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "recovery/plan.h"
#include "recovery/workspace.h"
#include "tier1/bookkeeper/ask_bookies.h"
#include "tier1/tier1.h"
#include "tier2/disk.h"
#include "tier2/disk_limits.h"

namespace pdr {

struct Obstacle {
  std::string code;
  Status status;  // what, where, what to do; its code leads to the exit code
};

// Those that can be a misjudgement, and go on when they are allowed.
inline constexpr std::array<std::string_view, 5> kAllowableObstacles = {
    "foreign-ledgers", "clock-behind", "bookie-space", "tier2-space", "workspace-space"};

class Preflight {
 public:
  // The allowable ones are left out when their code is in `allow`.
  explicit Preflight(const std::set<std::string>& allow) : allow_(allow) {}

  // Whether ZooKeeper and enough bookies answer, and nobody else uses them: no live servers, no
  // logs, no ledgers, no other run.
  void LookAtServers(Tier1& tier1);
  void LookAtLogs(Tier1& tier1, int container_count);
  void LookAtBookies(Tier1& tier1, const StatusOr<std::vector<BookieState>>& bookies,
                     uint64_t need_bytes);
  // Permissions, space and the clock. Changes nothing but for a trial below the own directory,
  // which is removed.
  void LookAtTier2(Disk& disk, const DiskLimits* limits, const Inventory& inventory,
                   const Plan& plan, int64_t now_ms);
  void LookAtWorkspace(const StatusOr<uint64_t>& free_bytes, const Plan& plan);

  void Add(std::string_view code, const Status& status);  // OK adds nothing
  void AddUnplanned(const Status& status);                // why there is no plan
  const std::vector<Obstacle>& found() const { return found_; }

 private:
  void AddUnlessAllowed(std::string_view code, const Status& status);

  const std::set<std::string>& allow_;
  std::vector<Obstacle> found_;
};

// What a run will write; estimates on the safe side.
uint64_t BytesForTier2(const Plan& plan);
uint64_t BytesForWorkspace(const Plan& plan);
uint64_t BytesForBookies(const Plan& plan);

// The exit code follows the gravest: something is live or in use, then Tier-2, then what cannot be
// reached. OK when there are none.
Status GravestOf(const std::vector<Obstacle>& obstacles);

}  // namespace pdr

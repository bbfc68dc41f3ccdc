// The whole recovery, from scan to the last compare-and-set; planning alone; and undo. Up to the
// manifest it is in recover_prepare.cc, from there on in recover.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/status.h"
#include "recovery/gather.h"
#include "recovery/plan.h"
#include "recovery/planner.h"
#include "recovery/preflight.h"
#include "recovery/run_lock.h"
#include "recovery/run_progress.h"
#include "recovery/workspace.h"
#include "tier1/bookkeeper/ask_bookies.h"
#include "tier1/tier1.h"
#include "tier2/disk.h"
#include "tier2/disk_limits.h"
#include "verify/verify.h"

namespace pdr {

struct RecoverOptions {
  std::string root;                    // its real path
  std::string config_file;             // likewise
  std::vector<std::string> settings;   // KEY=VALUE of the command line, for the records
  std::string run_id;                  // of a new run; a resumed one keeps its own
  bool new_run_id = false;             // even for a plan that was recorded with another one
  std::optional<int> container_count;  // configured: must agree with what Tier-2 says
  std::optional<Layout> layout;        // configured: likewise
  std::set<std::string> allow;         // anomaly codes the user accepts
  GatherOptions gather;
  PlanOptions plan;
  size_t threads = 2;
  bool rehearsal = false;
  int64_t quiet_window_ms = 30000;  // Tier-2 must not have been written to for so long
  // What only a real target has; none are asked when these are empty.
  const DiskLimits* limits = nullptr;                                     // of Tier-2
  std::function<StatusOr<std::vector<BookieState>>()> ask_bookies = [] {  // of Tier-1
    return std::vector<BookieState>();
  };
  ContainerWatch* watch = nullptr;
  // Called when everything is verified and only enabling the logs is left; may wait.
  std::function<void()> before_enable = [] {};
};

// A plan with what it was made from.
struct PlannedRun {
  Inventory inventory;
  Plan plan;
  Identity identity;
};

// Plans from what was gathered, wherever that was.
StatusOr<PlannedRun> PlanFrom(Inventory inventory, Evidence evidence,
                              const std::string& cluster_name, const RecoverOptions& options);

// Scans, gathers and plans. Changes nothing.
StatusOr<PlannedRun> PlanRun(const Disk& disk, const std::string& cluster_name,
                             const RecoverOptions& options, Progress& progress);

// The anomaly codes of the plan that need --allow and were not allowed.
std::set<std::string> NotAllowed(const WholePlan& plan, const std::set<std::string>& allow);

enum class RecoverOutcome {
  kDone,          // verified, nothing lost
  kDoneWithLoss,  // verified, with recorded loss
  kNeedsAllow,    // nothing written
  kPlanChanged,   // the recorded plan no longer matches; nothing written
  kVerifyFailed,  // files and logs are in place, logs stay disabled
  kAlreadyDone,   // this workspace's run is complete
  kNothingToDo,   // Tier-1 is complete and boots; nothing written
  kObstacles,     // what stands in the way is in `obstacles`; nothing written
};

struct RecoverResult {
  RecoverOutcome outcome = RecoverOutcome::kDone;
  std::string explanation;  // for kPlanChanged
  std::set<std::string> not_allowed;
  std::vector<Obstacle> obstacles;
  VerifyReport verify;
  size_t file_steps = 0;  // of the commit
  bool resumed = false;
};

// The same when no Tier-1 could be opened: that, and what else is in the way.
std::vector<Obstacle> ObstaclesWithoutTier1(const Status& tier1, Disk& disk, Workspace& workspace,
                                            const RecoverOptions& options, const Clock& clock);

// kPlanChanged, saying how, when the workspace holds a plan that `identity` is not. `inventory`: to
// name the files that changed since.
StatusOr<std::optional<RecoverResult>> CompareWithRecorded(Workspace& workspace,
                                                           const Identity& identity,
                                                           const Inventory& inventory);

// How the workspace's run differs from the target that was given; empty when it is the same.
StatusOr<std::string> OtherTarget(Workspace& workspace, const Tier1& tier1,
                                  const RecoverOptions& options, const Disk& disk);

class RecoverRun {
 public:
  RecoverRun(Disk& disk, Tier1& tier1, Workspace& workspace, const RecoverOptions& options,
             const Clock& clock, Progress& progress)
      : disk_(disk),
        tier1_(tier1),
        workspace_(workspace),
        options_(options),
        clock_(clock),
        progress_(progress) {}

  // Resumes the workspace's run if there is one, otherwise plans (comparing with the recorded plan)
  // and carries the plan out. `confirm` is asked once, with the plan, before anything is written.
  using Confirm = std::function<bool(const PlannedRun&)>;
  StatusOr<RecoverResult> Run(const Confirm& confirm);
  // Only the part of it that looks and asks. Nothing: `run` is recorded and may be carried out now.
  // `made`: the plan, when it is made already.
  StatusOr<std::optional<RecoverResult>> PlanAndConfirm(const Confirm& confirm, PlannedRun& run,
                                                        std::optional<PlannedRun> made = {});
  Status Undo();
  // True once a step that others can see was attempted: an error then means "partly done".
  bool effects_begun() const { return effects_begun_; }

 private:
  StatusOr<std::optional<RecoverResult>> Prepare(const Confirm& confirm);
  Status TakeOverRunId(PlannedRun& run);
  StatusOr<std::optional<RecoverResult>> NothingToDo(const PlannedRun& run);
  Status AwaitQuiet(const PlannedRun& run);
  // All that is in the way of this plan, or of making one.
  std::vector<Obstacle> LookForObstacles(const StatusOr<PlannedRun>& run);
  Status Build(const PlannedRun& run);
  Status StillUnchanged();
  StatusOr<RecoverResult> CarryOut(Phase from);
  Status Step(Phase& at, Phase to, const std::function<Status()>& work);
  Status TakeLock(const std::string& run_id);
  StatusOr<std::optional<Phase>> LearnOfSharedRun();

  Disk& disk_;
  Tier1& tier1_;
  Workspace& workspace_;
  const RecoverOptions& options_;
  const Clock& clock_;
  Progress& progress_;
  std::unique_ptr<RunLock> lock_;
  bool effects_begun_ = false;
};

}  // namespace pdr

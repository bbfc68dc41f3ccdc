// One host of a recovery that several hosts share. docs/decisions/0011-shared-recovery.md.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "recovery/recover.h"
#include "recovery/share_board.h"
#include "recovery/share_claims.h"
#include "recovery/share_gather.h"
#include "recovery/share_records.h"

namespace pdr {

class ShareRun {
 public:
  // `host` names this process and no other; so does options.run_id, should this host plan.
  ShareRun(Disk& disk, Tier1& tier1, Workspace& workspace, const RecoverOptions& options,
           std::string host, const Clock& clock, Progress& progress)
      : disk_(disk),
        tier1_(tier1),
        workspace_(workspace),
        options_(options),
        clock_(clock),
        progress_(progress),
        claims_(tier1, std::move(host), clock),
        board_(tier1),
        gather_(disk, tier1, options_, claims_, progress) {}

  // Takes part until the run is done, whoever does what. Plans first if nobody has; `confirm` is
  // asked only then, once.
  StatusOr<RecoverResult> Run(const RecoverRun::Confirm& confirm);
  bool effects_begun() const { return effects_begun_; }

 private:
  // Until there is a run to work on (then nothing is returned), or a reason to stop.
  StatusOr<std::optional<RecoverResult>> Enter(const RecoverRun::Confirm& confirm);
  StatusOr<std::optional<RecoverResult>> Begin(Claim& lead, const RecoverRun::Confirm& confirm);
  StatusOr<bool> GatherStep(const Board& board);
  Status GatherAnew(Claim& lead, const Board& board, const Status& why);
  StatusOr<std::optional<RecoverResult>> PlanGathered(Claim& lead, const Board& board,
                                                      const RecoverRun::Confirm& confirm);
  StatusOr<std::optional<RecoverResult>> PlanForAll(Claim& lead, const RecoverRun::Confirm& confirm,
                                                    std::optional<PlannedRun> made);
  Status Publish(Claim& lead, const PlannedRun& planned);
  StatusOr<bool> TakeUp(Claim& lead);
  Status BeginToBuild(const std::string& run_id);
  StatusOr<bool> EndedBefore() const;
  StatusOr<std::optional<RecoverResult>> Follow(const std::string& run_id);
  StatusOr<std::string> RecordedRun() const;
  StatusOr<RecoverResult> Finish();

  Disk& disk_;
  Tier1& tier1_;
  Workspace& workspace_;
  const RecoverOptions& options_;
  const Clock& clock_;
  Progress& progress_;
  ShareClaims claims_;
  ShareBoard board_;
  ShareGather gather_;
  SharedRun run_;
  bool planned_here_ = false;
  // What was gathered together was of no use: the next look is one host's.
  bool plan_alone_ = false;
  bool effects_begun_ = false;
};

// The narrow hooks of a recovery by one host alone, and of undo.

// FailedPrecondition when a shared run was begun and has not ended.
Status CheckNoSharedRun(const Disk& disk);
// FailedPrecondition when the run that is published on the mount has no board in this ZooKeeper.
Status CheckBelongsHere(Tier1& tier1, const std::string& run_id);
// For an undo on a host that took no part. True when all of the run is built: the workspace then
// holds it, as if this host had taken part. Before that, nothing is changed that others can see.
StatusOr<bool> AdoptSharedRun(const Disk& disk, Tier1& tier1, const std::string& run_id,
                              Workspace& workspace, const RecoverOptions& options,
                              const Clock& clock);
// From here on no host goes on with it; one that is not shared, or has ended, is fine.
Status StopSharedRun(Tier1& tier1, const std::string& run_id);
// After its undo: if `run_id` is the shared run that was under way, it is so no longer.
Status ForgetSharedRun(Disk& disk, Tier1& tier1, const std::string& run_id);

// The run's identity as this host's workspace records it.
Identity OwnIdentity(const SharedRun& run, const RecoverOptions& options);

}  // namespace pdr

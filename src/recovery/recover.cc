#include "recovery/recover.h"

#include "recovery/commit.h"
#include "recovery/guarded_disk.h"
#include "recovery/interlocks.h"
#include "recovery/run_directory.h"
#include "recovery/run_identity.h"
#include "recovery/share_files.h"
#include "recovery/share_run.h"

namespace pdr {

StatusOr<std::string> OtherTarget(Workspace& workspace, const Tier1& tier1,
                                  const RecoverOptions& options, const Disk& disk) {
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace.LoadIdentity());
  if (!recorded) return Internal("workspace {}: a run without identity", workspace.directory());
  return DescribeOtherTarget(*recorded, tier1.config.cluster_name, options.root, disk);
}

StatusOr<RecoverResult> RecoverRun::Run(const Confirm& confirm) {
  ASSIGN_OR_RETURN(Phase phase, workspace_.GetPhase());
  if (phase == Phase::kUndoing) {
    return FailedPrecondition("dr undo has begun in {} and was interrupted; run dr undo again",
                              workspace_.directory());
  }
  if (HoldsRun(phase)) {
    ASSIGN_OR_RETURN(std::string other, OtherTarget(workspace_, tier1_, options_, disk_));
    if (!other.empty()) {
      RecoverResult result;
      result.outcome = RecoverOutcome::kPlanChanged;
      result.explanation = std::move(other);
      return result;
    }
  }
  if (phase == Phase::kDone) {
    RecoverResult result;
    result.outcome = RecoverOutcome::kAlreadyDone;
    return result;
  }
  RETURN_IF_ERROR(CheckNoSharedRun(disk_));
  // Once the logs are reserved, a segment store that is started waits for them without writing.
  if (phase == Phase::kBuilt) RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  if (!HoldsRun(phase)) {
    ASSIGN_OR_RETURN(std::optional<RecoverResult> stop, Prepare(confirm));
    if (stop) return *stop;
    phase = Phase::kBuilt;
  }
  return CarryOut(phase);
}

Status RecoverRun::TakeLock(const std::string& run_id) {
  if (lock_ != nullptr) return lock_->StillHeld();
  ASSIGN_OR_RETURN(lock_, RunLock::Take(tier1_, run_id, clock_));
  return CheckNobodyShares(tier1_, clock_);
}

Status RecoverRun::Step(Phase& at, Phase to, const std::function<Status()>& work) {
  if (at >= to) return OkStatus();
  RETURN_IF_ERROR(work());
  at = to;
  return workspace_.SetPhase(to, clock_.NowMillis());
}

// The last look before originals are moved, however long ago they were read (H35).
Status RecoverRun::StillUnchanged() {
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace_.LoadIdentity());
  ASSIGN_OR_RETURN(Inventory now, ScanTier2(disk_, Progress::Silent()));
  if (recorded && recorded->root_fingerprint == Fingerprint(now)) return OkStatus();
  return FailedPrecondition(
      "Tier-2 has changed since it was read. Originals have not been moved; find out who writes "
      "there, stop it, take this run back with dr undo, and plan again");
}

StatusOr<RecoverResult> RecoverRun::CarryOut(Phase at) {
  RecoverResult result;
  result.resumed = at > Phase::kBuilt;
  ASSIGN_OR_RETURN(Manifest manifest, workspace_.LoadManifest());
  for (const ContainerManifest& c : manifest.containers) result.file_steps += c.steps.size();
  RETURN_IF_ERROR(TakeLock(manifest.run_id));
  if (at > Phase::kBuilt) RETURN_IF_ERROR(CheckRunMark(tier1_, manifest.run_id));
  effects_begun_ = true;
  Committer commit(disk_, tier1_, *lock_, manifest, options_.threads, progress_, options_.watch);
  RETURN_IF_ERROR(Step(at, Phase::kReserved, [&] { return commit.Reserve(); }));
  RETURN_IF_ERROR(Step(at, Phase::kLogged, [&] { return commit.WriteLogs(); }));
  RETURN_IF_ERROR(Step(at, Phase::kSwapping, [&] { return StillUnchanged(); }));
  RETURN_IF_ERROR(Step(at, Phase::kSwapped, [&] { return commit.SwapFiles(); }));
  if (at < Phase::kVerified) {
    VerifyOptions verify;
    verify.layout = manifest.layout;
    verify.container_count = static_cast<int>(manifest.containers.size());
    verify.threads = options_.threads;
    verify.memory = options_.gather.scratch->at_work();
    verify.logs_still_disabled = true;
    ASSIGN_OR_RETURN(result.verify, VerifyCluster(disk_, tier1_, verify, progress_));
    if (!result.verify.findings.empty()) {
      result.outcome = RecoverOutcome::kVerifyFailed;
      return result;
    }
  }
  RETURN_IF_ERROR(Step(at, Phase::kVerified, [] { return OkStatus(); }));
  options_.before_enable();
  RETURN_IF_ERROR(Step(at, Phase::kDone, [&] { return commit.Enable(); }));
  ASSIGN_OR_RETURN(std::vector<Loss> losses, workspace_.LoadLosses());
  result.outcome = losses.empty() ? RecoverOutcome::kDone : RecoverOutcome::kDoneWithLoss;
  return result;
}

// For an undo on a host whose workspace knows less than the mount. Nothing when that was all there
// was to take back: before all of a shared run is built, nothing is changed.
StatusOr<std::optional<Phase>> RecoverRun::LearnOfSharedRun() {
  ASSIGN_OR_RETURN(Phase phase, workspace_.GetPhase());
  ASSIGN_OR_RETURN(const std::optional<std::string> current, CurrentSharedRun(disk_));
  if (HoldsRun(phase) || !current || options_.rehearsal) return std::optional(phase);
  RETURN_IF_ERROR(TakeLock(*current));
  ASSIGN_OR_RETURN(const bool built,
                   AdoptSharedRun(disk_, tier1_, *current, workspace_, options_, clock_));
  if (built) return std::optional(Phase::kBuilt);
  effects_begun_ = true;
  RETURN_IF_ERROR(StopSharedRun(tier1_, *current));
  GuardedDisk disk(disk_, *lock_);
  RETURN_IF_ERROR(ForgetSharedRun(disk, tier1_, *current));
  RETURN_IF_ERROR(CleanRunDir(disk, *current));
  return std::optional<Phase>();
}

Status RecoverRun::Undo() {
  ASSIGN_OR_RETURN(const std::optional<Phase> learned, LearnOfSharedRun());
  if (!learned) return OkStatus();
  const Phase phase = *learned;
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace_.LoadIdentity());
  if (!recorded) return FailedPrecondition("no run in {} to undo", workspace_.directory());
  if (!HoldsRun(phase)) return CleanRunDir(disk_, recorded->run_id);
  ASSIGN_OR_RETURN(std::string other, OtherTarget(workspace_, tier1_, options_, disk_));
  if (!other.empty()) return FailedPrecondition("this run belongs elsewhere:\n{}", other);
  ASSIGN_OR_RETURN(Manifest manifest, workspace_.LoadManifest());
  RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  RETURN_IF_ERROR(TakeLock(manifest.run_id));
  if (phase >= Phase::kReserved && phase != Phase::kUndoing) {
    RETURN_IF_ERROR(CheckRunMark(tier1_, manifest.run_id));
  }
  Committer commit(disk_, tier1_, *lock_, manifest, options_.threads, progress_, options_.watch);
  RETURN_IF_ERROR(commit.CheckStillOurs());
  effects_begun_ = true;
  if (phase != Phase::kUndoing) {
    RETURN_IF_ERROR(workspace_.SetPhase(Phase::kUndoing, clock_.NowMillis()));
  }
  // No host may go on with what is half taken back.
  RETURN_IF_ERROR(StopSharedRun(tier1_, manifest.run_id));
  RETURN_IF_ERROR(commit.Undo());
  GuardedDisk disk(disk_, *lock_);
  RETURN_IF_ERROR(ForgetSharedRun(disk, tier1_, manifest.run_id));
  // Only once originals are known to be back: with the staged files gone, an original would be
  // taken for an installed file.
  RETURN_IF_ERROR(workspace_.SetPhase(Phase::kUndone, clock_.NowMillis()));
  return CleanRunDir(disk_, manifest.run_id);
}

}  // namespace pdr

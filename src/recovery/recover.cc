#include "recovery/recover.h"

#include "recovery/commit.h"
#include "recovery/interlocks.h"
#include "recovery/run_directory.h"
#include "recovery/run_identity.h"

namespace pdr {

StatusOr<RecoverResult> RecoverRun::Run(const Confirm& confirm) {
  ASSIGN_OR_RETURN(Phase phase, workspace_.GetPhase());
  if (phase == Phase::kUndoing) {
    return FailedPrecondition("dr undo has begun in {} and was interrupted; run dr undo again",
                              workspace_.directory());
  }
  if (HoldsRun(phase)) {
    ASSIGN_OR_RETURN(std::string other, OtherTarget());
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
  // Once the logs are reserved, a segment store that is started waits for them without writing.
  if (phase == Phase::kBuilt) RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  if (!HoldsRun(phase)) {
    ASSIGN_OR_RETURN(std::optional<RecoverResult> stop, Prepare(confirm));
    if (stop) return *stop;
    phase = Phase::kBuilt;
  }
  return CarryOut(phase);
}

StatusOr<std::string> RecoverRun::OtherTarget() {
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace_.LoadIdentity());
  if (!recorded) return Internal("workspace {}: a run without identity", workspace_.directory());
  return DescribeOtherTarget(*recorded, tier1_.config.cluster_name, options_.root, disk_);
}

Status RecoverRun::TakeLock(const std::string& run_id) {
  if (lock_ != nullptr) return lock_->StillHeld();
  ASSIGN_OR_RETURN(lock_, RunLock::Take(tier1_, run_id, clock_));
  return OkStatus();
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

Status RecoverRun::Undo() {
  ASSIGN_OR_RETURN(Phase phase, workspace_.GetPhase());
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace_.LoadIdentity());
  if (!recorded) return FailedPrecondition("no run in {} to undo", workspace_.directory());
  if (!HoldsRun(phase)) return CleanRunDir(disk_, recorded->run_id);
  ASSIGN_OR_RETURN(std::string other, OtherTarget());
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
  RETURN_IF_ERROR(commit.Undo());
  // Only once originals are known to be back: with the staged files gone, an original would be
  // taken for an installed file.
  RETURN_IF_ERROR(workspace_.SetPhase(Phase::kUndone, clock_.NowMillis()));
  return CleanRunDir(disk_, manifest.run_id);
}

}  // namespace pdr

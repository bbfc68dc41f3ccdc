// The tasks of a shared run; how they are handed out is in share_work.cc.
#include "recovery/build.h"
#include "recovery/file_steps.h"
#include "recovery/interlocks.h"
#include "recovery/share_files.h"
#include "recovery/share_load.h"
#include "recovery/share_names.h"
#include "recovery/share_work.h"

namespace pdr {

Status ShareWork::SetState(size_t container, char state) {
  return board_.Update(run_.run_id, [&](Board& board) {
    if (board.states[container] == state) return false;
    board.states[container] = state;
    if (board.stage == ShareStage::kSwap && board.AllAre(kContainerSwapped)) {
      board.stage = ShareStage::kVerify;
    }
    return true;
  });
}

Status ShareWork::Publish(Claim& claim, const std::string& name, std::string_view bytes) {
  GuardedDisk disk(disk_, claim);
  return PublishShareRecord(disk, run_.run_id, name, claim.token(), bytes);
}

Status ShareWork::Build(size_t container, Claim& claim) {
  GuardedDisk disk(disk_, claim);
  ASSIGN_OR_RETURN(const std::string bytes,
                   LoadShareRecord(disk_, run_.run_id, PlanRecord(container)));
  ASSIGN_OR_RETURN(const ContainerPlan plan, ContainerPlanCodec::Decode(bytes, container));
  // A build that was given up, or is still under way on a host that was paused, has another
  // token.
  const BuildOptions build{run_.layout(), run_.epoch, run_.run_id, run_.last_modified_ms,
                           fmt::format("{}/{}", StagingDir(run_.run_id), claim.token())};
  ASSIGN_OR_RETURN(const ContainerManifest manifest, BuildContainer(disk, plan, build));
  RETURN_IF_ERROR(Publish(claim, ManifestRecord(container), EncodeContainerManifest(manifest)));
  return SetState(container, kContainerBuilt);
}

Status ShareWork::CheckUnchanged() {
  ASSIGN_OR_RETURN(const Inventory now, ScanTier2(disk_, Progress::Silent()));
  if (Fingerprint(now) == run_.identity.root_fingerprint) return OkStatus();
  return FailedPrecondition(
      "Tier-2 has changed since run {} was planned. Originals have not been moved; find out who "
      "writes there, stop it, take the run back with dr undo, and begin again",
      run_.run_id);
}

// The barrier before the first change that others can see.
Status ShareWork::Reserve(const Board& /*board*/, Claim& claim) {
  RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  RETURN_IF_ERROR(CheckUnchanged());
  effects_begun_ = true;
  Committer commit(disk_, tier1_, claim, outline_, options_.threads, Progress::Silent());
  RETURN_IF_ERROR(commit.Reserve());
  return MoveOn(ShareStage::kBuild, ShareStage::kLog);
}

Status ShareWork::WriteLog(size_t container, Claim& claim) {
  ASSIGN_OR_RETURN(const ContainerManifest manifest,
                   LoadSharedManifest(disk_, run_.run_id, container));
  Committer commit(disk_, tier1_, claim, outline_, 1, Progress::Silent());
  RETURN_IF_ERROR(claim.StillHeld());
  RETURN_IF_ERROR(commit.WriteLog(manifest));
  return SetState(container, kContainerLogged);
}

// The last look before originals are moved: a zombie segment store writes without asking (H35).
Status ShareWork::LookAgain(const Board& /*board*/, Claim& /*claim*/) {
  RETURN_IF_ERROR(CheckUnchanged());
  return MoveOn(ShareStage::kLog, ShareStage::kSwap);
}

Status ShareWork::Swap(size_t container, Claim& claim) {
  GuardedDisk disk(disk_, claim);
  ASSIGN_OR_RETURN(const ContainerManifest manifest,
                   LoadSharedManifest(disk_, run_.run_id, container));
  RETURN_IF_ERROR(DoFileSteps(disk, manifest.steps));
  return SetState(container, kContainerSwapped);
}

Status ShareWork::MoveOn(ShareStage from, ShareStage to) {
  return board_.Update(run_.run_id, [from, to](Board& board) {
    if (board.stage != from) return false;
    board.stage = to;
    return true;
  });
}

Status ShareWork::Verify(size_t container, Claim& claim) {
  const verify::ClusterVerifier* verifier = nullptr;
  {
    // Nothing is renamed any more, so that one walk over the names serves all containers.
    const std::lock_guard lock(mutex_);
    if (!verifier_) {
      ASSIGN_OR_RETURN(verifier_, verify::ClusterVerifier::Open(disk_, tier1_, verify_options_));
    }
    verifier = &*verifier_;
  }
  ASSIGN_OR_RETURN(verify::ContainerOutcome outcome,
                   verifier->Judge(static_cast<int>(container), workers_.each));
  if (!outcome.report.findings.empty()) {
    NoteFailure(container, std::move(outcome.report));
    return SetState(container, kContainerFailed);
  }
  RETURN_IF_ERROR(Publish(claim, OutcomeRecord(container), EncodeContainerOutcome(outcome)));
  return SetState(container, kContainerVerified);
}

Status ShareWork::JudgeWhole(Claim& claim) {
  std::vector<verify::ContainerOutcome> outcomes(run_.container_count());
  for (size_t c = 0; c < outcomes.size(); ++c) {
    ASSIGN_OR_RETURN(const std::string bytes,
                     LoadShareRecord(disk_, run_.run_id, OutcomeRecord(c)));
    ASSIGN_OR_RETURN(outcomes[c], DecodeContainerOutcome(bytes));
  }
  ASSIGN_OR_RETURN(const auto verifier,
                   verify::ClusterVerifier::Open(disk_, tier1_, verify_options_));
  verify::ContainerOutcome whole;
  ASSIGN_OR_RETURN(whole.report, verifier.Sum(std::move(outcomes)));
  if (!whole.report.findings.empty()) {
    const std::lock_guard lock(mutex_);
    whole_failed_ = true;
    failed_ = std::move(whole.report);
    return OkStatus();
  }
  return Publish(claim, kReportRecord, EncodeContainerOutcome(whole));
}

Status ShareWork::Enable(const Board& board, Claim& claim) {
  Committer commit(disk_, tier1_, claim, outline_, options_.threads, Progress::Silent());
  if (board.stage != ShareStage::kEnable) {
    RETURN_IF_ERROR(JudgeWhole(claim));
    {
      const std::lock_guard lock(mutex_);
      if (whole_failed_) return OkStatus();
    }
    RETURN_IF_ERROR(commit.DropOrphanLedgers());
    options_.before_enable();
    RETURN_IF_ERROR(MoveOn(ShareStage::kVerify, ShareStage::kEnable));
  }
  RETURN_IF_ERROR(commit.Enable());
  GuardedDisk disk(disk_, claim);
  RETURN_IF_ERROR(RemoveGatherings(disk));  // of a host that died before it could
  RETURN_IF_ERROR(RetireSharedRun(disk, run_.run_id, ShareEnd::kFinished));
  return board_.Remove(run_.run_id);
}

}  // namespace pdr

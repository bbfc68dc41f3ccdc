#include "recovery/share_run.h"

#include "recovery/build.h"
#include "recovery/guarded_disk.h"
#include "recovery/interlocks.h"
#include "recovery/share_files.h"
#include "recovery/share_load.h"
#include "recovery/share_names.h"
#include "recovery/share_work.h"

namespace pdr {
namespace {

// Something to take part in.
bool IsUnderWay(const Board& board) {
  return board.stage > ShareStage::kPublish && board.stage != ShareStage::kUndo;
}

bool IsGathering(const Board& board) { return board.stage < ShareStage::kPlan; }

}  // namespace

StatusOr<RecoverResult> ShareRun::Run(const RecoverRun::Confirm& confirm) {
  ASSIGN_OR_RETURN(const Phase phase, workspace_.GetPhase());
  if (HoldsRun(phase)) {
    RecoverResult result;
    result.outcome = RecoverOutcome::kPlanChanged;
    ASSIGN_OR_RETURN(result.explanation, OtherTarget(workspace_, tier1_, options_, disk_));
    if (!result.explanation.empty()) return result;
  }
  if (phase == Phase::kDone) {
    RecoverResult result;
    result.outcome = RecoverOutcome::kAlreadyDone;
    return result;
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Claim> member, claims_.Join());
  ASSIGN_OR_RETURN(std::optional<RecoverResult> stop, Enter(confirm));
  if (stop) return *stop;
  ShareWork work(disk_, tier1_, workspace_, options_, run_, claims_, clock_, progress_);
  Status worked = work.Run();
  effects_begun_ = effects_begun_ || work.effects_begun();
  RETURN_IF_ERROR(worked);
  if (!work.failed().findings.empty()) {
    RecoverResult result;
    result.outcome = RecoverOutcome::kVerifyFailed;
    result.resumed = true;
    result.verify = work.failed();
    return result;
  }
  return Finish();
}

StatusOr<std::optional<RecoverResult>> ShareRun::Enter(const RecoverRun::Confirm& confirm) {
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<Board> board, board_.Load());
    if (board && IsUnderWay(*board)) return Follow(board->run_id);
    if (board && IsGathering(*board)) {
      ASSIGN_OR_RETURN(const bool did, GatherStep(*board));
      if (!did) clock_.SleepMillis(kSharePollMillis);
      continue;
    }
    ASSIGN_OR_RETURN(const std::unique_ptr<Claim> lead, claims_.Take(kLeadClaim));
    if (lead == nullptr) {
      clock_.SleepMillis(kSharePollMillis);
      continue;
    }
    ASSIGN_OR_RETURN(std::optional<RecoverResult> stop, Begin(*lead, confirm));
    if (stop) return stop;
  }
}

// Under the lead claim, so that nobody else begins anything.
StatusOr<std::optional<RecoverResult>> ShareRun::Begin(Claim& lead,
                                                       const RecoverRun::Confirm& confirm) {
  ASSIGN_OR_RETURN(const bool under_way, TakeUp(lead));
  if (under_way) return std::optional<RecoverResult>();
  ASSIGN_OR_RETURN(const bool ended, EndedBefore());
  if (ended) {
    RecoverResult result;
    result.outcome = RecoverOutcome::kAlreadyDone;
    return std::optional(result);
  }
  ASSIGN_OR_RETURN(const std::optional<Board> board, board_.Load());
  if (board) return PlanGathered(lead, *board, confirm);
  if (!plan_alone_) {
    ASSIGN_OR_RETURN(const bool gathering, gather_.Begin(lead));
    if (gathering) return std::optional<RecoverResult>();
  }
  return PlanForAll(lead, confirm, {});
}

StatusOr<bool> ShareRun::GatherStep(const Board& board) {
  StatusOr<bool> did = gather_.TakeStep(board);
  if (!absl::IsDataLoss(did.status())) return did;
  ASSIGN_OR_RETURN(const std::unique_ptr<Claim> lead, claims_.Take(kLeadClaim));
  if (lead == nullptr) return false;
  RETURN_IF_ERROR(GatherAnew(*lead, board, did.status()));
  return true;
}

// Gives up what was gathered; the next look is this host's alone. Not when it cannot be used and
// other hosts are at work: this one may be the one that looks at another mount.
Status ShareRun::GatherAnew(Claim& lead, const Board& board, const Status& why) {
  ASSIGN_OR_RETURN(const ShareClaims::Live live, claims_.Look());
  if (absl::IsDataLoss(why) && live.hosts.size() > 1) return why;
  progress_.Note(fmt::format("{}; looking again", Message(why)));
  plan_alone_ = true;
  RETURN_IF_ERROR(board_.Remove(board.run_id));
  return gather_.Drop(lead);
}

// Nothing, and no board, when what was gathered cannot be used.
StatusOr<std::optional<RecoverResult>> ShareRun::PlanGathered(Claim& lead, const Board& board,
                                                              const RecoverRun::Confirm& confirm) {
  StatusOr<PlannedRun> planned = gather_.Plan(board);
  if (absl::IsDataLoss(planned.status()) || absl::IsAborted(planned.status())) {
    RETURN_IF_ERROR(GatherAnew(lead, board, planned.status()));
    return std::optional<RecoverResult>();
  }
  RETURN_IF_ERROR(planned.status());
  ASSIGN_OR_RETURN(std::optional<RecoverResult> stop,
                   PlanForAll(lead, confirm, *std::move(planned)));
  if (!stop) RETURN_IF_ERROR(gather_.Drop(lead));
  return stop;
}

// What a host that died while it planned or published has left: a run that is on the mount goes on,
// one that is not never will be. False when there is none to take part in.
StatusOr<bool> ShareRun::TakeUp(Claim& lead) {
  ASSIGN_OR_RETURN(const std::optional<Board> board, board_.Load());
  if (board && (IsUnderWay(*board) || IsGathering(*board))) return true;
  GuardedDisk disk(disk_, lead);
  RETURN_IF_ERROR(WithdrawUnpublishedRuns(disk));
  ASSIGN_OR_RETURN(const std::optional<std::string> current, CurrentSharedRun(disk_));
  if (current && board && board->stage == ShareStage::kUndo) {
    return FailedPrecondition(
        "dr undo of the shared run {} has begun and was interrupted; run dr undo again", *current);
  }
  if (current) {
    RETURN_IF_ERROR(CheckBelongsHere(tier1_, *current));
    RETURN_IF_ERROR(BeginToBuild(*current));
    return true;
  }
  if (board && board->stage != ShareStage::kPlan) RETURN_IF_ERROR(board_.Remove(board->run_id));
  return false;
}

Status ShareRun::BeginToBuild(const std::string& run_id) {
  return board_.Update(run_id, [](Board& b) {
    if (b.stage != ShareStage::kPublish) return false;
    b.stage = ShareStage::kBuild;
    return true;
  });
}

// The run that this workspace is in the middle of; "" for none. FailedPrecondition when that is one
// that cannot be shared.
StatusOr<std::string> ShareRun::RecordedRun() const {
  ASSIGN_OR_RETURN(const Phase phase, workspace_.GetPhase());
  if (!HoldsRun(phase)) return std::string();
  if (phase == Phase::kUndoing) {
    return FailedPrecondition("dr undo has begun in {} and was interrupted; run dr undo again",
                              workspace_.directory());
  }
  ASSIGN_OR_RETURN(const Manifest manifest, workspace_.LoadManifest());
  ASSIGN_OR_RETURN(const bool shared, HasShareRecord(disk_, manifest.run_id, kRunRecord));
  if (!shared) {
    return FailedPrecondition(
        "workspace {} is in the middle of run {}, which is not shared: resume it without --share",
        workspace_.directory(), manifest.run_id);
  }
  ASSIGN_OR_RETURN(const std::optional<ShareEnd> end, HowSharedRunEnded(disk_, manifest.run_id));
  return end == ShareEnd::kUndone ? std::string() : manifest.run_id;
}

// For a host that comes when all is done: the run that this Tier-1 belongs to was a shared one.
StatusOr<bool> ShareRun::EndedBefore() const {
  ASSIGN_OR_RETURN(const std::optional<std::string> mark, ReadRunMark(tier1_));
  if (!mark || !CheckDiskPath(ShareDir(*mark)).ok()) return false;
  ASSIGN_OR_RETURN(const std::optional<ShareEnd> end, HowSharedRunEnded(disk_, *mark));
  if (end != ShareEnd::kFinished) return false;
  ASSIGN_OR_RETURN(const std::string recorded, RecordedRun());
  if (recorded == *mark) {
    RETURN_IF_ERROR(workspace_.SetPhase(Phase::kDone, clock_.NowMillis()));
  }
  return true;
}

StatusOr<std::optional<RecoverResult>> ShareRun::PlanForAll(Claim& lead,
                                                            const RecoverRun::Confirm& confirm,
                                                            std::optional<PlannedRun> made) {
  RETURN_IF_ERROR(RecordedRun().status());
  GuardedDisk disk(disk_, lead);
  RecoverOptions options = options_;
  options.new_run_id = true;  // nobody else may ever publish what is published here
  RecoverRun planning(disk, tier1_, workspace_, options, clock_, progress_);
  PlannedRun run;
  ASSIGN_OR_RETURN(std::optional<RecoverResult> stop,
                   planning.PlanAndConfirm(confirm, run, std::move(made)));
  if (stop) return stop;
  // Planning takes its time, and so does whoever confirms.
  RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  RETURN_IF_ERROR(CheckTier1Empty(tier1_, run.plan.container_count));
  RETURN_IF_ERROR(Publish(lead, run));
  planned_here_ = true;
  return std::optional<RecoverResult>();
}

Status ShareRun::Publish(Claim& lead, const PlannedRun& planned) {
  GuardedDisk disk(disk_, lead);
  SharedRun run;
  run.run_id = options_.run_id;
  run.planned_by = claims_.host();
  run.identity = planned.identity;
  run.identity.root.clear();
  run.identity.config_file.clear();
  run.identity.settings.clear();
  run.epoch = planned.plan.epoch;
  run.last_modified_ms = NewestMillis(planned.inventory);
  run.controller = planned.plan.controller;
  run.nodes = ControllerNodes(planned.plan.controller, tier1_.config.Namespace());
  run.anomalies = planned.plan.anomalies;
  run.losses = planned.plan.losses;
  RETURN_IF_ERROR(planned.plan.containers.LookAtAll([&](const ContainerPlan& plan) {
    return PublishShareRecord(disk, run.run_id, PlanRecord(static_cast<size_t>(plan.container)),
                              lead.token(), ContainerPlanCodec::Encode(plan));
  }));
  RETURN_IF_ERROR(
      PublishShareRecord(disk, run.run_id, kRunRecord, lead.token(), EncodeSharedRun(run)));
  // The board first: a run on the mount without one belongs to another ZooKeeper.
  RETURN_IF_ERROR(board_.Begin(
      {run.run_id, ShareStage::kPublish, std::string(run.container_count(), kContainerPlanned)}));
  RETURN_IF_ERROR(PublishSharedRun(disk, run.run_id));
  return BeginToBuild(run.run_id);
}

// Records the run in this host's workspace, so that status, report, explain and undo know of it.
StatusOr<std::optional<RecoverResult>> ShareRun::Follow(const std::string& run_id) {
  ASSIGN_OR_RETURN(run_, LoadSharedRun(disk_, run_id));
  if (run_.identity.cluster_name != tier1_.config.cluster_name) {
    return FailedPrecondition("run {} recovers cluster {}, this host is configured for {}", run_id,
                              run_.identity.cluster_name, tier1_.config.cluster_name);
  }
  ASSIGN_OR_RETURN(const std::string recorded, RecordedRun());
  if (recorded == run_id) return std::optional<RecoverResult>();
  const Identity identity = OwnIdentity(run_, options_);
  ASSIGN_OR_RETURN(std::optional<RecoverResult> changed,
                   CompareWithRecorded(workspace_, identity, Inventory()));
  if (changed) return changed;
  if (!planned_here_) {
    ASSIGN_OR_RETURN(const Plan plan, LoadSharedPlan(disk_, run_, options_.gather.scratch));
    RETURN_IF_ERROR(workspace_.SavePlan(identity, plan, clock_.NowMillis()));
  }
  progress_.Note(fmt::format("taking part in run {}, planned by {}", run_id, run_.planned_by));
  return std::optional<RecoverResult>();
}

StatusOr<RecoverResult> ShareRun::Finish() {
  ASSIGN_OR_RETURN(const std::optional<ShareEnd> end, HowSharedRunEnded(disk_, run_.run_id));
  if (end != ShareEnd::kFinished) {
    return FailedPrecondition("run {} was {} while this host took part in it", run_.run_id,
                              end ? "taken back" : "replaced");
  }
  RecoverResult result;
  result.resumed = true;
  ASSIGN_OR_RETURN(const std::string bytes, LoadShareRecord(disk_, run_.run_id, kReportRecord));
  ASSIGN_OR_RETURN(const verify::ContainerOutcome whole, DecodeContainerOutcome(bytes));
  result.verify = whole.report;
  ASSIGN_OR_RETURN(const Phase phase, workspace_.GetPhase());
  ASSIGN_OR_RETURN(const Manifest manifest, LoadWholeManifest(disk_, run_));
  for (const ContainerManifest& c : manifest.containers) result.file_steps += c.steps.size();
  if (!HoldsRun(phase)) RETURN_IF_ERROR(workspace_.SaveManifest(manifest, clock_.NowMillis()));
  RETURN_IF_ERROR(workspace_.SetPhase(Phase::kDone, clock_.NowMillis()));
  result.outcome = run_.losses.empty() ? RecoverOutcome::kDone : RecoverOutcome::kDoneWithLoss;
  return result;
}

}  // namespace pdr

#include "recovery/recover.h"

#include "base/parallel.h"
#include "recovery/anomaly_codes.h"
#include "recovery/build.h"
#include "recovery/commit.h"
#include "recovery/interlocks.h"
#include "recovery/plan_digest.h"

namespace pdr {
namespace {

constexpr std::string_view kToolVersion = "0.1.0";

}  // namespace

StatusOr<PlannedRun> PlanRun(const Disk& disk, const std::string& cluster_name,
                             const RecoverOptions& options, Progress& progress) {
  PlannedRun run;
  StatusOr<Inventory> inventory = ScanTier2(disk, progress);
  RETURN_IF_ERROR(AboutTree(inventory.status()));
  run.inventory = *std::move(inventory);
  RETURN_IF_ERROR(CheckConfigured(run.inventory, options.container_count, options.layout));
  StatusOr<Evidence> evidence = Gather(disk, run.inventory, options.gather, progress);
  RETURN_IF_ERROR(AboutTree(evidence.status()));
  ASSIGN_OR_RETURN(run.plan, MakePlan(run.inventory, *evidence, options.plan));
  run.identity = {cluster_name,
                  std::string(LayoutName(run.plan.layout)),
                  run.plan.container_count,
                  options.root,
                  Fingerprint(run.inventory),
                  std::string(kToolVersion),
                  PlanDigest(run.plan),
                  options.rehearsal,
                  options.config_file};
  return run;
}

std::set<std::string> NotAllowed(const Plan& plan, const std::set<std::string>& allow) {
  std::set<std::string> out;
  for (const Anomaly& a : plan.anomalies) {
    if (WeightOf(a.code) == Weight::kAllow && !allow.contains(a.code)) out.insert(a.code);
  }
  return out;
}

StatusOr<RecoverResult> RecoverRun::Run(const Confirm& confirm) {
  ASSIGN_OR_RETURN(Phase phase, workspace_.GetPhase());
  if (phase == Phase::kDone) {
    RecoverResult result;
    result.outcome = RecoverOutcome::kAlreadyDone;
    return result;
  }
  // Once the logs are reserved, a segment store that is started waits for them without writing.
  if (phase < Phase::kReserved || phase == Phase::kUndone) {
    RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  }
  if (phase < Phase::kBuilt || phase == Phase::kUndone) {
    ASSIGN_OR_RETURN(std::optional<RecoverResult> stop, Prepare(confirm));
    if (stop) return *stop;
    phase = Phase::kBuilt;
  }
  return CarryOut(phase);
}

StatusOr<std::optional<RecoverResult>> RecoverRun::CompareWithRecorded(const PlannedRun& run) {
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace_.LoadIdentity());
  ASSIGN_OR_RETURN(Phase phase, workspace_.GetPhase());
  if (!recorded || phase != Phase::kPlanned) return std::optional<RecoverResult>();
  RecoverResult result;
  result.outcome = RecoverOutcome::kPlanChanged;
  const auto differ = [&](std::string_view what, const std::string& was, const std::string& is) {
    if (was != is) result.explanation += fmt::format("{}: was {}, is {}\n", what, was, is);
  };
  differ("cluster", recorded->cluster_name, run.identity.cluster_name);
  differ("layout", recorded->layout, run.identity.layout);
  differ("containers", fmt::format("{}", recorded->container_count),
         fmt::format("{}", run.identity.container_count));
  differ("root", recorded->root, run.identity.root);
  differ("tool version", recorded->tool_version, run.identity.tool_version);
  differ("files in Tier-2 (fingerprint)", recorded->root_fingerprint,
         run.identity.root_fingerprint);
  differ("decisions (digest)", recorded->plan_digest, run.identity.plan_digest);
  if (result.explanation.empty()) return std::optional<RecoverResult>();
  return std::optional(result);
}

StatusOr<std::optional<RecoverResult>> RecoverRun::Prepare(const Confirm& confirm) {
  ASSIGN_OR_RETURN(PlannedRun run, PlanRun(disk_, tier1_.config.cluster_name, options_, progress_));
  RETURN_IF_ERROR(CheckTier1Empty(tier1_, run.plan.container_count));
  RETURN_IF_ERROR(tier1_.ledgers->CheckWritable());
  ASSIGN_OR_RETURN(std::optional<RecoverResult> changed, CompareWithRecorded(run));
  if (changed) return changed;
  RETURN_IF_ERROR(workspace_.SavePlan(run.identity, run.plan, clock_.NowMillis()));
  RecoverResult result;
  result.not_allowed = NotAllowed(run.plan, options_.allow);
  result.outcome = RecoverOutcome::kNeedsAllow;
  if (!result.not_allowed.empty()) return std::optional(result);
  if (!confirm(run)) return InvalidArgument("not confirmed; nothing was changed");
  RETURN_IF_ERROR(Build(run));
  return std::optional<RecoverResult>();
}

Status RecoverRun::Build(const PlannedRun& run) {
  progress_.Phase("build", run.plan.containers.size());
  Manifest manifest;
  manifest.run_id = options_.run_id;
  manifest.layout = run.plan.layout;
  manifest.epoch = run.plan.epoch;
  manifest.containers.resize(run.plan.containers.size());
  const BuildOptions build{options_.run_id, clock_.NowMillis()};
  RETURN_IF_ERROR(ParallelFor(run.plan.containers.size(), options_.threads, [&](size_t c) {
    StatusOr<ContainerManifest> built = BuildContainer(disk_, run.plan, c, build);
    progress_.Advance(1);
    if (!built.ok()) return Annotate(built.status(), fmt::format("container {}", c));
    manifest.containers[c] = *std::move(built);
    return OkStatus();
  }));
  const std::string root = tier1_.config.Namespace();
  manifest.nodes.push_back(
      {root + "/counter", EncodeTransactionCounter(run.plan.controller.counter)});
  for (const NodeWrite& node : run.plan.controller.nodes) {
    manifest.nodes.push_back({root + node.path, node.data});
  }
  // The last look before the commit: a zombie segment store writes without asking (H35).
  ASSIGN_OR_RETURN(Inventory now, ScanTier2(disk_, Progress::Silent()));
  const std::string changes = DescribeChanges(run.inventory, now);
  if (!changes.empty()) {
    return FailedPrecondition(
        "Tier-2 changed while it was being read; find out who writes there, stop it, run "
        "again:\n{}",
        changes);
  }
  return workspace_.SaveManifest(manifest, clock_.NowMillis());
}

Status RecoverRun::Step(Phase& at, Phase to, const std::function<Status()>& work) {
  if (at >= to) return OkStatus();
  RETURN_IF_ERROR(work());
  at = to;
  return workspace_.SetPhase(to, clock_.NowMillis());
}

StatusOr<RecoverResult> RecoverRun::CarryOut(Phase at) {
  RecoverResult result;
  result.resumed = at > Phase::kBuilt;
  ASSIGN_OR_RETURN(Manifest manifest, workspace_.LoadManifest());
  RETURN_IF_ERROR(TakeRunLock(tier1_, manifest.run_id, clock_));
  effects_begun_ = true;
  Committer commit(disk_, tier1_, manifest, options_.threads, progress_);
  RETURN_IF_ERROR(Step(at, Phase::kReserved, [&] { return commit.Reserve(); }));
  RETURN_IF_ERROR(Step(at, Phase::kLogged, [&] { return commit.WriteLogs(); }));
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
  if (phase < Phase::kBuilt) return FailedPrecondition("no run in this workspace to undo");
  if (phase == Phase::kUndone) return OkStatus();
  ASSIGN_OR_RETURN(Manifest manifest, workspace_.LoadManifest());
  RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  RETURN_IF_ERROR(TakeRunLock(tier1_, manifest.run_id, clock_));
  effects_begun_ = true;
  Committer commit(disk_, tier1_, manifest, options_.threads, progress_);
  RETURN_IF_ERROR(commit.Undo());
  return workspace_.SetPhase(Phase::kUndone, clock_.NowMillis());
}

}  // namespace pdr

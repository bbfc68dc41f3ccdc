// The part of a run before its first effect outside its own directory: plan, compare with what was
// planned before, check, ask, build.
#include "base/memory.h"
#include "base/parallel.h"
#include "recovery/anomaly_codes.h"
#include "recovery/build.h"
#include "recovery/guarded_disk.h"
#include "recovery/interlocks.h"
#include "recovery/recover.h"
#include "recovery/run_identity.h"
#include "recovery/share_run.h"

namespace pdr {
StatusOr<PlannedRun> PlanFrom(Inventory inventory, Evidence evidence,
                              const std::string& cluster_name, const RecoverOptions& options) {
  PlannedRun run;
  run.inventory = std::move(inventory);
  ASSIGN_OR_RETURN(run.plan,
                   MakePlan(run.inventory, std::move(evidence), options.plan, options.threads));
  ReturnFreeMemory();
  run.identity.run_id = options.run_id;
  run.identity.cluster_name = cluster_name;
  run.identity.root = options.root;
  run.identity.config_file = options.config_file;
  run.identity.settings = options.settings;
  run.identity.rehearsal = options.rehearsal;
  RETURN_IF_ERROR(DescribePlan(run.inventory, run.plan, run.identity));
  return run;
}

StatusOr<PlannedRun> PlanRun(const Disk& disk, const std::string& cluster_name,
                             const RecoverOptions& options, Progress& progress) {
  StatusOr<Inventory> inventory = ScanTier2(disk, progress);
  RETURN_IF_ERROR(Annotate(AboutTree(inventory.status()), options.root));
  RETURN_IF_ERROR(CheckConfigured(*inventory, options.container_count, options.layout));
  StatusOr<Evidence> evidence = Gather(disk, *inventory, options.gather, progress);
  RETURN_IF_ERROR(AboutTree(evidence.status()));
  return PlanFrom(*std::move(inventory), *std::move(evidence), cluster_name, options);
}

std::set<std::string> NotAllowed(const WholePlan& plan, const std::set<std::string>& allow) {
  std::set<std::string> out;
  for (const Anomaly& a : plan.anomalies) {
    if (WeightOf(a.code) == Weight::kAllow && !allow.contains(a.code)) out.insert(a.code);
  }
  return out;
}

std::vector<Obstacle> ObstaclesWithoutTier1(const Status& tier1, Disk& disk, Workspace& workspace,
                                            const RecoverOptions& options, const Clock& clock) {
  Preflight preflight(options.allow);
  preflight.Add("zookeeper", tier1);
  StatusOr<PlannedRun> run = PlanRun(disk, "", options, Progress::Silent());
  if (!run.ok()) {
    preflight.AddUnplanned(run.status());
    return preflight.found();
  }
  preflight.LookAtTier2(disk, options.limits, run->inventory, run->plan, clock.NowMillis());
  preflight.LookAtWorkspace(workspace.FreeBytes(), run->plan);
  return preflight.found();
}

StatusOr<std::optional<RecoverResult>> CompareWithRecorded(Workspace& workspace,
                                                           const Identity& identity,
                                                           const Inventory& inventory) {
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace.LoadIdentity());
  ASSIGN_OR_RETURN(std::vector<Workspace::PhaseTime> history, workspace.LoadHistory());
  if (!recorded || history.empty() || history.back().phase != Phase::kPlanned) {
    return std::optional<RecoverResult>();
  }
  RecoverResult result;
  result.outcome = RecoverOutcome::kPlanChanged;
  result.explanation = DescribeMismatch(*recorded, identity, inventory, history.back().at_ms);
  if (!result.explanation.empty()) return std::optional(result);
  return std::optional<RecoverResult>();
}

// A plan that is carried out as it was recorded keeps its run id.
Status RecoverRun::TakeOverRunId(PlannedRun& run) {
  ASSIGN_OR_RETURN(Phase phase, workspace_.GetPhase());
  if (phase != Phase::kPlanned || options_.new_run_id) return OkStatus();
  ASSIGN_OR_RETURN(std::optional<Identity> recorded, workspace_.LoadIdentity());
  if (recorded) run.identity.run_id = recorded->run_id;
  return OkStatus();
}

// A Tier-1 that holds every log already: a healthy cluster, or one that is recovered and not yet
// started. If it boots, there is nothing to do and nothing is written.
StatusOr<std::optional<RecoverResult>> RecoverRun::NothingToDo(const PlannedRun& run) {
  ASSIGN_OR_RETURN(const int logs, CountLogs(tier1_, run.plan.container_count));
  if (logs < run.plan.container_count) return std::optional<RecoverResult>();
  VerifyOptions verify;
  verify.layout = run.plan.layout;
  verify.container_count = run.plan.container_count;
  verify.threads = options_.threads;
  verify.memory = options_.gather.scratch->at_work();
  StatusOr<VerifyReport> report = VerifyCluster(disk_, tier1_, verify, progress_);
  if (!report.ok() || !report->findings.empty()) return std::optional<RecoverResult>();
  RecoverResult result;
  result.outcome = RecoverOutcome::kNothingToDo;
  result.verify = *std::move(report);
  return std::optional(std::move(result));
}

// A segment store that still runs writes at every flush: what was written a moment ago is watched
// for a while (H35).
Status RecoverRun::AwaitQuiet(const PlannedRun& run) {
  const int64_t quiet = options_.rehearsal ? 0 : options_.quiet_window_ms;
  const int64_t age = clock_.NowMillis() - NewestMillis(run.inventory);
  if (age >= quiet) return OkStatus();
  const int64_t wait = quiet - std::max<int64_t>(age, 0);
  progress_.Note(fmt::format("Tier-2 was written to {} s ago; watching it for {} s", age / 1000,
                             (wait + 999) / 1000));
  clock_.SleepMillis(wait);
  ASSIGN_OR_RETURN(Inventory now, ScanTier2(disk_, Progress::Silent()));
  const std::string changes = DescribeChanges(run.inventory, now);
  if (changes.empty()) return OkStatus();
  return FailedPrecondition("Tier-2 is being written to; find out by whom, stop it, run again:\n{}",
                            changes);
}

std::vector<Obstacle> RecoverRun::LookForObstacles(const StatusOr<PlannedRun>& run) {
  Preflight preflight(options_.allow);
  preflight.LookAtServers(tier1_);
  preflight.LookAtBookies(tier1_, options_.ask_bookies(),
                          run.ok() ? BytesForBookies(run->plan) : 0);
  if (!run.ok()) {
    preflight.AddUnplanned(run.status());
    return preflight.found();
  }
  preflight.LookAtLogs(tier1_, run->plan.container_count);
  preflight.LookAtTier2(disk_, options_.limits, run->inventory, run->plan, clock_.NowMillis());
  preflight.LookAtWorkspace(workspace_.FreeBytes(), run->plan);
  if (preflight.found().empty()) preflight.Add("tier2-changing", AwaitQuiet(*run));
  return preflight.found();
}

StatusOr<std::optional<RecoverResult>> RecoverRun::PlanAndConfirm(const Confirm& confirm,
                                                                  PlannedRun& run,
                                                                  std::optional<PlannedRun> made) {
  const bool live = absl::IsFailedPrecondition(CheckNobodyLive(tier1_));
  StatusOr<PlannedRun> planned =
      made ? StatusOr<PlannedRun>(*std::move(made))
           : PlanRun(disk_, tier1_.config.cluster_name, options_, progress_);
  if (planned.ok() && !live) {
    ASSIGN_OR_RETURN(std::optional<RecoverResult> nothing, NothingToDo(*planned));
    if (nothing) return nothing;
  }
  RecoverResult result;
  result.obstacles = LookForObstacles(planned);
  result.outcome = RecoverOutcome::kObstacles;
  if (!result.obstacles.empty()) return std::optional(std::move(result));
  run = *std::move(planned);
  ASSIGN_OR_RETURN(std::optional<RecoverResult> changed,
                   CompareWithRecorded(workspace_, run.identity, run.inventory));
  if (changed) return changed;
  RETURN_IF_ERROR(TakeOverRunId(run));
  RETURN_IF_ERROR(workspace_.SavePlan(run.identity, run.plan, clock_.NowMillis()));
  result.not_allowed = NotAllowed(run.plan, options_.allow);
  result.outcome = RecoverOutcome::kNeedsAllow;
  if (!result.not_allowed.empty()) return std::optional(std::move(result));
  if (!confirm(run)) return InvalidArgument("not confirmed; nothing was changed");
  return std::optional<RecoverResult>();
}

StatusOr<std::optional<RecoverResult>> RecoverRun::Prepare(const Confirm& confirm) {
  PlannedRun run;
  ASSIGN_OR_RETURN(std::optional<RecoverResult> stop, PlanAndConfirm(confirm, run));
  if (stop) return stop;
  // Whoever held the lock until now may have done all of this already.
  RETURN_IF_ERROR(TakeLock(run.identity.run_id));
  RETURN_IF_ERROR(CheckNoSharedRun(disk_));
  RETURN_IF_ERROR(CheckNobodyLive(tier1_));
  RETURN_IF_ERROR(CheckTier1Empty(tier1_, run.plan.container_count));
  RETURN_IF_ERROR(Build(run));
  return std::optional<RecoverResult>();
}

Status RecoverRun::Build(const PlannedRun& run) {
  progress_.Phase("build", run.plan.containers.size());
  Manifest manifest;
  manifest.run_id = run.identity.run_id;
  manifest.layout = run.plan.layout;
  manifest.epoch = run.plan.epoch;
  manifest.containers.resize(run.plan.containers.size());
  const BuildOptions build{run.plan.layout, run.plan.epoch, manifest.run_id,
                           NewestMillis(run.inventory), StagingDir(manifest.run_id)};
  GuardedDisk disk(disk_, *lock_);
  const size_t at_once = run.plan.containers.AtOnce(options_.threads);
  RETURN_IF_ERROR(ParallelFor(run.plan.containers.size(), at_once, [&](size_t c) {
    const Status built =
        run.plan.containers.LookAt(c, [&](const ContainerPlan& container) -> Status {
          ASSIGN_OR_RETURN(manifest.containers[c], BuildContainer(disk, container, build));
          return OkStatus();
        });
    progress_.Advance(1);
    return Annotate(built, fmt::format("container {}", c));
  }));
  ReturnFreeMemory();
  manifest.nodes = ControllerNodes(run.plan.controller, tier1_.config.Namespace());
  // The second look: a zombie segment store writes without asking (H35).
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

}  // namespace pdr

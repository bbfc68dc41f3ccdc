// pravega-dr dr plan: what would be done, and why; changes nothing but the workspace.
#include <memory>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/recover_options.h"
#include "cli/terminal_progress.h"
#include "report/plan_report.h"

namespace pdr {
namespace {

struct PlanArguments {
  ProgressOptions progress;
  TargetOptions target;
  RecoverFlags flags;
  Format format = Format::kText;
};

StatusOr<ExitCode> RunPlan(const PlanArguments& options) {
  TerminalProgress progress(options.progress);
  ASSIGN_OR_RETURN(PravegaConfig config,
                   LoadConfig(options.target.config_file, options.target.overrides));
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> disk,
                   OpenRoot(options.target.root, DiskAccess::kReadOnly, options.target.reading));
  RETURN_IF_ERROR(CheckOutside(options.target.root, options.target.workspace, "--workspace"));
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::Open(options.target.workspace));
  ASSIGN_OR_RETURN(Phase phase, workspace->GetPhase());
  if (phase == Phase::kDone) {
    return FailedPrecondition(
        "the workspace {} holds a finished run: dr report tells of it, dr undo takes it back; for "
        "another plan choose another --workspace",
        options.target.workspace);
  }
  if (HoldsRun(phase)) {
    return FailedPrecondition(
        "the workspace {} holds a run ({}): finish it with dr recover, or take it back with dr "
        "undo",
        options.target.workspace, PhaseName(phase));
  }
  const RecoverOptions recover = MakeRecoverOptions(options.target, options.flags, config, false);
  ASSIGN_OR_RETURN(PlannedRun run, PlanRun(*disk, config.tier1.cluster_name, recover, progress));
  RETURN_IF_ERROR(workspace->SavePlan(run.identity, run.plan, Clock::Real().NowMillis()));
  progress.End();
  if (options.format == Format::kJson) {
    for (const JsonRecord& r : PlanJson(run)) PrintJson(r.type, r.fields);
  } else {
    PrintLine(PlanText(run, recover.allow));
  }
  const std::set<std::string> missing = NotAllowed(run.plan, recover.allow);
  if (!missing.empty()) return ReportNotAllowed(missing);
  fmt::print(stderr,
             "pravega-dr: nothing was changed; next: dr recover with the same options, first with "
             "--rehearse\n");
  return run.plan.losses.empty() ? ExitCode::kDone : ExitCode::kDoneWithLoss;
}

}  // namespace

void AddPlan(CLI::App& dr, Action& action) {
  auto options = std::make_shared<PlanArguments>();
  CLI::App* command = dr.add_subcommand("plan", "Show what a recovery would do; changes nothing");
  AddTargetOptions(*command, options->target, /*with_root=*/true);
  AddRecoverFlags(*command, options->flags);
  AddFormatOption(*command, options->format);
  AddProgressOptions(*command, options->progress);
  AddExamples(*command,
              {"pravega-dr dr plan /mnt/tier2 --workspace /var/tmp/dr",
               "pravega-dr dr plan /mnt/tier2 --workspace /var/tmp/dr --allow chunk-missing"});
  command->callback(
      [options, &action] { action = [options] { return Finish(RunPlan(*options)); }; });
}

}  // namespace pdr

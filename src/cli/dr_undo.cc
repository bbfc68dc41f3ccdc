// pravega-dr dr undo: back to the starting point, until production has written.
#include <memory>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/recover_options.h"
#include "cli/terminal_progress.h"
#include "recovery/run_progress.h"

namespace pdr {
namespace {

struct UndoArguments {
  TargetOptions target;
  ProgressOptions progress;
  Format format = Format::kText;
};

// What the run was given stands in its workspace.
Status FillFromWorkspace(TargetOptions& options) {
  if (!options.root.empty()) return OkStatus();
  const std::string directory = options.workspace + (options.rehearse ? "/rehearsal" : "");
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::OpenReadOnly(directory));
  ASSIGN_OR_RETURN(std::optional<Identity> identity, workspace->LoadIdentity());
  if (!identity) return FailedPrecondition("no run in {} to undo", directory);
  options.root = identity->root;
  if (options.config_file.empty()) options.config_file = identity->config_file;
  if (options.overrides.empty()) options.overrides = identity->settings;
  return OkStatus();
}

StatusOr<ExitCode> RunUndo(TargetOptions options, const ProgressOptions& shown) {
  TerminalProgress terminal(shown);
  RETURN_IF_ERROR(FillFromWorkspace(options));
  ASSIGN_OR_RETURN(Target target, OpenTarget(options, Rehearsal::kContinue));
  RETURN_IF_ERROR(target.tier1_status);
  const RecoverOptions recover =
      MakeRecoverOptions(options, RecoverFlags(), target.config, target.rehearsal);
  RunProgress progress(terminal, target.workspace->directory(), Clock::Real());
  RecoverRun run(target.disk(), target.tier1, *target.workspace, recover, Clock::Real(), progress);
  ASSIGN_OR_RETURN(Phase phase, target.workspace->GetPhase());
  Status undone = run.Undo();
  progress.End();
  if (undone.ok() && !run.effects_begun()) {
    fmt::print(stderr, "pravega-dr: {}; there is nothing to undo\n",
               phase == Phase::kUndone ? "this run was undone before" : "no run has begun");
    return ExitCode::kDone;
  }
  if (!undone.ok() && run.effects_begun() && !absl::IsFailedPrecondition(undone)) {
    Fail(undone);
    fmt::print(stderr, "pravega-dr: partly undone; run the same command again\n");
    return ExitCode::kInterrupted;
  }
  RETURN_IF_ERROR(undone);
  fmt::print(stderr, "pravega-dr: everything is back where it was; dr plan looks anew\n");
  return ExitCode::kDone;
}

}  // namespace

void AddUndo(CLI::App& dr, Action& action) {
  auto options = std::make_shared<UndoArguments>();
  CLI::App* command = dr.add_subcommand("undo", "Put everything back as it was before the run");
  command->add_option("root", options->target.root, "Tier-2 root directory; default: the run's")
      ->type_name("DIR");
  AddTargetOptions(*command, options->target, /*with_root=*/false);
  AddReadingOptions(*command, options->target.reading);
  command->add_flag("--rehearse", options->target.rehearse, "undo the rehearsal");
  AddProgressOptions(*command, options->progress);
  AddFormatOption(*command, options->format);
  AddExamples(*command, {"pravega-dr dr undo --workspace /var/tmp/dr",
                         "pravega-dr dr undo --workspace /var/tmp/dr --rehearse"});
  command->callback([options, &action] {
    action = [options] {
      return FinishWithOutcome(RunUndo(options->target, options->progress), options->format);
    };
  });
}

}  // namespace pdr

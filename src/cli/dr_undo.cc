// pravega-dr dr undo: back to the starting point, until production has written.
#include <memory>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/recover_options.h"
#include "cli/terminal_progress.h"

namespace pdr {
namespace {

StatusOr<ExitCode> Run(const TargetOptions& options) {
  TerminalProgress progress;
  ASSIGN_OR_RETURN(Target target, OpenTarget(options, Rehearsal::kContinue));
  const RecoverOptions recover =
      MakeRecoverOptions(options, RecoverFlags(), target.config, target.rehearsal);
  RecoverRun run(target.disk(), target.tier1, *target.workspace, recover, Clock::Real(), progress);
  Status undone = run.Undo();
  if (!undone.ok() && run.effects_begun() && !absl::IsFailedPrecondition(undone)) {
    Fail(undone);
    fmt::print(stderr, "pravega-dr: partly undone; run the same command again\n");
    return ExitCode::kInterrupted;
  }
  RETURN_IF_ERROR(undone);
  fmt::print(stderr, "pravega-dr: everything is back where it was\n");
  return ExitCode::kDone;
}

}  // namespace

void AddUndo(CLI::App& dr, Action& action) {
  auto options = std::make_shared<TargetOptions>();
  CLI::App* command = dr.add_subcommand("undo", "Put everything back as it was before the run");
  AddTargetOptions(*command, *options, /*with_root=*/true);
  command->add_flag("--rehearse", options->rehearse, "undo the rehearsal");
  command->callback([options, &action] {
    action = [options] {
      StatusOr<ExitCode> done = Run(*options);
      return done.ok() ? Finish(*done) : Fail(done.status());
    };
  });
}

}  // namespace pdr

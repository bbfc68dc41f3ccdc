// pravega-dr dr recover: the whole recovery, and its resumption.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/recover_options.h"
#include "cli/terminal_progress.h"
#include "report/plan_report.h"

namespace pdr {
namespace {

struct Options {
  TargetOptions target;
  RecoverFlags flags;
  bool yes = false;
  Format format = Format::kText;
};

// Nothing is changed before the question is answered; from then on there is something to take back.
void SayHowToUndo(const TargetOptions& target, bool rehearsal) {
  std::vector<std::string> undo = {"dr", "undo", "--workspace", target.workspace};
  if (rehearsal) undo.emplace_back("--rehearse");
  SayHowToTakeBack(undo);
}

// For rehearsing the last moment, and for tests: with PDR_HOLD_BEFORE_ENABLE=FILE the run makes
// FILE.reached when only enabling the logs is left, and goes on when FILE is gone.
void HoldBeforeEnable() {
  const char* hold = std::getenv("PDR_HOLD_BEFORE_ENABLE");
  if (hold == nullptr || !std::filesystem::exists(hold)) return;
  std::ofstream(std::string(hold) + ".reached").flush();
  while (std::filesystem::exists(hold)) Clock::Real().SleepMillis(100);
}

void PrintAll(const std::vector<JsonRecord>& records) {
  for (const JsonRecord& r : records) PrintJson(r.type, r.fields);
}

bool Confirm(const PlannedRun& run, const Options& options, bool rehearsal,
             const std::set<std::string>& allowed) {
  if (options.format == Format::kJson) {
    PrintAll(PlanJson(run));
  } else {
    PrintLine(PlanText(run, allowed));
  }
  if (options.yes || rehearsal) return true;
  if (isatty(STDIN_FILENO) == 0) {
    fmt::print(stderr, "pravega-dr: not a terminal: review the plan and give --yes\n");
    return false;
  }
  fmt::print(stderr, "Carry this out? Originals are kept and dr undo takes it back. [yes/no] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

ExitCode Report(const RecoverResult& result, const Options& options, const Target& target,
                const std::vector<Loss>& losses) {
  const bool json = options.format == Format::kJson;
  switch (result.outcome) {
    case RecoverOutcome::kNeedsAllow:
      return ReportNotAllowed(result.not_allowed);
    case RecoverOutcome::kPlanChanged:
      fmt::print(stderr,
                 "pravega-dr: the recorded plan no longer matches; nothing was changed:\n{}"
                 "look at the new plan with dr plan, then run again\n",
                 result.explanation);
      return ExitCode::kPlanOutdated;
    case RecoverOutcome::kAlreadyDone:
      fmt::print(stderr, "pravega-dr: the run in {} is complete; nothing to do\n",
                 target.workspace->directory());
      return ExitCode::kDone;
    default:
      break;
  }
  if (json) {
    PrintAll(VerifyJson(result.verify));
    if (result.resumed) PrintAll(LossJson(losses));
  } else {
    PrintLine(VerifyText(result.verify));
    if (result.resumed) PrintLine(LossText(losses));
  }
  if (result.outcome == RecoverOutcome::kVerifyFailed) {
    fmt::print(stderr,
               "pravega-dr: verification failed; the logs stay disabled, so production cannot "
               "start. dr undo puts everything back\n");
    return ExitCode::kVerifyFailed;
  }
  fmt::print(stderr, "pravega-dr: {}\n",
             target.rehearsal ? "rehearsal done; nothing real was changed"
                              : "done; start the segment stores, then the controller");
  return losses.empty() ? ExitCode::kDone : ExitCode::kDoneWithLoss;
}

StatusOr<ExitCode> Run(const Options& options) {
  TerminalProgress progress;
  ASSIGN_OR_RETURN(Target target, OpenTarget(options.target, Rehearsal::kFresh));
  RecoverOptions recover =
      MakeRecoverOptions(options.target, options.flags, target.config, target.rehearsal);
  recover.before_enable = HoldBeforeEnable;
  ASSIGN_OR_RETURN(Phase phase, target.workspace->GetPhase());
  if (phase >= Phase::kBuilt) SayHowToUndo(options.target, target.rehearsal);
  RecoverRun run(target.disk(), target.tier1, *target.workspace, recover, Clock::Real(), progress);
  StatusOr<RecoverResult> result = run.Run([&](const PlannedRun& planned) {
    if (!Confirm(planned, options, target.rehearsal, recover.allow)) return false;
    SayHowToUndo(options.target, target.rehearsal);
    return true;
  });
  // What is not as it must be will be no better next time: that is no interruption.
  const bool refused = absl::IsFailedPrecondition(result.status());
  if (!result.ok() && run.effects_begun() && !refused) {
    Fail(result.status());
    fmt::print(stderr,
               "pravega-dr: partly done; run the same command again to resume, or dr undo\n");
    return ExitCode::kInterrupted;
  }
  RETURN_IF_ERROR(result.status());
  ASSIGN_OR_RETURN(std::vector<Loss> losses, target.workspace->LoadLosses());
  return Report(*result, options, target, losses);
}

}  // namespace

void AddRecover(CLI::App& dr, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      dr.add_subcommand("recover", "Rebuild every container; resumes if interrupted");
  AddTargetOptions(*command, options->target, /*with_root=*/true);
  AddRecoverFlags(*command, options->flags);
  command->add_flag("--rehearse", options->target.rehearse,
                    "do everything against an overlay and an embedded log");
  command->add_flag("--yes", options->yes, "do not ask; never implies --allow");
  AddFormatOption(*command, options->format);
  AddExamples(
      *command,
      {"pravega-dr dr recover /mnt/tier2 --workspace /var/tmp/dr --rehearse",
       "pravega-dr dr recover /mnt/tier2 --workspace /var/tmp/dr --config config.properties"});
  command->callback([options, &action] { action = [options] { return Finish(Run(*options)); }; });
}

}  // namespace pdr

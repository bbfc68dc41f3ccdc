// pravega-dr dr recover: the whole recovery, and its resumption.
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/recover_options.h"
#include "cli/terminal_progress.h"
#include "recovery/run_progress.h"
#include "recovery/share_run.h"
#include "report/plan_report.h"
#include "report/quantities.h"
#include "tier1/bookkeeper/ask_bookies.h"

namespace pdr {
namespace {

struct RecoverArguments {
  ProgressOptions progress;
  TargetOptions target;
  RecoverFlags flags;
  bool yes = false;
  bool share = false;
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

bool Confirm(const PlannedRun& run, const RecoverArguments& options, bool rehearsal,
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
  if (answer == "y") fmt::print(stderr, "pravega-dr: only the whole word yes is taken for one\n");
  return answer == "yes";
}

// Everything that is in the way, at once.
ExitCode ReportObstacles(const std::vector<Obstacle>& obstacles, bool json) {
  for (const Obstacle& o : obstacles) {
    if (json) PrintJson("obstacle", {{"code", o.code}, {"message", Message(o.status)}});
    fmt::print(stderr, "pravega-dr: {}: {}\n", o.code, PrintableLines(Message(o.status)));
  }
  fmt::print(stderr, "pravega-dr: {} in the way; nothing was changed\n",
             Count(obstacles.size(), "obstacle"));
  return ExitCodeFor(GravestOf(obstacles));
}

// A rehearsal reads, builds and verifies as the real run does; only its writes go elsewhere.
void SayHowLongItWillTake(int64_t rehearsed_ms, const RecoverResult& result) {
  constexpr int64_t kMillisPerWrite = 5;  // a synced rename, a node, an entry: the slow end
  constexpr int64_t kWritesPerLog = 10;
  const auto containers = static_cast<int64_t>(result.verify.containers);
  const auto steps = static_cast<int64_t>(result.file_steps);
  const int64_t writes_ms = kMillisPerWrite * (steps + kWritesPerLog * containers);
  fmt::print(stderr,
             "pravega-dr: the real run will take about {}: {} as here to read, build and verify, "
             "and up to {} to move {} and to write {}\n",
             HumanMillis(rehearsed_ms + writes_ms), HumanMillis(rehearsed_ms),
             HumanMillis(writes_ms), Count(result.file_steps, "file"),
             Count(result.verify.containers, "log"));
}

void SayDone(const TargetOptions& options, const Target& target) {
  if (!target.rehearsal) {
    fmt::print(stderr,
               "pravega-dr: done; start the segment stores, then the controller; then dr verify "
               "--live and dr report\n");
    return;
  }
  fmt::print(stderr,
             "pravega-dr: rehearsal done; nothing real was changed, and production cannot be "
             "started: {}\n",
             target.unasked ? "the real run needs --config FILE, which names ZooKeeper"
             : options.config_file.empty() ? "the real run is the same with --config FILE instead"
                                           : "the real run is the same without --rehearse");
}

ExitCode Report(const RecoverResult& result, const RecoverArguments& options, const Target& target,
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
    case RecoverOutcome::kObstacles:
      return ReportObstacles(result.obstacles, json);
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
  if (result.outcome == RecoverOutcome::kNothingToDo) {
    fmt::print(stderr,
               "pravega-dr: nothing to do: every container has a log and boots; nothing was "
               "written\n");
    return ExitCode::kDone;
  }
  if (result.outcome == RecoverOutcome::kVerifyFailed) {
    fmt::print(stderr,
               "pravega-dr: verification failed; the logs stay disabled, so production cannot "
               "start. dr undo puts everything back\n");
    return ExitCode::kVerifyFailed;
  }
  SayDone(options.target, target);
  return losses.empty() ? ExitCode::kDone : ExitCode::kDoneWithLoss;
}

// Names this process among all hosts: host names and process ids repeat where there are containers.
std::string HostName() {
  std::array<char, 64> name = {};
  if (gethostname(name.data(), name.size() - 1) != 0) name[0] = '?';
  std::string host(name.data());
  for (char& c : host) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '-';
  }
  return fmt::format("{}-{}-{:08x}", host, getpid(), std::random_device{}());
}

Status CheckShared(const RecoverArguments& options, const Target& target) {
  if (!options.share) return OkStatus();
  if (target.rehearsal) {
    return InvalidArgument(
        "--share is for a real ZooKeeper, named by --config; a rehearsal is one host's own");
  }
  if (options.yes) return OkStatus();
  return InvalidArgument(
      "--share does not ask, for any host may be the one that plans: look at the plan with dr "
      "plan, then give --yes");
}

struct CarriedOut {
  StatusOr<RecoverResult> result;
  bool effects_begun = false;
};

CarriedOut Carry(Target& target, const RecoverArguments& options, RecoverOptions& recover,
                 Progress& progress, const RecoverRun::Confirm& confirm) {
  if (!options.share) {
    RecoverRun run(target.disk(), target.tier1, *target.workspace, recover, Clock::Real(),
                   progress);
    StatusOr<RecoverResult> result = run.Run(confirm);
    return {std::move(result), run.effects_begun()};
  }
  const std::string host = HostName();
  recover.run_id = fmt::format("{}-{}", recover.run_id.substr(0, recover.run_id.find('-')), host);
  ShareRun run(target.disk(), target.tier1, *target.workspace, recover, host, Clock::Real(),
               progress);
  StatusOr<RecoverResult> result = run.Run(confirm);
  return {std::move(result), run.effects_begun()};
}

StatusOr<ExitCode> RunRecover(const RecoverArguments& options) {
  const int64_t begun_ms = Clock::Real().NowMillis();
  TerminalProgress terminal(options.progress);
  ASSIGN_OR_RETURN(Target target, OpenTarget(options.target, Rehearsal::kFresh));
  RETURN_IF_ERROR(CheckShared(options, target));
  if (target.unasked) {
    fmt::print(stderr,
               "pravega-dr: no ZooKeeper is configured: this is a rehearsal, which changes nothing "
               "real; the real run needs --config FILE\n");
  }
  RunProgress progress(terminal, target.workspace->directory(), Clock::Real());
  RecoverOptions recover =
      MakeRecoverOptions(options.target, options.flags, target.config, target.rehearsal);
  recover.before_enable = HoldBeforeEnable;
  recover.limits = target.limits.get();
  recover.watch = &progress;
  if (!target.rehearsal)
    recover.ask_bookies = [&target] { return AskBookies(target.config.tier1); };
  ASSIGN_OR_RETURN(Phase phase, target.workspace->GetPhase());
  if (!target.tier1_status.ok()) {
    if (HoldsRun(phase)) return target.tier1_status;
    return ReportObstacles(ObstaclesWithoutTier1(target.tier1_status, target.disk(),
                                                 *target.workspace, recover, Clock::Real()),
                           options.format == Format::kJson);
  }
  if (HoldsRun(phase)) SayHowToUndo(options.target, target.rehearsal);
  auto [result, effects_begun] =
      Carry(target, options, recover, progress, [&](const PlannedRun& planned) {
        progress.End();
        if (!Confirm(planned, options, target.rehearsal, recover.allow)) return false;
        SayHowToUndo(options.target, target.rehearsal);
        return true;
      });
  progress.End();
  // What is not as it must be will be no better next time: that is no interruption.
  const bool refused = absl::IsFailedPrecondition(result.status());
  if (!result.ok() && effects_begun && !refused) {
    Fail(result.status());
    fmt::print(stderr,
               "pravega-dr: partly done; run the same command again to resume, or dr undo\n");
    return ExitCode::kInterrupted;
  }
  RETURN_IF_ERROR(result.status());
  ASSIGN_OR_RETURN(std::vector<Loss> losses, target.workspace->LoadLosses());
  const ExitCode code = Report(*result, options, target, losses);
  if (target.rehearsal && (code == ExitCode::kDone || code == ExitCode::kDoneWithLoss)) {
    SayHowLongItWillTake(Clock::Real().NowMillis() - begun_ms, *result);
  }
  return code;
}

}  // namespace

void AddRecover(CLI::App& dr, Action& action) {
  auto options = std::make_shared<RecoverArguments>();
  CLI::App* command =
      dr.add_subcommand("recover", "Rebuild every container; resumes if interrupted");
  AddTargetOptions(*command, options->target, /*with_root=*/true);
  AddRecoverFlags(*command, options->flags);
  command->add_flag("--rehearse", options->target.rehearse,
                    "do everything against an overlay and an embedded log");
  command->add_flag("--yes", options->yes, "do not ask; never implies --allow");
  command
      ->add_option("--quiet-window", options->flags.quiet_seconds,
                   "seconds for which Tier-2 must not have been written to")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  command->add_flag("--share", options->share,
                    "take part with other hosts that mount the same Tier-2; needs --yes");
  AddFormatOption(*command, options->format);
  AddProgressOptions(*command, options->progress);
  AddExamples(
      *command,
      {"pravega-dr dr recover /mnt/tier2 --workspace /var/tmp/dr --rehearse",
       "pravega-dr dr recover /mnt/tier2 --workspace /var/tmp/dr --config config.properties",
       "pravega-dr dr recover /mnt/tier2 --config config.properties --share --yes"});
  command->callback([options, &action] {
    action = [options] { return FinishWithOutcome(RunRecover(*options), options->format); };
  });
}

}  // namespace pdr

// pravega-dr dr verify: boots every container read-only and compares it with Tier-2; or, with
// --live, compares the running cluster with the plan.
#include <memory>

#include "cli/commands.h"
#include "cli/live.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/target.h"
#include "cli/terminal_progress.h"
#include "report/plan_report.h"
#include "verify/verify.h"

namespace pdr {
namespace {

struct VerifyArguments {
  ProgressOptions progress;
  TargetOptions target;
  LiveFlags live;
  Format format = Format::kText;
};

// Findings are no wonder before a recovery has ended.
void SayWhyNot(Phase phase, const std::string& workspace) {
  if (phase == Phase::kDone) return;
  if (HoldsRun(phase)) {
    fmt::print(stderr,
               "pravega-dr: the recovery in {} has not ended ({}): dr status tells how to go on\n",
               workspace, PhaseName(phase));
  } else {
    fmt::print(stderr, "pravega-dr: no recovery was carried out from {} yet\n", workspace);
  }
}

StatusOr<ExitCode> RunVerify(const VerifyArguments& options) {
  if (options.live.live)
    return VerifyLive(options.live, options.target.workspace, options.format, options.progress);
  if (options.target.root.empty())
    return InvalidArgument("dr verify: name Tier-2's root directory");
  TerminalProgress progress(options.progress);
  ASSIGN_OR_RETURN(Target target, OpenTarget(options.target, Rehearsal::kContinue));
  RETURN_IF_ERROR(target.tier1_status);
  StatusOr<Inventory> scanned = ScanTier2(target.disk(), progress);
  RETURN_IF_ERROR(AboutTree(scanned.status()));
  const Inventory& inventory = *scanned;
  RETURN_IF_ERROR(CheckConfigured(inventory, target.config.container_count, target.config.layout));
  VerifyOptions verify;
  verify.layout = inventory.layout;
  verify.container_count = inventory.container_count;
  verify.threads = WorkerThreads();
  ASSIGN_OR_RETURN(VerifyReport report,
                   VerifyCluster(target.disk(), target.tier1, verify, progress));
  progress.End();
  if (options.format == Format::kJson) {
    for (const JsonRecord& r : VerifyJson(report)) PrintJson(r.type, r.fields);
  } else {
    PrintLine(VerifyText(report));
  }
  if (report.findings.empty()) return ExitCode::kDone;
  ASSIGN_OR_RETURN(const Phase phase, target.workspace->GetPhase());
  SayWhyNot(phase, options.target.workspace);
  return ExitCode::kVerifyFailed;
}

}  // namespace

void AddVerify(CLI::App& dr, Action& action) {
  auto options = std::make_shared<VerifyArguments>();
  CLI::App* command =
      dr.add_subcommand("verify", "Boot every container read-only and compare it with Tier-2");
  command->add_option("root", options->target.root, "Tier-2 root directory; not with --live");
  AddTargetOptions(*command, options->target, /*with_root=*/false);
  AddReadingOptions(*command, options->target.reading);
  CLI::Option* rehearse =
      command->add_flag("--rehearse", options->target.rehearse, "look at the rehearsal");
  AddLiveFlags(*command, options->live);
  rehearse->excludes("--live");
  AddFormatOption(*command, options->format);
  AddProgressOptions(*command, options->progress);
  AddExamples(
      *command,
      {"pravega-dr dr verify /mnt/tier2 --workspace /var/tmp/dr --config config.properties",
       "pravega-dr dr verify --live --controller tcp://controller:9090 --workspace /var/tmp/dr"});
  command->callback(
      [options, &action] { action = [options] { return Finish(RunVerify(*options)); }; });
}

}  // namespace pdr

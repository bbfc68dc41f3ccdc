// pravega-dr dr verify: boots every container read-only and compares it with Tier-2.
#include <memory>

#include "cli/commands.h"
#include "cli/open_tier2.h"
#include "cli/output.h"
#include "cli/target.h"
#include "cli/terminal_progress.h"
#include "report/plan_report.h"
#include "verify/verify.h"

namespace pdr {
namespace {

struct Options {
  TargetOptions target;
  Format format = Format::kText;
};

StatusOr<ExitCode> Run(const Options& options) {
  TerminalProgress progress;
  ASSIGN_OR_RETURN(Target target, OpenTarget(options.target, Rehearsal::kContinue));
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
  if (options.format == Format::kJson) {
    for (const JsonRecord& r : VerifyJson(report)) PrintJson(r.type, r.fields);
  } else {
    PrintLine(VerifyText(report));
  }
  return report.findings.empty() ? ExitCode::kDone : ExitCode::kVerifyFailed;
}

}  // namespace

void AddVerify(CLI::App& dr, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      dr.add_subcommand("verify", "Boot every container read-only and compare it with Tier-2");
  AddTargetOptions(*command, options->target, /*with_root=*/true);
  command->add_flag("--rehearse", options->target.rehearse, "look at the rehearsal");
  AddFormatOption(*command, options->format);
  AddExamples(
      *command,
      {"pravega-dr dr verify /mnt/tier2 --workspace /var/tmp/dr --config config.properties"});
  command->callback([options, &action] { action = [options] { return Finish(Run(*options)); }; });
}

}  // namespace pdr

#include "cli/live.h"

#include <algorithm>

#include "cli/open_tier2.h"
#include "format/names.h"
#include "live/live_check.h"
#include "recovery/workspace.h"
#include "report/quantities.h"

namespace pdr {
namespace {

// The planned segments, and those that the containers keep for themselves.
StatusOr<std::vector<PlannedSegment>> LoadPlan(Workspace& workspace, const Identity& identity) {
  ASSIGN_OR_RETURN(std::vector<RecordedSegment> recorded, workspace.LoadSegments());
  std::vector<PlannedSegment> plan;
  plan.reserve(recorded.size());
  for (RecordedSegment& r : recorded) {
    plan.push_back({r.container, std::move(r.decision.info)});
  }
  auto add = [&plan](int container, std::string name) {
    plan.emplace_back().container = container;
    plan.back().info.name = std::move(name);
  };
  for (int c = 0; c < identity.container_count; ++c) {
    add(c, MetadataSegmentName(c));
    if (identity.layout == LayoutName(Layout::kChunked)) add(c, StorageMetadataSegmentName(c));
  }
  return plan;
}

// What happened since, in one line; empty when nothing did.
std::string Since(const LiveReport& r) {
  std::string out;
  auto add = [&out](uint64_t n, std::string_view what) {
    if (n > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, what);
  };
  add(r.grown, "grown");
  add(r.sealed, "sealed");
  add(r.truncated, "truncated");
  add(r.ended, "of transactions ended");
  return out;
}

void PrintText(const LiveReport& r) {
  PrintLine(fmt::format("Live         {} with {} online, {} compared, {} with {}",
                        Count(r.stores, "segment store"), Count(r.containers, "container"),
                        Count(r.segments, "segment"), Count(r.tables, "table"),
                        Count(r.keys, "key")));
  if (const std::string since = Since(r); !since.empty()) {
    PrintLine(fmt::format("Since then   {}", since));
  }
  if (r.unanswered > 0) {
    PrintLine(fmt::format("             {} of the containers' own not told of: no admin gateway",
                          Count(r.unanswered, "segment")));
  }
  for (const LiveFinding& f : r.findings) {
    PrintLine(fmt::format("FINDING      {} container {} {}: {}", f.code, f.container,
                          Printable(f.segment), Printable(f.message)));
  }
  PrintLine(r.findings.empty()
                ? "Verdict      the cluster is what the plan promised"
                : fmt::format("Verdict      the cluster is NOT what the plan promised: {}",
                              Count(r.findings.size(), "finding")));
  const auto missing = [](const LiveFinding& f) { return f.code == "live-missing"; };
  if (!r.findings.empty() && std::all_of(r.findings.begin(), r.findings.end(), missing)) {
    PrintLine("             unless clients have deleted these streams and tables since");
  }
}

void PrintRecords(const LiveReport& r) {
  for (const LiveFinding& f : r.findings) {
    PrintJson("finding", {{"code", f.code},
                          {"container", f.container},
                          {"segment", f.segment},
                          {"message", f.message}});
  }
  PrintJson("live", {{"as_planned", r.findings.empty()},
                     {"stores", r.stores},
                     {"containers", r.containers},
                     {"segments", r.segments},
                     {"tables", r.tables},
                     {"keys", r.keys},
                     {"grown", r.grown},
                     {"sealed", r.sealed},
                     {"truncated", r.truncated},
                     {"ended", r.ended},
                     {"own", r.own},
                     {"unanswered", r.unanswered},
                     {"findings", r.findings.size()}});
}

}  // namespace

void AddLiveFlags(CLI::App& command, LiveFlags& flags) {
  CLI::Option* live = command.add_flag(
      "--live", flags.live, "ask the running segment stores, after production was started");
  CLI::Option* controller = command.add_option("--controller", flags.controller,
                                               "of the running cluster: tcp://HOST:9090");
  CLI::Option* wait = command
                          .add_option("--wait", flags.wait_seconds,
                                      "how long to wait for a cluster that is still starting")
                          ->type_name("SECONDS")
                          ->check(CLI::Range(0, 3600))
                          ->capture_default_str();
  live->needs(controller);
  controller->needs(live);
  wait->needs(live);
  live->excludes(command.get_option("root"));  // the workspace tells what was planned
}

StatusOr<ExitCode> VerifyLive(const LiveFlags& flags, const std::string& workspace, Format format,
                              const ProgressOptions& shown) {
  LiveOptions options;
  ASSIGN_OR_RETURN(options.controllers, ParseControllerUri(flags.controller));
  StatusOr<std::unique_ptr<Workspace>> opened = Workspace::OpenReadOnly(workspace);
  if (absl::IsNotFound(opened.status())) {
    return InvalidArgument("no run in '{}': give the --workspace of the recovery", workspace);
  }
  RETURN_IF_ERROR(opened.status());
  ASSIGN_OR_RETURN(Phase phase, (*opened)->GetPhase());
  ASSIGN_OR_RETURN(std::optional<Identity> identity, (*opened)->LoadIdentity());
  if (phase != Phase::kDone || !identity) {
    return FailedPrecondition("the run in '{}' is not complete ({}): dr status says what is next",
                              workspace, PhaseName(phase));
  }
  ASSIGN_OR_RETURN(std::vector<PlannedSegment> plan, LoadPlan(**opened, *identity));
  options.container_count = identity->container_count;
  options.threads = WorkerThreads();
  options.patience = std::chrono::seconds(flags.wait_seconds);
  TerminalProgress progress(shown);
  StatusOr<LiveReport> checked = CheckLiveCluster(plan, options, progress);
  progress.End();
  if (absl::IsFailedPrecondition(checked.status())) {  // not judged, as one that is not reachable
    return Unavailable("{}", Message(checked.status()));
  }
  ASSIGN_OR_RETURN(LiveReport report, std::move(checked));
  if (format == Format::kJson) {
    PrintRecords(report);
  } else {
    PrintText(report);
  }
  return report.findings.empty() ? ExitCode::kDone : ExitCode::kVerifyFailed;
}

}  // namespace pdr

// pravega-dr dr status: how far a run is, from any terminal, and what to run next.
#include <memory>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/share_status.h"
#include "recovery/run_progress.h"
#include "recovery/workspace.h"
#include "report/quantities.h"

namespace pdr {
namespace {

struct StatusArguments {
  std::string workspace = "pravega-dr-workspace";
  bool rehearse = false;
  Format format = Format::kText;
};

struct State {
  Phase phase = Phase::kEmpty;
  std::optional<Identity> identity;
  std::vector<Workspace::PhaseTime> history;
  std::optional<ProgressNow> now;  // of the program that is at work
  StatusOr<std::optional<ShareNow>> shared = std::optional<ShareNow>();
  std::string next;
};

std::string Command(const StatusArguments& options, const Identity& identity,
                    const std::string& name) {
  std::vector<std::string> words = {"pravega-dr", "dr", name};
  if (name != "undo") words.push_back(identity.root);
  words.insert(words.end(), {"--workspace", options.workspace});
  if (!identity.config_file.empty() && name != "undo") {
    words.insert(words.end(), {"--config", identity.config_file});
  }
  for (const std::string& setting : identity.settings) {
    if (name != "undo") words.insert(words.end(), {"--set", setting});
  }
  if (identity.rehearsal && name != "plan") words.emplace_back("--rehearse");
  return ShellWords(words);
}

// The real run of what was rehearsed.
std::string RealRun(const StatusArguments& options, Identity identity) {
  identity.rehearsal = false;
  if (identity.config_file.empty() && identity.settings.empty()) {
    return Command(options, identity, "recover") +
           " --config FILE, with Pravega's own properties file";
  }
  return Command(options, identity, "recover");
}

std::string Next(const StatusArguments& options, const State& state) {
  if (state.now) return "wait; it may be interrupted at any time";
  if (!state.identity) {
    return ShellWords({"pravega-dr", "dr", "plan"}) + " DIR " +
           ShellWords({"--workspace", options.workspace}) + ", where DIR is Tier-2's root";
  }
  std::string recover = Command(options, *state.identity, "recover");
  if (state.shared.ok() && *state.shared) recover += " --share --yes";
  std::string undo = Command(options, *state.identity, "undo");
  switch (state.phase) {
    case Phase::kEmpty:
    case Phase::kPlanned:
      return recover;
    case Phase::kUndoing:
      return undo;
    case Phase::kUndone:
      return "to try again: " + Command(options, *state.identity, "plan");
    case Phase::kDone:
      return state.identity->rehearsal
                 ? "the real run: " + RealRun(options, *state.identity)
                 : "if production is not up yet: start the segment stores, then the controller; "
                   "then dr verify --live and dr report";
    default:
      return recover + "\n             or take it back: " + undo;
  }
}

StatusOr<State> Load(const StatusArguments& options) {
  const std::string directory = options.workspace + (options.rehearse ? "/rehearsal" : "");
  StatusOr<std::unique_ptr<Workspace>> opened = Workspace::OpenReadOnly(directory);
  if (absl::IsNotFound(opened.status()) && !options.rehearse &&
      Workspace::OpenReadOnly(directory + "/rehearsal").ok()) {
    return NotFound("{} holds only a rehearsal: add --rehearse to look at that", directory);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, std::move(opened));
  State state;
  ASSIGN_OR_RETURN(state.history, workspace->LoadHistory());
  ASSIGN_OR_RETURN(state.identity, workspace->LoadIdentity());
  if (!state.history.empty()) state.phase = state.history.back().phase;
  if (Workspace::InUse(directory)) {
    StatusOr<ProgressNow> now = ReadProgress(directory);
    if (now.ok()) state.now = *std::move(now);
  }
  if (state.identity) state.shared = LookAtSharedRun(*state.identity);
  state.next = Next(options, state);
  return state;
}

void PrintAsJson(const State& s) {
  Json phases = Json::array();
  for (const auto& h : s.history) {
    phases.push_back({{"phase", PhaseName(h.phase)}, {"at_ms", h.at_ms}});
  }
  Json fields = {{"phase", PhaseName(s.phase)},
                 {"run_id", s.identity ? s.identity->run_id : ""},
                 {"root", s.identity ? s.identity->root : ""},
                 {"containers", s.identity ? s.identity->container_count : 0},
                 {"history", phases},
                 {"active", s.now.has_value()},
                 {"next", s.next}};
  if (s.now) {
    fields["doing"] = s.now->phase;
    fields["done"] = s.now->done;
    fields["total"] = s.now->total;
    fields["started_ms"] = s.now->started_ms;
    fields["at_work_on"] = s.now->containers;
    fields["process"] = s.now->process;
  }
  if (!s.shared.ok()) {
    fields["shared"] = {{"error", Message(s.shared.status())}};
  } else if (*s.shared) {
    fields["shared"] = ShareJson(**s.shared);
  }
  PrintJson("status", fields);
}

void PrintNow(const ProgressNow& now) {
  std::string line = fmt::format("Now          {}: {}", now.phase, now.done);
  if (now.total > 0) line += fmt::format(" of {}", now.total);
  line += fmt::format(", for {}", HumanMillis(Clock::Real().NowMillis() - now.started_ms));
  if (!now.containers.empty()) {
    line += fmt::format("; at work on container {}", fmt::join(now.containers, ", "));
  }
  PrintLine(line + fmt::format(" (process {})", now.process));
}

Status RunStatus(const StatusArguments& options) {
  ASSIGN_OR_RETURN(State s, Load(options));
  if (options.format == Format::kJson) {
    PrintAsJson(s);
    return OkStatus();
  }
  if (s.identity) {
    PrintLine(fmt::format("Tier-2       {} ({}, {} containers)", s.identity->root,
                          s.identity->layout, s.identity->container_count));
    PrintLine(fmt::format("Run          {}{}", s.identity->run_id,
                          s.identity->rehearsal ? ", a rehearsal" : ""));
  }
  for (size_t i = 0; i < s.history.size(); ++i) {
    const int64_t took = i == 0 ? 0 : s.history[i].at_ms - s.history[i - 1].at_ms;
    PrintLine(fmt::format("{:<12} after {}", PhaseName(s.history[i].phase), HumanMillis(took)));
  }
  if (s.now) PrintNow(*s.now);
  if (!s.shared.ok()) {
    PrintLine(fmt::format("Shared       not known: {}", Message(s.shared.status())));
  } else if (*s.shared) {
    PrintLine(ShareText(**s.shared));
  }
  PrintLine(fmt::format("Next         {}", s.next));
  return OkStatus();
}

}  // namespace

void AddStatus(CLI::App& dr, Action& action) {
  auto options = std::make_shared<StatusArguments>();
  CLI::App* command = dr.add_subcommand("status", "How far the run got, and what to do next");
  command->add_option("--workspace", options->workspace, "where the run is remembered")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--rehearse", options->rehearse, "look at the rehearsal");
  AddFormatOption(*command, options->format);
  AddExamples(*command, {"pravega-dr dr status --workspace /var/tmp/dr"});
  command->callback([options, &action] {
    action = [options] {
      Status done = RunStatus(*options);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

}  // namespace pdr

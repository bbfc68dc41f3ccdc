// pravega-dr dr explain: what a workspace remembers of one segment.
#include <memory>

#include "cli/commands.h"
#include "cli/output.h"
#include "recovery/workspace.h"
#include "report/explain.h"
#include "report/plan_report.h"
#include "report/quantities.h"

namespace pdr {
namespace {

struct ExplainArguments {
  std::string workspace = "pravega-dr-workspace";
  std::string segment;
  bool rehearse = false;
  Format format = Format::kText;
};

StatusOr<std::unique_ptr<Workspace>> OpenWorkspace(const ExplainArguments& options) {
  return Workspace::OpenReadOnly(options.workspace + (options.rehearse ? "/rehearsal" : ""));
}

void PrintAnomaly(const Anomaly& a, Format format) {
  if (format == Format::kJson) {
    const JsonRecord record = AnomalyJson(a);
    return PrintJson(record.type, record.fields);
  }
  PrintLine(fmt::format("{:<24} container {:>3}  {}: {}", a.code, ContainerText(a.container),
                        Printable(a.subject), Printable(a.message)));
}

StatusOr<ExplainContext> LoadContext(Workspace& workspace) {
  ExplainContext context;
  ASSIGN_OR_RETURN(std::optional<Identity> identity, workspace.LoadIdentity());
  if (identity && identity->layout == LayoutName(Layout::kRolling)) {
    context.layout = Layout::kRolling;
  }
  ASSIGN_OR_RETURN(context.anomalies, workspace.LoadAnomalies());
  return context;
}

// For a name that is not known: the segments of the same stream, or else of the same scope.
StatusOr<std::string> NamesNear(Workspace& workspace, std::string_view name) {
  constexpr int kMost = 5;
  while (!name.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, workspace.NamesThatBegin(name, kMost));
    if (!names.empty()) {
      std::vector<std::string> shown;
      shown.reserve(names.size());
      for (const std::string& known : names) shown.push_back(Printable(known));
      return fmt::format("; with {} begin: {}", Printable(name), fmt::join(shown, ", "));
    }
    name.remove_suffix(name.ends_with('/') ? 1 : 0);
    const size_t slash = name.rfind('/');
    name = name.substr(0, slash == std::string_view::npos ? 0 : slash + 1);
  }
  return "";
}

Status RunExplain(const ExplainArguments& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, OpenWorkspace(options));
  ASSIGN_OR_RETURN(std::vector<RecordedSegment> segments, workspace->LoadSegment(options.segment));
  ASSIGN_OR_RETURN(ExplainContext context, LoadContext(*workspace));
  for (const RecordedSegment& s : segments) {
    ASSIGN_OR_RETURN(context.table_files, workspace->LoadTableFiles(s.container));
    if (options.format == Format::kJson) {
      const JsonRecord record = ExplainJson(s, context);
      PrintJson(record.type, record.fields);
    } else {
      PrintLine(ExplainText(s, context));
    }
  }
  if (!segments.empty()) return OkStatus();
  bool any = false;  // a file, an index, a stream, or a segment of which nothing could be read
  for (const Anomaly& a : context.anomalies) {
    if (a.subject != options.segment) continue;
    any = true;
    PrintAnomaly(a, options.format);
  }
  if (any) return OkStatus();
  ASSIGN_OR_RETURN(const std::string near, NamesNear(*workspace, options.segment));
  return InvalidArgument(
      "no segment {} in the recorded plan; storage list-segments has the names{}", options.segment,
      near);
}

void AddLook(CLI::App& dr, Action& action, const std::string& name, const std::string& description,
             Status (*run)(const ExplainArguments&), const std::vector<std::string>& examples,
             bool with_segment = false) {
  auto options = std::make_shared<ExplainArguments>();
  CLI::App* command = dr.add_subcommand(name, description);
  if (with_segment) command->add_option("segment", options->segment, "its full name")->required();
  command->add_option("--workspace", options->workspace, "where the run is remembered")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--rehearse", options->rehearse, "look at the rehearsal");
  AddFormatOption(*command, options->format);
  AddExamples(*command, examples);
  command->callback([options, run, &action] {
    action = [options, run] {
      Status done = run(*options);
      return done.ok() ? Finish(ExitCode::kDone) : Fail(done);
    };
  });
}

}  // namespace

void AddExplain(CLI::App& dr, Action& action) {
  AddLook(dr, action, "explain", "What was decided about one segment, and why", RunExplain,
          {"pravega-dr dr explain 'shop/orders/0.#epoch.0' --workspace /var/tmp/dr"}, true);
}

}  // namespace pdr

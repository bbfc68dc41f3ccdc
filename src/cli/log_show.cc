// pravega-dr log show: one container's durable log, row by row.
#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/target.h"
#include "container/log_dump.h"

namespace pdr {
namespace {

struct LogShowArguments {
  TargetOptions target;
  int container = 0;
  Format format = Format::kText;
};

StatusOr<Tier1> OpenTier1(const LogShowArguments& options) {
  ASSIGN_OR_RETURN(PravegaConfig config,
                   LoadConfig(options.target.config_file, options.target.overrides));
  constexpr std::string_view kEmbedded = "embedded:";
  if (!options.target.tier1.empty()) {
    return OpenEmbeddedTier1(options.target.tier1.substr(kEmbedded.size()), config.tier1);
  }
  if (config.has_tier1) return OpenBookKeeperTier1(config.tier1);
  return OpenEmbeddedTier1(RunWorkspace(options.target, config) + "/tier1", config.tier1);
}

Json ToJson(const LogRow& row) {
  Json fields;
  for (const auto& [name, value] : row.fields) {
    std::visit([&, key = name](const auto& v) { fields[key] = v; }, value);
  }
  return fields;
}

std::string ToText(const LogRow& row) {
  std::string line = fmt::format("{:<10}", row.type);
  for (const auto& [name, value] : row.fields) {
    line +=
        std::visit([&, key = name](const auto& v) { return fmt::format(" {}={}", key, v); }, value);
  }
  return Printable(line);
}

// Damage that is shown must also be told to a script.
bool IsWrong(const LogRow& row) {
  return row.type == "error" ||
         std::find(row.fields.begin(), row.fields.end(),
                   std::pair<std::string, LogValue>("accepted", false)) != row.fields.end();
}

StatusOr<ExitCode> RunLogShow(const LogShowArguments& options) {
  ASSIGN_OR_RETURN(Tier1 tier1, OpenTier1(options));
  ASSIGN_OR_RETURN(std::vector<LogRow> rows, DumpLog(tier1, options.container));
  bool wrong = false;
  for (const LogRow& row : rows) {
    wrong = wrong || IsWrong(row);
    if (options.format == Format::kJson) {
      PrintJson(row.type, ToJson(row));
    } else {
      PrintLine(ToText(row));
    }
  }
  return wrong ? ExitCode::kVerifyFailed : ExitCode::kDone;
}

}  // namespace

void AddLogShow(CLI::App& log, Action& action) {
  auto options = std::make_shared<LogShowArguments>();
  CLI::App* command = log.add_subcommand("show", "Decode one container's durable log");
  command->add_option("--container", options->container, "container id")
      ->type_name("N")
      ->required()
      ->check(CLI::NonNegativeNumber);
  AddTargetOptions(*command, options->target, /*with_root=*/false);
  AddFormatOption(*command, options->format);
  AddExamples(*command, {"pravega-dr log show --container 3 --config config.properties",
                         "pravega-dr log show --container 3 --tier1 embedded:/var/tmp/tier1"});
  command->callback(
      [options, &action] { action = [options] { return Finish(RunLogShow(*options)); }; });
}

}  // namespace pdr

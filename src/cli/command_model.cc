#include "cli/command_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/config_file.h"
#include "recovery/anomaly_codes.h"
#include "recovery/preflight.h"

namespace pdr {
namespace {

// CLI11 writes a checked value as "TEXT:{text,csv,json}".
std::vector<std::string> Listed(const std::string& type) {
  std::vector<std::string> out;
  const size_t open = type.find('{');
  const size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return out;
  std::string word;
  for (char c : type.substr(open + 1, close - open - 1) + ",") {
    if (c != ',') {
      word += c;
      continue;
    }
    out.push_back(word);
    word.clear();
  }
  return out;
}

std::vector<std::string> Choices(const std::string& type) {
  std::vector<std::string> out = Listed(type);
  if (type == "CODE") {
    for (const AnomalyCode& code : AnomalyCodes()) {
      if (code.weight == Weight::kAllow) out.emplace_back(code.code);
    }
    out.insert(out.end(), kAllowableObstacles.begin(), kAllowableObstacles.end());
  }
  if (type == "KEY=VALUE") {
    for (std::string_view key : ConfigKeyNames()) out.push_back(fmt::format("{}=", key));
  }
  return out;
}

OptionModel Describe(const CLI::Option& option) {
  OptionModel out;
  out.positional = option.get_positional();
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  if (out.positional) out.names = {option.get_name(true)};
  out.description = option.get_description();
  out.default_value = option.get_default_str();
  out.required = option.get_required();
  if (option.get_items_expected_max() == 0) return out;  // a flag
  const std::string type = option.get_type_name();
  out.choices = Choices(type);
  // And "N:UINT in [1 - 1024]"; but "embedded:DIR" is a value as it is typed.
  const std::string plain =
      type.find(' ') == std::string::npos ? type : type.substr(0, type.find(':'));
  out.value = Listed(type).empty() ? plain : "WORD";
  return out;
}

CommandModel Describe(const CLI::App& app, std::vector<std::string> path) {
  CommandModel out;
  path.push_back(app.get_name());
  out.path = path;
  out.description = app.get_description();
  out.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) out.options.push_back(Describe(*option));
  std::stable_partition(out.options.begin(), out.options.end(),
                        [](const OptionModel& o) { return o.positional; });
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    out.commands.push_back(Describe(*command, path));
  }
  return out;
}

void Collect(const CommandModel& command, std::vector<const CommandModel*>& out) {
  out.push_back(&command);
  for (const CommandModel& below : command.commands) Collect(below, out);
}

}  // namespace

std::string CommandModel::Name(char separator) const {
  return fmt::format("{}", fmt::join(path, std::string(1, separator)));
}

CommandModel DescribeCommands(const CLI::App& program) { return Describe(program, {}); }

std::vector<const CommandModel*> AllCommands(const CommandModel& program) {
  std::vector<const CommandModel*> out;
  Collect(program, out);
  return out;
}

std::string Synopsis(const CommandModel& command) {
  std::string out = command.Name(' ');
  if (!command.commands.empty()) return out + " COMMAND ...";
  for (const OptionModel& o : command.options) {
    if (!o.positional && o.required) out += fmt::format(" {} {}", o.names.front(), o.value);
  }
  out += " [OPTIONS]";
  for (const OptionModel& o : command.options) {
    if (o.positional) out += o.required ? " " + o.names.front() : " [" + o.names.front() + "]";
  }
  return out;
}

}  // namespace pdr

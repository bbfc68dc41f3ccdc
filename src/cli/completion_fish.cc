#include <fmt/format.h>

#include "cli/completion.h"

namespace pdr {
namespace {

constexpr std::string_view kFunctions = R"fish(# fish completion for pravega-dr
function __pravega_dr_words
    set -l words (commandline -opc)
    string match -v -- '-*' $words[2..]
end
# The command line is at this command, whatever follows.
function __pravega_dr_in
    set -l words (__pravega_dr_words)
    test (count $words) -ge (count $argv); and test "$words[1..$(count $argv)]" = "$argv"
end
# Nothing but this group of commands is typed.
function __pravega_dr_at
    test "$(__pravega_dr_words | string join ' ')" = "$argv"
end
complete -c pravega-dr -f
)fish";

std::string FishQuoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

std::string FishPath(const CommandModel& command) {
  return fmt::format("{}", fmt::join(command.path.begin() + 1, command.path.end(), " "));
}

std::string Argument(const OptionModel& option) {
  if (!option.choices.empty()) {
    return " -a " + FishQuoted(fmt::format("{}", fmt::join(option.choices, " ")));
  }
  switch (KindOf(option)) {
    case ValueKind::kFile:
      return " -F";
    case ValueKind::kDirectory:
      return " -a '(__fish_complete_directories)'";
    case ValueKind::kOther:
      break;
  }
  return "";
}

std::string Line(const CommandModel& command, const OptionModel& option) {
  const std::string in =
      command.path.size() == 1 ? "__pravega_dr_at" : "__pravega_dr_in " + FishPath(command);
  std::string out = fmt::format("complete -c pravega-dr -n {}", FishQuoted(in));
  if (option.positional) {
    const std::string argument = Argument(option);
    return argument.empty() ? "" : out + argument + "\n";
  }
  for (const std::string& name : option.names) {
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.value.empty()) out += " -r" + Argument(option);
  return out + fmt::format(" -d {}\n", FishQuoted(option.description));
}

}  // namespace

std::string FishCompletion(const CommandModel& program) {
  std::string out(kFunctions);
  for (const CommandModel* command : AllCommands(program)) {
    for (const CommandModel& below : command->commands) {
      out += fmt::format("complete -c pravega-dr -n {} -a {} -d {}\n",
                         FishQuoted("__pravega_dr_at " + FishPath(*command)), below.path.back(),
                         FishQuoted(below.description));
    }
    for (const OptionModel& option : command->options) out += Line(*command, option);
  }
  return out;
}

ValueKind KindOf(const OptionModel& option) {
  if (option.value == "FILE") return ValueKind::kFile;
  return option.value == "DIR" ? ValueKind::kDirectory : ValueKind::kOther;
}

}  // namespace pdr

#include <fmt/format.h>

#include "cli/completion.h"

namespace pdr {
namespace {

// Inside single quotes; brackets and colons have a meaning to _arguments.
std::string ZshQuoted(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string Action(const OptionModel& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  switch (KindOf(option)) {
    case ValueKind::kFile:
      return "_files";
    case ValueKind::kDirectory:
      return "_files -/";
    case ValueKind::kOther:
      break;
  }
  return " ";
}

// What _arguments is told about every option, and about the positionals of a command.
std::string Specifications(const CommandModel& command) {
  std::string out;
  int position = 0;
  for (const OptionModel& option : command.options) {
    if (option.positional) {
      out += fmt::format(" \\\n    '{}:{}:{}'", ++position, ZshQuoted(option.names.front()),
                         Action(option));
      continue;
    }
    for (const std::string& name : option.names) {
      out += fmt::format(" \\\n    '*{}[{}]", name, ZshQuoted(option.description));
      if (!option.value.empty()) {
        out += fmt::format(":{}:{}", ZshQuoted(option.value), Action(option));
      }
      out += '\'';
    }
  }
  return out + "\n";
}

std::string Group(const CommandModel& command) {
  std::string names;
  std::string arms;
  for (const CommandModel& below : command.commands) {
    names += fmt::format("        '{}:{}'\n", below.path.back(), ZshQuoted(below.description));
    arms += fmt::format("        {}) _{} ;;\n", below.path.back(), below.Name('-'));
  }
  return fmt::format(
      "  local state line\n  local -a commands\n"
      "  _arguments -C '1: :->command' '*:: :->arguments'{}"
      "  case $state in\n    command)\n      commands=(\n{}      )\n"
      "      _describe command commands ;;\n"
      "    arguments)\n      case $line[1] in\n{}      esac ;;\n  esac\n",
      Specifications(command), names, arms);
}

}  // namespace

std::string ZshCompletion(const CommandModel& program) {
  std::string out = "#compdef pravega-dr\n";
  for (const CommandModel* command : AllCommands(program)) {
    out += fmt::format(
        "_{}() {{\n{}}}\n", command->Name('-'),
        command->commands.empty() ? "  _arguments" + Specifications(*command) : Group(*command));
  }
  // Loaded by its name this file is the function; read with source it registers it.
  return out +
         "if [ \"$funcstack[1]\" = _pravega-dr ]; then\n  _pravega-dr \"$@\"\nelse\n"
         "  compdef _pravega-dr pravega-dr\nfi\n";
}

}  // namespace pdr

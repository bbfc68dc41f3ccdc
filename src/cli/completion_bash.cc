#include <fmt/format.h>

#include "cli/completion.h"

namespace pdr {
namespace {

// What is asked is which words stand before the cursor; the tables are case arms.
constexpr std::string_view kScript = R"bash(# bash completion for pravega-dr
_pravega_dr() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} path= words= values= positional= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${{COMP_WORDS[i]}}" in
      {commands}) path+=" ${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$path $prev" in
{values}  esac
  case "$path" in
{words}  esac
  case "$values" in
    FILE) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    DIR) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
    OTHER) return ;;
    '') [[ $cur == -* || -z $positional ]] || {{
          compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return; }}
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
       [[ ${{COMPREPLY[0]-}} != *= ]] || compopt -o nospace ;;
  esac
}}
complete -F _pravega_dr pravega-dr
)bash";

std::string BashPath(const CommandModel& command) {
  return command.Name(' ').substr(command.path.front().size());
}

std::string Values(const OptionModel& option) {
  if (!option.choices.empty()) return fmt::format("{}", fmt::join(option.choices, " "));
  switch (KindOf(option)) {
    case ValueKind::kFile:
      return "FILE";
    case ValueKind::kDirectory:
      return "DIR";
    case ValueKind::kOther:
      break;
  }
  return "OTHER";
}

}  // namespace

std::string BashCompletion(const CommandModel& program) {
  std::string commands;
  std::string values;
  std::string words;
  for (const CommandModel* command : AllCommands(program)) {
    const std::string path = BashPath(*command);
    if (!path.empty()) commands += fmt::format("{}'{}'", commands.empty() ? "" : "|", path);
    std::string all;
    std::string positional;
    for (const CommandModel& below : command->commands) all += below.path.back() + " ";
    for (const OptionModel& option : command->options) {
      if (option.positional) {
        if (KindOf(option) == ValueKind::kDirectory) positional = "yes";
        for (const std::string& choice : option.choices) all += choice + " ";
        continue;
      }
      for (const std::string& name : option.names) {
        all += name + " ";
        if (option.value.empty()) continue;
        values += fmt::format("    '{} {}') values='{}' ;;\n", path, name, Values(option));
      }
    }
    words += fmt::format("    '{}') words='{}' positional={} ;;\n", path, all, positional);
  }
  return fmt::format(fmt::runtime(kScript), fmt::arg("commands", commands),
                     fmt::arg("values", values), fmt::arg("words", words));
}

}  // namespace pdr

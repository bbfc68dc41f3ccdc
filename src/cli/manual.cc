#include "cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli/exit_codes.h"
#include "cli/version.h"

namespace pdr {
namespace {

// A line of text for roff: no character of it is a command or a hyphenation.
std::string Roff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// What to choose from; completions go on behind the '=' of a key, readers need none.
std::string Choices(const OptionModel& option) {
  std::string out;
  for (std::string_view choice : option.choices) {
    if (choice.ends_with('=')) choice.remove_suffix(1);
    out += fmt::format("{}{}", out.empty() ? "" : ", ", choice);
  }
  return out;
}

std::string OptionEntry(const OptionModel& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", option.positional ? "\\fI" : "\\fB",
                         Roff(name));
    names += "\\fR";
  }
  const std::string value =
      option.positional || option.value.empty() ? "" : " \\fI" + Roff(option.value) + "\\fR";
  std::string out = fmt::format(".TP\n{}{}\n{}.\n", names, value, Roff(option.description));
  if (option.required && !option.positional) out += "Required.\n";
  if (!option.choices.empty()) {
    const char* what = option.value == "KEY=VALUE" ? "Keys" : "One of";
    out += fmt::format("{}: {}.\n", what, Roff(Choices(option)));
  }
  if (!option.default_value.empty()) {
    out += fmt::format("Default: {}.\n", Roff(option.default_value));
  }
  return out;
}

std::string Options(const CommandModel& command) {
  std::string arguments;
  std::string options;
  for (const OptionModel& o : command.options) {
    (o.positional ? arguments : options) += OptionEntry(o);
  }
  std::string out;
  if (!arguments.empty()) out += ".SH ARGUMENTS\n" + arguments;
  if (!options.empty()) out += ".SH OPTIONS\n" + options;
  return out;
}

std::string Verbatim(const std::string& text) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out += Roff(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return ".nf\n" + out + ".fi\n";
}

std::string Examples(const CommandModel& command) {
  if (command.footer.empty()) return "";
  // The heading of the text is the section's.
  return ".SH EXAMPLES\n" + Verbatim(command.footer.substr(command.footer.find('\n') + 1));
}

std::string ExitStatus() {
  std::string out = ".SH EXIT STATUS\n";
  for (const ExitCodeText& code : ExitCodeTexts()) {
    out += fmt::format(".TP\n\\fB{}\\fR\n{}; {}.\n", static_cast<int>(code.code),
                       Roff(code.meaning), Roff(code.remedy));
  }
  return out;
}

std::string SeeAlso(const CommandModel& program, const CommandModel& command) {
  std::string out;
  for (const CommandModel* other : AllCommands(program)) {
    if (other == &command) continue;
    out += fmt::format("{}\\fB{}\\fR(1)", out.empty() ? "" : ",\n", Roff(other->Name('-')));
  }
  return ".SH SEE ALSO\n" + out + "\n";
}

}  // namespace

std::string ManualFile(const CommandModel& command) { return command.Name('-') + ".1"; }

std::string ManualPage(const CommandModel& program, const CommandModel& command) {
  std::string out = fmt::format(".TH {} 1 \"\" \"pravega\\-dr {}\" \"pravega\\-dr\"\n",
                                Roff(Upper(command.Name('-'))), VersionNumber());
  out += fmt::format(".SH NAME\n{} \\- {}\n", Roff(command.Name('-')), Roff(command.description));
  out += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR\n", Roff(Synopsis(command)));
  if (!command.commands.empty()) {
    out += ".SH COMMANDS\n";
    for (const CommandModel* below : AllCommands(command)) {
      if (below == &command || !below->commands.empty()) continue;
      out +=
          fmt::format(".TP\n\\fB{}\\fR\n{}.\n", Roff(below->Name(' ')), Roff(below->description));
    }
  }
  out += Options(command) + Examples(command);
  if (command.commands.empty()) {
    out +=
        ".SH OUTPUT\nResults go to standard output, everything else to standard error. With\n"
        "\\fB\\-\\-format json\\fR results are JSON lines, each with a type.\n";
  }
  return out + ExitStatus() + SeeAlso(program, command);
}

}  // namespace pdr

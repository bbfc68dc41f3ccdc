#include "cli/program.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/edit_distance.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/version.h"

namespace pdr {
namespace {

CLI::App* AddGroup(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* group = app.add_subcommand(name, description);
  group->require_subcommand(1);
  return group;
}

std::string Unknown(const std::string& what, const std::string& word,
                    const std::vector<std::string>& known) {
  const std::string_view meant = Meant(word, {known.begin(), known.end()});
  if (!meant.empty()) {
    return fmt::format("unknown {} '{}'; is '{}' meant?", what, Printable(word), meant);
  }
  return fmt::format("unknown {} '{}'; there are: {}", what, Printable(word),
                     fmt::join(known, ", "));
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// "dr recover" for "recover": the commands of that name, with their groups'.
std::vector<std::string> InGroups(const CLI::App& program, const std::string& name) {
  std::vector<std::string> out;
  for (const CLI::App* group : program.get_subcommands(nullptr)) {
    for (const std::string& command : CommandNames(*group)) {
      if (command == name) out.push_back(group->get_name() + " " + name);
    }
  }
  return out;
}

std::string UnknownCommand(const CLI::App& program, const CLI::App& at, const std::string& word) {
  const std::vector<std::string> elsewhere = InGroups(program, word);
  if (elsewhere.empty()) return Unknown("command", word, CommandNames(at));
  return fmt::format("unknown command '{}'; is '{}' meant?", Printable(word),
                     fmt::join(elsewhere, "' or '"));
}

}  // namespace

std::unique_ptr<CLI::App> BuildProgram(Action& action) {
  auto app = std::make_unique<CLI::App>(
      "Rebuilds a Pravega cluster's segment containers from Tier-2", "pravega-dr");
  app->set_version_flag("--version", VersionText(), "print the version and what it supports");
  app->require_subcommand(1);

  CLI::App* storage = AddGroup(*app, "storage", "Look at Tier-2; changes nothing");
  AddListSegments(*storage, action);
  AddCheck(*storage, action);
  AddShow(*storage, action);

  CLI::App* dr = AddGroup(*app, "dr", "Bring a cluster back whose Tier-1 is lost");
  AddPlan(*dr, action);
  AddRecover(*dr, action);
  AddVerify(*dr, action);
  AddUndo(*dr, action);
  AddStatus(*dr, action);
  AddReport(*dr, action);
  AddExplain(*dr, action);

  CLI::App* log = AddGroup(*app, "log", "Look at durable logs; changes nothing");
  AddLogShow(*log, action);

  AddCompletion(*app, action);
  AddMan(*app, action);
  return app;
}

std::string Suggestion(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* at = &program;
  for (const std::string& word : arguments) {
    if (word.starts_with("-")) {
      const std::string name = word.substr(0, word.find('='));
      if (!word.starts_with("--") || at->get_option_no_throw(name) != nullptr) continue;
      return Unknown("option", name, OptionNames(*at));
    }
    if (at->get_subcommands(nullptr).empty()) continue;
    const auto commands =
        at->get_subcommands([&](const CLI::App* below) { return below->get_name() == word; });
    if (commands.empty()) return UnknownCommand(program, *at, word);
    at = commands.front();
  }
  return "";
}

ExitCode RunProgram(int argc, const char* const* argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  Action action;
  const std::unique_ptr<CLI::App> program = BuildProgram(action);
  try {
    program->parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) {  // --help, --version
      program->exit(e);
      return Finish(ExitCode::kDone);
    }
    const std::string suggestion = Suggestion(*program, arguments);
    fmt::print(stderr, "pravega-dr: {}\nRun with --help for more information.\n",
               suggestion.empty() ? e.what() : suggestion);
    return ExitCode::kUsage;
  }
  SayWhatToRunWhenInterrupted(arguments);
  return action();
}

}  // namespace pdr

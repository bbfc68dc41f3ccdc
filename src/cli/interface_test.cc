// The command line's own promises: every example parses, every page and script knows every command
// and option, a slip is answered with what was meant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cli/command_model.h"
#include "cli/completion.h"
#include "cli/interrupt.h"
#include "cli/manual.h"
#include "cli/program.h"
#include "cli/version.h"
#include "recovery/preflight.h"

namespace pdr {
namespace {

using testing::HasSubstr;
using testing::Not;

CommandModel Program() {
  Action none;
  return DescribeCommands(*BuildProgram(none));
}

std::vector<std::string> ExamplesOf(const CommandModel& command) {
  std::vector<std::string> out;
  std::istringstream in(command.footer);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("  pravega-dr ")) out.push_back(line.substr(2));
  }
  return out;
}

// A shell splits what stands before a pipe or a redirection.
std::vector<std::string> Words(const std::string& example) {
  std::vector<std::string> out;
  std::istringstream in(example);
  for (std::string word; in >> word && word != "|" && word != ">";) {
    std::erase(word, '\'');
    out.push_back(word);
  }
  return out;
}

TEST(Interface, EveryCommandHasExamplesThatParse) {
  const CommandModel program = Program();
  for (const CommandModel* command : AllCommands(program)) {
    if (!command->commands.empty()) continue;
    const std::vector<std::string> examples = ExamplesOf(*command);
    EXPECT_FALSE(examples.empty()) << command->Name(' ');
    for (const std::string& example : examples) {
      EXPECT_THAT(example, testing::StartsWith(command->Name(' ')));
      Action action;
      auto app = BuildProgram(action);
      std::vector<std::string> words = Words(example);
      std::reverse(words.begin(), words.end());
      words.pop_back();
      EXPECT_NO_THROW(app->parse(words)) << example;
      EXPECT_TRUE(action) << example;
    }
  }
}

TEST(Interface, TheManualKnowsEveryCommandAndOption) {
  const CommandModel program = Program();
  for (const CommandModel* command : AllCommands(program)) {
    std::string page = ManualPage(program, *command);
    for (size_t at; (at = page.find("\\-")) != std::string::npos;) page.erase(at, 1);
    for (const CommandModel& below : command->commands) {
      EXPECT_THAT(page, HasSubstr(below.Name(' '))) << command->Name(' ');
    }
    for (const OptionModel& option : command->options) {
      for (const std::string& name : option.names) {
        EXPECT_THAT(page, HasSubstr((option.positional ? "\\fI" : "\\fB") + name));
      }
      EXPECT_THAT(page, HasSubstr(option.description.substr(0, 20)));
    }
    for (const std::string& example : ExamplesOf(*command)) EXPECT_THAT(page, HasSubstr(example));
    EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS"));
    EXPECT_THAT(page, HasSubstr(VersionNumber()));
  }
}

TEST(Interface, TheManualNamesWhatAnOptionTakes) {
  const CommandModel program = Program();
  for (const CommandModel* command : AllCommands(program)) {
    if (command->Name(' ') != "pravega-dr dr recover") continue;
    std::string page = ManualPage(program, *command);
    for (size_t at; (at = page.find("\\-")) != std::string::npos;) page.erase(at, 1);
    for (std::string_view code : kAllowableObstacles) {
      EXPECT_THAT(page, HasSubstr(fmt::format("{}", code)));
    }
    EXPECT_THAT(page, HasSubstr("One of: chunk-missing, "));
    EXPECT_THAT(page, HasSubstr("Keys: "));
    EXPECT_THAT(page, HasSubstr("bookkeeper.ensemble.size, "));
    EXPECT_THAT(page, Not(HasSubstr("=,")));
    return;
  }
  FAIL() << "no page";
}

TEST(Interface, CompletionsKnowEveryCommandAndOption) {
  const CommandModel program = Program();
  const std::string bash = BashCompletion(program);
  const std::string zsh = ZshCompletion(program);
  const std::string fish = FishCompletion(program);
  for (const CommandModel* command : AllCommands(program)) {
    for (const std::string& script : {bash, zsh, fish}) {
      EXPECT_THAT(script, HasSubstr(command->path.back()));
    }
    for (const OptionModel& option : command->options) {
      if (option.positional) continue;
      const std::string& name = option.names.front();
      EXPECT_THAT(bash, HasSubstr(name));
      EXPECT_THAT(zsh, HasSubstr("*" + name + "["));
      EXPECT_THAT(fish, HasSubstr(" -l " + name.substr(2)));
    }
  }
  EXPECT_THAT(bash, HasSubstr("values='text json'"));
  EXPECT_THAT(zsh, HasSubstr("(text csv json)"));
}

TEST(Interface, ASlipIsAnsweredWithWhatWasMeant) {
  Action none;
  auto app = BuildProgram(none);
  EXPECT_EQ(Suggestion(*app, {"dr", "recvoer", "/x"}),
            "unknown command 'recvoer'; is 'recover' meant?");
  EXPECT_EQ(Suggestion(*app, {"storge"}), "unknown command 'storge'; is 'storage' meant?");
  EXPECT_EQ(Suggestion(*app, {"dr", "plan", "/x", "--worspace=/y"}),
            "unknown option '--worspace'; is '--workspace' meant?");
  EXPECT_EQ(Suggestion(*app, {"recover", "/x"}),
            "unknown command 'recover'; is 'dr recover' meant?");
  EXPECT_EQ(Suggestion(*app, {"dr", "show"}),
            "unknown command 'show'; is 'storage show' or 'log show' meant?");
  EXPECT_THAT(Suggestion(*app, {"log", "frobnicate"}), HasSubstr("there are: show"));
  EXPECT_EQ(Suggestion(*app, {"dr", "plan", "/x", "--workspace", "/y"}), "");
}

TEST(Interface, TheDocumentHasTheSameExitCodes) {
  std::ifstream in("docs/exit-codes.md");
  std::vector<std::string> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| ") && std::isdigit(static_cast<unsigned char>(line[2])) != 0) {
      rows.push_back(line);
    }
  }
  ASSERT_EQ(rows.size(), ExitCodeTexts().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const ExitCodeText& text = ExitCodeTexts()[i];
    EXPECT_THAT(rows[i], testing::StartsWith(fmt::format("| {} | {} |", static_cast<int>(text.code),
                                                         text.meaning)));
    EXPECT_THAT(rows[i], testing::EndsWith(fmt::format("| {} |", text.remedy)));
  }
}

TEST(Interface, WordsAreQuotedForTheShell) {
  EXPECT_EQ(ShellWords({"dr", "explain", "a b/0.#epoch.0", "it's", ""}),
            "dr explain 'a b/0.#epoch.0' 'it'\\''s' ''");
}

}  // namespace
}  // namespace pdr

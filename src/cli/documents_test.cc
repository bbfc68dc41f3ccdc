// Every command line in the documents is one that the program takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;

std::string Trimmed(std::string line) {
  const size_t begin = line.find_first_not_of(" \t");
  return begin == std::string::npos ? "" : line.substr(begin);
}

// The command line in a line of a document: what follows "pravega-dr" at its beginning, or between
// backquotes. Empty when there is none, or when it is a synopsis ([...], a|b, ...).
std::string CommandIn(const std::string& line) {
  constexpr std::string_view kProgram = "pravega-dr ";
  std::string text = Trimmed(line);
  if (text.starts_with("$ ")) text = text.substr(2);
  const size_t quoted = text.find("`pravega-dr ");
  if (quoted != std::string::npos) {
    text = text.substr(quoted + 1);
    text = text.substr(0, text.find('`'));
  }
  if (!text.starts_with(kProgram)) return "";
  text = text.substr(kProgram.size());
  for (const char* end : {"#", " &&", ";"}) text = text.substr(0, text.find(end));
  return text.find_first_of("[|") == std::string::npos ? text : "";
}

std::vector<std::string> CommandWords(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// "dr plan" names a command; with more words it is a command line.
bool IsCommandLine(const std::vector<std::string>& words) {
  return words.size() > 2 && (words[0] == "dr" || words[0] == "storage" || words[0] == "log");
}

int CheckDocument(const fs::path& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path;
  int checked = 0;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> words = CommandWords(CommandIn(line));
    if (!IsCommandLine(words)) continue;
    ++checked;
    Action action;
    const std::unique_ptr<CLI::App> program = BuildProgram(action);
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    try {
      program->parse(words);
    } catch (const CLI::ParseError& e) {
      ADD_FAILURE() << path << ": " << line << "\n" << e.what();
    }
  }
  return checked;
}

TEST(Documents, EveryCommandLineIsTaken) {
  EXPECT_GE(CheckDocument("README.md"), 8);
  EXPECT_GE(CheckDocument("docs/runbook.md"), 12);
  EXPECT_GE(CheckDocument("deploy/kubernetes/job.yaml"), 1);
  for (const fs::directory_entry& entry : fs::directory_iterator("docs")) {
    if (entry.path().extension() == ".md") CheckDocument(entry.path());
  }
}

TEST(Documents, AWrongCommandLineIsFound) {
  EXPECT_EQ(CommandIn("| 2 | `pravega-dr dr plan R --workspace W` | x |"),
            "dr plan R --workspace W");
  EXPECT_EQ(CommandIn("    $ pravega-dr dr plan R   # look"), "dr plan R   ");
  EXPECT_EQ(CommandIn("pravega-dr dr plan R [--workspace W]"), "");
  EXPECT_EQ(CommandIn("no command"), "");
}

}  // namespace
}  // namespace pdr

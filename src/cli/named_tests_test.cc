// The documents say which test shows what; here every test that they name must exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace pdr {
namespace {

namespace fs = std::filesystem;

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::smatch> AllMatches(const std::string& text, const std::regex& pattern) {
  return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

// Suite -> tests, from the sources.
const std::map<std::string, std::set<std::string>>& Tests() {
  static const auto* const kTests = [] {
    auto* tests = new std::map<std::string, std::set<std::string>>;
    const std::regex test(R"(\nTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
    for (const auto& entry : fs::recursive_directory_iterator("src")) {
      if (!entry.path().string().ends_with("_test.cc")) continue;
      const std::string text = Slurp(entry.path());
      for (const std::smatch& m : AllMatches(text, test)) (*tests)[m[1]].insert(m[2]);
    }
    return tests;
  }();
  return *kTests;
}

// `Suite`, `Suite.Test` or `Suite/Test` (in both layouts); a test's name may end in "..." and have
// '*' in it. A prefix that ends in a digit is a hazard's number: H1... is not H10.
bool Exists(const std::string& name) {
  static const std::regex kName(R"((\w+)(?:[./]([\w*]+)(\.\.\.)?)?)");
  std::smatch parts;
  if (!std::regex_match(name, parts, kName)) return false;
  const auto suite = Tests().find(parts[1]);
  if (suite == Tests().end()) return false;
  if (!parts[2].matched) return true;
  std::string pattern = std::regex_replace(parts[2].str(), std::regex(R"(\*)"), ".*");
  if (parts[3].matched) pattern += std::isdigit(pattern.back()) != 0 ? "(?!\\d).*" : ".*";
  const std::regex test(pattern);
  return std::any_of(suite->second.begin(), suite->second.end(),
                     [&](const std::string& t) { return std::regex_match(t, test); });
}

bool ScenarioExists(const std::string& name) {
  for (const auto& entry : fs::directory_iterator("e2e")) {
    if (entry.path().extension() != ".py") continue;
    if (Slurp(entry.path()).find("@scenario(\"" + name + "\")") != std::string::npos) return true;
  }
  return false;
}

// What stands between backquotes and begins as a suite's name does.
std::vector<std::string> NamedIn(const std::string& text) {
  std::vector<std::string> names;
  const std::regex quoted("`([A-Z][a-z][^` =]*)`");
  for (const std::smatch& m : AllMatches(text, quoted)) names.push_back(m[1]);
  return names;
}

std::vector<std::string> ScenariosIn(const std::string& text) {
  std::vector<std::string> names;
  const std::regex quoted("scenarios? `([a-z-]+)`");
  for (const std::smatch& m : AllMatches(text, quoted)) names.push_back(m[1]);
  return names;
}

TEST(NamedTests, OfTheHazardsExistAndEveryHazardHasOne) {
  std::istringstream lines(Slurp("docs/hazards.md"));
  std::set<int> hazards;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| H") || line.starts_with("| Hazard ")) continue;
    const std::string tests = line.substr(line.rfind('|', line.size() - 2));
    const bool impossible = line.find("cannot occur") != std::string::npos;
    const auto names = NamedIn(tests);
    EXPECT_TRUE(impossible || !names.empty()) << line;
    for (const std::string& name : names) EXPECT_TRUE(Exists(name)) << name << "\n" << line;
    for (const std::string& s : ScenariosIn(tests)) EXPECT_TRUE(ScenarioExists(s)) << s;
    const std::string first = line.substr(0, line.find('|', 2));
    for (const std::smatch& m : AllMatches(first, std::regex("H(\\d+)"))) {
      hazards.insert(std::stoi(m[1]));
    }
  }
  for (int hazard = 1; hazard <= 49; ++hazard) EXPECT_TRUE(hazards.contains(hazard)) << hazard;
}

TEST(NamedTests, OfTheDamagesAndTheFiguresExist) {
  for (const char* path : {"docs/damages.md", "docs/safety.md"}) {
    const std::string text = Slurp(path);
    const std::string prose = text.substr(0, text.find("| damage |"));
    EXPECT_THAT(NamedIn(prose), testing::Not(testing::IsEmpty())) << path;
    for (const std::string& name : NamedIn(prose))
      EXPECT_TRUE(Exists(name)) << path << ": " << name;
    for (const std::string& s : ScenariosIn(prose)) EXPECT_TRUE(ScenarioExists(s)) << s;
  }
}

TEST(NamedTests, AWrongNameIsFound) {
  EXPECT_TRUE(Exists("NamedTests.AWrong..."));
  EXPECT_TRUE(Exists("NamedTests/*NameIsFound"));
  EXPECT_FALSE(Exists("NamedTests.ARight..."));
  EXPECT_FALSE(Exists("NamedTest.AWrong..."));
  EXPECT_FALSE(Exists("TailHazards/H9..."));
  EXPECT_FALSE(ScenarioExists("no-such"));
}

}  // namespace
}  // namespace pdr

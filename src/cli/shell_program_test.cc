// The real program and real shells: completion, manual pages, version, slips.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/program.h"

namespace pdr {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ShellProgram : public ProgramTest {
 protected:
  bool Has(const std::string& program) {
    return std::system(fmt::format("command -v {} >/dev/null 2>&1", program).c_str()) == 0;
  }
  Result Sh(const std::string& shell, const std::string& script) {
    Put("script", script);
    const std::string command = fmt::format("cd '{}' && {} ./script >'{}' 2>'{}' </dev/null",
                                            At(""), shell, At("out"), At("err"));
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Slurp(At("out")), Slurp(At("err"))};
  }
  // What bash offers for the last of these words.
  std::vector<std::string> Bash(const std::string& words) {
    const Result made = Run("completion bash");
    EXPECT_EQ(made.code, 0) << made.err;
    const Result r = Sh("bash", made.out + fmt::format("COMP_WORDS=(pravega-dr {}); "
                                                       "COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); "
                                                       "compopt() {{ :; }}; _pravega_dr; "
                                                       "printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
                                                       words));
    EXPECT_THAT(r.err, IsEmpty());
    return Lines(r.out);
  }
};

TEST_F(ShellProgram, BashCompletes) {
  using testing::ElementsAre;
  using testing::UnorderedElementsAre;
  EXPECT_THAT(Bash("d"), ElementsAre("dr"));
  EXPECT_THAT(Bash("dr re"), ElementsAre("recover", "report"));
  EXPECT_THAT(Bash("dr plan --for"), UnorderedElementsAre("--format", "--forget-writers"));
  EXPECT_THAT(Bash("dr plan --format ''"), ElementsAre("text", "json"));
  EXPECT_THAT(Bash("dr recover --allow chunk"), Contains("chunk-missing"));
  EXPECT_THAT(Bash("dr plan --set bookkeeper.ens"), ElementsAre("bookkeeper.ensemble.size="));
  EXPECT_THAT(Bash("completion f"), ElementsAre("fish"));
  fs::create_directories(At("tier2"));
  Put("tier3", "a file");
  EXPECT_THAT(Bash("dr plan tie"), ElementsAre("tier2"));
  EXPECT_THAT(Bash("dr plan --config tie"), UnorderedElementsAre("tier2", "tier3"));
}

TEST_F(ShellProgram, FishCompletes) {
  if (!Has("fish")) GTEST_SKIP() << "no fish";
  const std::string script = Run("completion fish").out;
  const Result r = Sh("fish --no-config", script +
                                              "complete -C 'pravega-dr dr re'\n"
                                              "complete -C 'pravega-dr dr plan --format '\n");
  EXPECT_THAT(Lines(r.out), Contains(testing::StartsWith("recover\t"))) << r.err;
  EXPECT_THAT(Lines(r.out), Contains(testing::StartsWith("json")));
  EXPECT_THAT(r.out, Not(HasSubstr("storage")));
}

TEST_F(ShellProgram, ZshTakesTheScript) {
  if (!Has("zsh")) GTEST_SKIP() << "no zsh";
  const std::string script = Run("completion zsh").out;
  const Result r = Sh("zsh -f", "autoload -Uz compinit && compinit -D -u\n" + script +
                                    "whence -w _pravega-dr-dr-plan\nprint $_comps[pravega-dr]\n");
  EXPECT_THAT(r.err, IsEmpty());
  EXPECT_THAT(Lines(r.out), testing::ElementsAre("_pravega-dr-dr-plan: function", "_pravega-dr"));
}

TEST_F(ShellProgram, ManualPagesFormatWithoutAWarning) {
  ASSERT_EQ(Run(fmt::format("man --out '{}'", At("man1"))).code, 0);
  size_t pages = 0;
  for (const auto& entry : fs::directory_iterator(At("man1"))) {
    ++pages;
    if (!Has("mandoc")) continue;
    const Result r = Sh("sh", fmt::format("mandoc -T lint -W warning '{}'", entry.path().string()));
    for (const std::string& line : Lines(r.out)) EXPECT_THAT(line, HasSubstr("missing date"));
  }
  EXPECT_GT(pages, 10u);
  EXPECT_THAT(Run("man dr recover").out, HasSubstr(".TH PRAVEGA\\-DR\\-DR\\-RECOVER 1"));
  EXPECT_EQ(Run("man no such").code, 2);
}

TEST_F(ShellProgram, TheVersionSaysWhatItSupports) {
  const Result r = Run("--version");
  EXPECT_EQ(r.code, 0);
  EXPECT_THAT(r.out, HasSubstr("build"));
  EXPECT_THAT(r.out, HasSubstr("supports Pravega 0.13"));
}

TEST_F(ShellProgram, HelpShowsExamples) {
  const Result r = Run("dr plan --help");
  EXPECT_EQ(r.code, 0);
  EXPECT_THAT(r.out, HasSubstr("Examples:\n  pravega-dr dr plan /mnt/tier2"));
}

TEST_F(ShellProgram, SlipsAreNamed) {
  Result r = Run("dr recvoer /mnt/tier2");
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("is 'recover' meant?"));
  EXPECT_THAT(r.out, IsEmpty());
  r = Run("dr plan /mnt/tier2 --worspace x");
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("is '--workspace' meant?"));
  r = Run("dr plan");
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("root is required"));
  Put("config.properties", "bookkeeper.ensemble.sise=3\nautoScale.mute.seconds=1\n");
  r = Run(fmt::format("dr plan /no/such --config '{}'", At("config.properties")));
  EXPECT_THAT(r.err, HasSubstr("line 1: the key bookkeeper.ensemble.sise is not known"));
  EXPECT_THAT(r.err, HasSubstr("is bookkeeper.ensemble.size meant?"));
  EXPECT_THAT(r.err, Not(HasSubstr("autoScale")));
}

}  // namespace
}  // namespace pdr

// The real program on a terminal and off it: what it shows while it works, and when it is stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/testing/program.h"
#include "cli/testing/terminal.h"

namespace pdr {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;

// The run is held when all but enabling the logs is done, so that there is time to look.
class ProgressProgram : public ProgramTest {
 protected:
  void SetUp() override {
    root_ = Fixture("chunked-flushed");
    Put("hold", "");
  }
  std::string Recover(const std::string& more = "") {
    return fmt::format(
        "env {} PDR_HOLD_BEFORE_ENABLE='{}' '{}' dr recover --rehearse {} --workspace '{}' {}",
        more, At("hold"), PDR_PROGRAM, root_, At("workspace"), arguments_);
  }
  void WaitUntilHeld() {
    for (int i = 0; i < 600 && !fs::exists(At("hold.reached")); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ASSERT_TRUE(fs::exists(At("hold.reached")));
  }
  std::string root_;
  std::string arguments_;
};

constexpr const char* kWide = "verify  [####################]  100%  4/4 containers";

TEST_F(ProgressProgram, IsDrawnInPlaceAsWideAsTheTerminal) {
  Terminal terminal(Recover("TERM=xterm"), 120);
  WaitUntilHeld();
  terminal.ReadUntil("\x1b[1mverify\x1b[0m  [####################]  100%  4/4 containers");
  terminal.Resize(22);
  const std::string narrow = terminal.ReadUntil("verify\x1b[0m  100%\r");
  EXPECT_THAT(narrow, HasSubstr("\r\x1b[J"));
  EXPECT_THAT(narrow, HasSubstr("\x1b[A"));  // the wide line was folded
  terminal.Resize(100);
  const std::string again = terminal.ReadUntil("4/4 containers");
  for (const std::string& line : Drawn(again)) EXPECT_LT(line.size(), 100u) << line;
  fs::remove(At("hold"));
  EXPECT_THAT(terminal.ReadToEnd(), HasSubstr("rehearsal done"));
  EXPECT_EQ(terminal.Wait(), 0);
}

TEST_F(ProgressProgram, ANarrowTerminalIsNotFolded) {
  Terminal terminal(Recover("TERM=xterm NO_COLOR=1"), 24);
  WaitUntilHeld();
  const std::string shown = terminal.ReadUntil("verify  100%");
  EXPECT_THAT(shown, Not(HasSubstr("\x1b[1m")));
  for (const std::string& line : Drawn(shown)) {
    if (!line.starts_with("verify")) continue;
    EXPECT_LT(line.size(), 24u) << line;
  }
}

TEST_F(ProgressProgram, AnInterruptSaysWhatToRunAndThatResumes) {
  Terminal terminal(Recover("TERM=xterm NO_COLOR=1"), 120);
  WaitUntilHeld();
  EXPECT_THAT(Drawn(terminal.ReadUntil(kWide)), Contains(testing::StartsWith(kWide)));
  terminal.Type("\x03");
  const std::vector<std::string> lines = Drawn(terminal.ReadToEnd());
  EXPECT_EQ(terminal.Wait(), 7);
  const std::string again =
      fmt::format("dr recover --rehearse {} --workspace {}", root_, At("workspace"));
  EXPECT_THAT(lines, Contains("  pravega-dr " + again));
  EXPECT_THAT(lines, Contains(fmt::format("  pravega-dr dr undo --workspace {} --rehearse",
                                          At("workspace"))));
  const Result status = Run(fmt::format("dr status --rehearse --workspace '{}'", At("workspace")));
  EXPECT_THAT(status.out, HasSubstr("pravega-dr dr recover "));
  const Result resumed = Run(again);
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("rehearsal done"));
}

TEST_F(ProgressProgram, OnlyResultsOnStandardOutput) {
  fs::remove(At("hold"));
  arguments_ = fmt::format("--format json > '{}'", At("results"));
  Terminal terminal(Recover("TERM=xterm"), 80);
  terminal.ReadToEnd();
  EXPECT_EQ(terminal.Wait(), 0);
  const std::vector<std::string> lines = Lines(Slurp(At("results")));
  EXPECT_THAT(lines, Not(SizeIs(0)));
  for (const std::string& line : lines) {
    EXPECT_TRUE(nlohmann::json::parse(line, nullptr, false).is_object()) << line;
  }
}

TEST_F(ProgressProgram, QuietShowsNoProgress) {
  arguments_ = "--quiet";
  Terminal terminal(Recover("TERM=xterm"), 80);
  WaitUntilHeld();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  fs::remove(At("hold"));
  const std::string shown = terminal.ReadToEnd();
  EXPECT_EQ(terminal.Wait(), 0);
  EXPECT_THAT(shown, Not(HasSubstr("%")));
  EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
}

TEST_F(ProgressProgram, WithoutATerminalALineEveryTenSeconds) {
  const auto hold = std::chrono::milliseconds(10500);
  std::thread release([&] {
    WaitUntilHeld();
    std::this_thread::sleep_for(hold);
    fs::remove(At("hold"));
  });
  const std::string command =
      fmt::format("{} --verbose >'{}' 2>'{}' </dev/null", Recover(), At("out"), At("err"));
  EXPECT_EQ(std::system(command.c_str()), 0);
  release.join();
  const std::vector<std::string> lines = Lines(Slurp(At("err")));
  EXPECT_THAT(lines, Contains(testing::StartsWith("verify  100%  4/4 containers")));
  EXPECT_THAT(lines, Contains(MatchesRegex("gather: [0-9]+ segments, .* in .*")));
  EXPECT_THAT(lines, Contains(MatchesRegex("verify: 4 containers in 1[0-9].. s")));
  EXPECT_THAT(Slurp(At("err")), Not(HasSubstr("\x1b")));
}

TEST_F(ProgressProgram, BeingToldToEndIsAnInterrupt) {
  const std::string command = fmt::format(
      "{} >'{}' 2>'{}' </dev/null & pid=$!; while [ ! -e '{}' ]; do sleep 0.1; done; kill $pid; "
      "wait $pid",
      Recover(), At("out"), At("err"), At("hold.reached"));
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_THAT(Slurp(At("err")), HasSubstr("interrupted; to go on where it stopped, run again"));
}

}  // namespace
}  // namespace pdr

// The real program: `dr ...` and `log show` as rehearsals of real trees, and wrong input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing/program.h"
#include "recovery/workspace.h"

namespace pdr {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DrProgram : public ProgramTest {
 protected:
  Result Dr(const std::string& arguments) {
    return Run(fmt::format("dr {} --workspace '{}'", arguments, At("workspace")));
  }
  // Paths, sizes, modes and times of everything below a directory.
  std::string State(const std::string& root) {
    const std::string list = At("state");
    const std::string find =
        fmt::format("cd '{}' && find . -printf '%P %s %m %T@\\n' | sort > '{}'", root, list);
    EXPECT_EQ(std::system(find.c_str()), 0);
    return Slurp(list);
  }
};

TEST_F(DrProgram, RehearsesAFlushedTreeAndTouchesNothing) {
  for (const char* name : {"chunked-flushed", "rolling-flushed"}) {
    fs::remove_all(At("workspace"));
    fs::remove_all(At("tier2"));
    const std::string root = Fixture(name);
    const std::string before = State(root);
    Result r = Dr("plan " + root);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr("336 segments"));
    EXPECT_THAT(r.out, HasSubstr("Loss         none"));
    r = Dr("recover --rehearse " + root);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr("no findings"));
    EXPECT_THAT(r.err, HasSubstr("rehearsal done"));
    EXPECT_THAT(r.err, HasSubstr("the real run will take about"));
    r = Dr("verify --rehearse " + root);
    EXPECT_EQ(r.code, 0) << r.err << r.out;
    EXPECT_EQ(State(root), before) << name;
  }
}

TEST_F(DrProgram, PlansTheSameWithHardlyAnyMemory) {
  for (const char* name : {"chunked-killed", "rolling-torn"}) {
    fs::remove_all(At("tier2"));
    const std::string root = Fixture(name);
    const Result much = Dr("plan --format json " + root);
    EXPECT_EQ(much.code, 3) << much.err;
    const Result little = Dr("plan --format json --memory 1 " + root);
    EXPECT_EQ(little.code, much.code) << little.err;
    EXPECT_EQ(little.out, much.out);
    EXPECT_EQ(Dr("plan --memory 0 " + root).code, 2);
  }
}

TEST_F(DrProgram, ATornTreeEndsWithRecordedLoss) {
  const std::string root = Fixture("rolling-torn");
  EXPECT_EQ(Dr("plan " + root).code, 3);
  Result r = Dr("recover --rehearse " + root);
  EXPECT_EQ(r.code, 3) << r.err;
  r = Dr("report --rehearse");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("torn-tail"));
  EXPECT_THAT(r.out, HasSubstr("dr/single/0.#epoch.0"));
  r = Dr("explain --rehearse 'dr/single/0.#epoch.0'");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("cut (proven from the start)"));
}

TEST_F(DrProgram, ARehearsalCanBeUndoneAndRepeated) {
  const std::string root = Fixture("chunked-flushed");
  ASSERT_EQ(Dr("recover " + root).code, 0);
  Result r = Dr("undo --rehearse");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(Dr("status --rehearse").out, HasSubstr("undone"));
  EXPECT_EQ(Dr("verify --rehearse " + root).code, 8);  // nothing there any more
  EXPECT_EQ(Dr("recover " + root).code, 0);
  EXPECT_EQ(Dr("verify --rehearse " + root).code, 0);
}

TEST_F(DrProgram, AForgottenConfigurationIsSaid) {
  const std::string root = Fixture("chunked-flushed");
  Result r = Dr("recover --yes " + root);
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("no ZooKeeper is configured: this is a rehearsal"));
  EXPECT_THAT(r.err, HasSubstr("production cannot be started: the real run needs --config FILE"));
  r = Dr("status");
  EXPECT_EQ(r.code, 9);
  EXPECT_THAT(r.err, HasSubstr("holds only a rehearsal: add --rehearse"));
  EXPECT_THAT(Dr("status --rehearse").out,
              HasSubstr("the real run: pravega-dr dr recover " + root));
}

TEST_F(DrProgram, AForgottenConfigurationIsRefusedWhereARealRunIsUnderWay) {
  const std::string root = Fixture("chunked-flushed");
  Dr("plan " + root);
  {
    StatusOr<std::unique_ptr<Workspace>> workspace = Workspace::Open(At("workspace"));
    ASSERT_TRUE(workspace.ok()) << workspace.status();
    ASSERT_TRUE((*workspace)->SetPhase(Phase::kReserved, 1).ok());
  }
  for (const char* command : {"recover --yes ", "verify "}) {
    const Result r = Dr(command + root);
    EXPECT_EQ(r.code, 2) << command << r.err;
    EXPECT_THAT(r.err, HasSubstr("holds a real run"));
    EXPECT_THAT(r.err, HasSubstr("--config"));
  }
  EXPECT_THAT(Dr("plan " + root).err, HasSubstr("finish it with dr recover"));
  EXPECT_EQ(Dr("recover --rehearse " + root).code, 0);
}

TEST_F(DrProgram, ACheckBeforeTheRecoveryTellsThatThereWasNone) {
  const std::string root = Fixture("chunked-flushed");
  const Result r = Dr("verify --rehearse " + root);
  EXPECT_EQ(r.code, 8);
  EXPECT_THAT(r.err, HasSubstr("no recovery was carried out"));
}

TEST_F(DrProgram, AConfigurationThatCannotBeOpenedIsTold) {
  const std::string root = Fixture("chunked-flushed");
  Result r = Dr("plan --config no-such-file " + root);
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("/no-such-file': No such file or directory"));
  r = Dr(fmt::format("plan --config '{}' {}", At(""), root));
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("it is a directory"));
}

TEST_F(DrProgram, StatusSaysWhatComesNext) {
  EXPECT_EQ(Dr("status").code, 9);
  const std::string root = Fixture("chunked-flushed");
  Dr("plan " + root);
  Result r = Dr("status");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("Next         pravega-dr dr recover " + root));
  r = Dr("status --format json");
  EXPECT_EQ(nlohmann::json::parse(r.out)["phase"], "planned");
}

TEST_F(DrProgram, JsonIsOneObjectPerLineWithAType) {
  const std::string root = Fixture("chunked-torn");
  const Result r = Dr("recover --rehearse --format json " + root);
  EXPECT_EQ(r.code, 3) << r.err;
  std::set<std::string> types;
  for (const std::string& line : Lines(r.out)) {
    const auto record = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(record.is_object()) << line;
    types.insert(record["type"]);
  }
  EXPECT_THAT(types, Contains("plan"));
  EXPECT_THAT(types, Contains("anomaly"));
  EXPECT_THAT(types, Contains("loss"));
  EXPECT_THAT(types, Contains("verified"));
}

TEST_F(DrProgram, LogShowDecodesTheCheckpoint) {
  const std::string root = Fixture("rolling-flushed");
  ASSERT_EQ(Dr("recover " + root).code, 0);
  const Result r = Run(fmt::format("log show --container 2 --workspace '{}'", At("workspace")));
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("_system/containers/metadata_2"));
}

TEST_F(DrProgram, ExplainKnowsWhatItDoesNotKnow) {
  Dr("plan " + Fixture("chunked-flushed"));
  const Result r = Dr("explain no/such/0.#epoch.0");
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("list-segments"));
}

TEST_F(DrProgram, WrongRootsAreRefused) {
  fs::create_directories(At("empty"));
  Put("file", "x");
  for (const char* command : {"plan", "recover --yes", "verify"}) {
    for (const char* root : {"missing", "empty", "file"}) {
      const Result r = Dr(fmt::format("{} '{}'", command, At(root)));
      EXPECT_EQ(r.code, 9) << command << " " << root << ": " << r.err;
      EXPECT_THAT(r.out, IsEmpty());
    }
  }
  EXPECT_FALSE(fs::exists(At("missing")));
}

TEST_F(DrProgram, WrongSettingsAreRefused) {
  const std::string root = Fixture("chunked-flushed");
  const std::string before = State(root);
  EXPECT_EQ(Dr("plan --set pravegaservice.container.count=8 " + root).code, 6);
  EXPECT_EQ(Dr("plan --set pravegaservice.storage.layout=ROLLING_STORAGE " + root).code, 6);
  EXPECT_EQ(Dr("plan --set pravegaservice.container.cuont=4 " + root).code, 2);
  EXPECT_EQ(Dr("recover --tier1 bookkeeper " + root).code, 2);
  EXPECT_EQ(Dr("recover --config /no/such/file " + root).code, 2);
  EXPECT_EQ(State(root), before);
}

TEST_F(DrProgram, WithoutATerminalARealRecoveryNeedsYes) {
  const Result r =
      Dr("recover --set pravegaservice.zk.connect.uri=127.0.0.1:1 "
         "--set bookkeeper.zk.connect.uri=127.0.0.1:1 "
         "--set bookkeeper.zk.connect.sessionTimeout.milliseconds=2000 " +
         Fixture("chunked-flushed"));
  EXPECT_EQ(r.code, 10) << r.err;  // nothing is asked before Tier-1 answers
  EXPECT_THAT(r.err, HasSubstr("127.0.0.1:1"));
}

// On a mount that the kernel keeps from being written to, in a mount namespace of its own.
TEST_F(DrProgram, ARehearsalNeedsNoMoreThanAReadOnlyMount) {
  const std::string root = Fixture("rolling-torn");
  const std::string in_namespace = fmt::format(
      "unshare -m sh -c \"mount --bind '{0}' '{0}' && mount -o remount,ro,bind '{0}'\"", root);
  if (std::system((in_namespace + " 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "this needs the right to mount";
  }
  const std::string script = fmt::format(
      "mount --bind '{0}' '{0}' && mount -o remount,ro,bind '{0}' && ! touch '{0}/x' && "
      "'{1}' dr plan '{0}' --workspace '{2}'; [ $? = 3 ] || exit 1; "
      "'{1}' dr recover --rehearse '{0}' --workspace '{2}'; [ $? = 3 ] || exit 2; "
      "'{1}' dr verify --rehearse '{0}' --workspace '{2}'",
      root, PDR_PROGRAM, At("workspace"));
  Put("script", script);
  const std::string run =
      fmt::format("unshare -m sh '{}' >'{}' 2>&1 </dev/null", At("script"), At("out"));
  EXPECT_EQ(std::system(run.c_str()), 0) << Slurp(At("out"));
}

TEST_F(DrProgram, TheSamePlanByteForByte) {
  const std::string root = Fixture("chunked-torn");
  const Result first = Dr("plan --format json " + root);
  fs::remove_all(At("workspace"));
  EXPECT_EQ(Dr("plan --format json " + root).out, first.out);
}

TEST_F(DrProgram, EverythingInTheWayIsToldAtOnce) {
  const std::string root = Fixture("chunked-flushed");
  const std::string before = State(root);
  const Result r =
      Dr("recover --yes --set pravegaservice.zk.connect.uri=127.0.0.1:1 "
         "--set bookkeeper.zk.connect.uri=127.0.0.1:1 --set pravegaservice.container.count=8 "
         "--set bookkeeper.zk.connect.sessionTimeout.milliseconds=500 --format json " +
         root);
  EXPECT_EQ(r.code, 6) << r.err;
  EXPECT_THAT(r.err, HasSubstr("zookeeper: "));
  EXPECT_THAT(r.err, HasSubstr("tier2: "));
  EXPECT_THAT(r.err, HasSubstr("2 obstacles in the way; nothing was changed"));
  EXPECT_THAT(r.out, HasSubstr(R"({"type":"obstacle","code":"zookeeper")"));
  EXPECT_EQ(State(root), before);
}

TEST_F(DrProgram, AChangedTreeIsNotRecoveredByAnOldPlan) {
  const std::string root = Fixture("chunked-flushed");
  ASSERT_EQ(Dr("recover " + root).code, 0);
  fs::remove_all(At("workspace/rehearsal"));
  ASSERT_EQ(Dr("plan " + root).code, 0);
  // The plan of a rehearsal is its own; the real one is compared when the real run starts.
  EXPECT_EQ(Dr("recover " + root).code, 0);
  EXPECT_THAT(Dr("status").out, Not(HasSubstr("built")));
}

}  // namespace
}  // namespace pdr

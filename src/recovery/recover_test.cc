// Whole recoveries of real trees in memory: outcome, repetition, refusals, undo.
#include "recovery/recover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recovery/manifest.h"
#include "recovery/testing/aside.h"
#include "recovery/testing/recovery_world.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

class RecoverTest : public testing::TestWithParam<std::string> {};

TEST_P(RecoverTest, BringsTheFlushedClusterBack) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  StatusOr<RecoverResult> result = world.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kDone);
  EXPECT_THAT(result->verify.findings, testing::IsEmpty());
  EXPECT_EQ(result->verify.containers, 4u);
  EXPECT_GE(result->verify.segments, 336u);
}

TEST_P(RecoverTest, ASecondRunChangesNothing) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  ASSERT_TRUE(world.Recover().ok());
  const Files before = world.disk.Files();
  const auto tier1 = world.Tier1State();
  StatusOr<RecoverResult> again = world.Recover();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcome, RecoverOutcome::kAlreadyDone);
  EXPECT_TRUE(world.disk.Files() == before);
  EXPECT_EQ(world.Tier1State(), tier1);
}

TEST_P(RecoverTest, RefusesATier1ThatIsNotEmpty) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  Tier1 tier1 = world.cluster.Open();
  DurableLog log(tier1, 2);
  ASSERT_TRUE(log.Initialize().ok());
  const Files before = world.disk.Files();
  StatusOr<RecoverResult> result = world.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_TRUE(world.disk.Files() == before);
}

TEST_P(RecoverTest, RefusesALiveCluster) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  Tier1 store = world.cluster.Open();
  ASSERT_TRUE(
      store.metadata->Create("/pravega/pravega-cluster/cluster/hosts/127.0.0.1:12345:", "", true)
          .ok());
  const Files before = world.disk.Files();
  EXPECT_EQ(world.Recover().status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(world.disk.Files() == before);
}

TEST_P(RecoverTest, NoOriginalIsLostOrChanged) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  const Files before = world.disk.Files();
  ASSERT_TRUE(world.Recover().ok());
  const Files after = world.disk.Files();
  for (const auto& [path, file] : before) {
    auto aside = after.find(AsidePath("run", path));
    auto there = aside != after.end() ? aside : after.find(path);
    ASSERT_NE(there, after.end()) << path;
    EXPECT_TRUE(there->second.bytes == file.bytes) << path;
  }
  EXPECT_TRUE(after.contains(
      AsidePath("run", before.contains("_system/containers/metadata_0$header")
                           ? "_system/containers/metadata_0$header"
                           : before.lower_bound("_system/containers/metadata_0.E-")->first)));
}

TEST_P(RecoverTest, UndoRestoresTheStartingPoint) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  const Files before = world.disk.Files();
  ASSERT_TRUE(world.Recover().ok());
  ASSERT_TRUE(world.Undo().ok());
  EXPECT_TRUE(world.disk.Files() == before);  // not even an own directory is left
  EXPECT_TRUE(world.cluster.ledgers.empty());
  for (const auto& [path, node] : world.cluster.nodes) EXPECT_EQ(node.node.data, "") << path;
}

TEST_P(RecoverTest, UndoRefusesOnceProductionHasWritten) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  ASSERT_TRUE(world.Recover().ok());
  Tier1 store = world.cluster.Open();
  DurableLog log(store, 1);
  ASSERT_TRUE(log.Initialize().ok());
  const Files before = world.disk.Files();
  EXPECT_EQ(world.Undo().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(world.disk.Files() == before);
}

TEST_P(RecoverTest, SamePlanEveryTime) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  auto first = PlanRun(world.disk, "c", world.options, Progress::Silent());
  auto second = PlanRun(world.disk, "c", world.options, Progress::Silent());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->identity, second->identity);
}

TEST_P(RecoverTest, ARecordedPlanThatNoLongerMatchesIsRefused) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  {
    StatusOr<std::unique_ptr<Workspace>> workspace = Workspace::Open(world.dir.path());
    ASSERT_TRUE(workspace.ok());
    auto run = PlanRun(world.disk, "pravega-cluster", world.options, Progress::Silent());
    ASSERT_TRUE(run.ok()) << run.status();
    ASSERT_TRUE((*workspace)->SavePlan(run->identity, run->plan, 1).ok());
  }
  world.disk.Put("dr/newcomer", "x");
  StatusOr<RecoverResult> result = world.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kPlanChanged);
  EXPECT_THAT(result->explanation, testing::HasSubstr("files in Tier-2"));
  EXPECT_TRUE(world.cluster.ledgers.empty());
}

INSTANTIATE_TEST_SUITE_P(Flushed, RecoverTest,
                         testing::Values("chunked-flushed", "rolling-flushed"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

// A cleanly flushed tree needs no repair, and nothing of it is lost.
TEST_P(RecoverTest, AFlushedTreeNeedsNoRepair) {
  RecoveryWorld world(FixtureFiles(GetParam()));
  auto run = PlanRun(world.disk, "c", world.options, Progress::Silent());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(run->plan.losses, testing::IsEmpty());
  for (const ContainerPlan& c : PlansOf(run->plan)) {
    EXPECT_THAT(c.cuts, testing::IsEmpty());
    EXPECT_THAT(c.rebuilds, testing::IsEmpty());
    EXPECT_THAT(c.modes, testing::IsEmpty());
    EXPECT_THAT(c.rewritten, testing::IsEmpty());
    // What a recovery always replaces, and garbage that was waiting to be collected: no segment's.
    for (const SetAside& s : c.set_aside) {
      EXPECT_THAT(s.code, testing::AnyOf("superseded", "gc-queue", "controller-reader-group",
                                         "unreferenced"))
          << s.path;
      EXPECT_TRUE(s.code != "superseded" || s.path.starts_with("_system/containers/")) << s.path;
    }
    for (const SegmentDecision& s : c.segments) {
      for (const Note& note : s.notes) EXPECT_EQ(note.code, "unframed") << s.info.name;
    }
  }
  for (const Anomaly& a : run->plan.anomalies) {
    EXPECT_THAT(a.code, testing::AnyOf("unframed", "unreferenced", "requests-replayed"))
        << a.subject;
  }
}

// Nothing lies in Tier-2 that tells what never reached it; the window must be stated all the same.
TEST(UncleanLoss, TheWindowIsStated) {
  for (const char* fixture : {"chunked-killed", "rolling-killed", "chunked-torn", "rolling-torn"}) {
    RecoveryWorld world(FixtureFiles(fixture));
    auto run = PlanRun(world.disk, "c", world.options, Progress::Silent());
    ASSERT_TRUE(run.ok()) << run.status();
    std::vector<Loss> windows;
    for (const Loss& l : run->plan.losses) {
      if (l.what == "window") windows.push_back(l);
      EXPECT_FALSE(l.exact && l.amount == 0) << l.subject;
      EXPECT_EQ(l.from_ms.has_value(), l.what == "window") << l.subject;
    }
    ASSERT_EQ(windows.size(), 1u) << fixture;
    EXPECT_EQ(windows[0].subject, "cluster");
    EXPECT_GT(windows[0].amount, 300u);  // open segments
  }
}

}  // namespace
}  // namespace pdr

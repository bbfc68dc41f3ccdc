// A shared run is taken back from any host, and mixed with nothing: no recovery alone, no other
// ZooKeeper, no Tier-2 that changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recovery/share_files.h"
#include "recovery/share_run.h"
#include "recovery/testing/share_world.h"

namespace pdr {
namespace {

using ShareUndoTest = ShareRunTest;
using ShareUndoDamaged = ShareRunDamaged;

// Runs a host that dies when the first file has been set aside.
void DieInTheMiddle(ShareWorld& world) {
  bool dead = false;
  ShareHost dying(world, "a", nullptr, [&](int64_t) {
    for (const auto& [path, file] : world.disk.Files()) {
      dead = dead || path.starts_with(".pravega-dr/run-a/backup");
    }
    return dead ? Unavailable("died") : OkStatus();
  });
  EXPECT_FALSE(dying.Recover().ok());
  EXPECT_TRUE(dead);
}

TEST_P(ShareUndoTest, ARecoveryAloneRefusesToMixWithASharedOne) {
  ShareWorld world(Tree());
  DieInTheMiddle(world);
  const Files files = world.disk.Files();
  ShareHost alone(world, "b");
  StatusOr<RecoverResult> result = alone.RecoverAlone();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("--share"));
  EXPECT_TRUE(world.disk.Files() == files);
}

TEST_P(ShareUndoTest, AnyHostCanTakeASharedRunBackAndBeginAnew) {
  const FinalState want = RecoveredAlone(Tree());
  ShareWorld world(Tree());
  DieInTheMiddle(world);
  {
    ShareHost other(world, "b");
    Status undone = other.Undo();
    ASSERT_TRUE(undone.ok()) << undone;
  }
  EXPECT_TRUE(world.Namespace() == Tree());
  EXPECT_TRUE(world.cluster.ledgers.empty());
  for (const auto& [path, node] : world.cluster.nodes) EXPECT_EQ(node.node.data, "") << path;
  {
    ShareHost again(world, "c");
    StatusOr<RecoverResult> result = again.Recover();
    ASSERT_TRUE(Done(result)) << result.status();
  }
  ExpectIs(world, want, "after an undo");
}

TEST_P(ShareUndoTest, ARunThatIsOnlyBegunCanBeTakenBack) {
  ShareWorld world(Tree());
  {
    ShareHost dying(world, "a", nullptr, [&](int64_t) {
      const Files files = world.disk.Files();
      return files.contains(".pravega-dr/shared-run") ? Unavailable("died") : OkStatus();
    });
    EXPECT_FALSE(dying.Recover().ok());
  }
  ShareHost other(world, "b");
  Status undone = other.Undo();
  EXPECT_TRUE(undone.ok()) << undone;
  auto current = CurrentSharedRun(world.disk);
  EXPECT_TRUE(current.ok() && !*current);
  EXPECT_TRUE(world.Namespace() == Tree());
}

TEST_P(ShareUndoTest, UndoWaitsForNobodyToTakePart) {
  ShareWorld world(Tree());
  DieInTheMiddle(world);
  Tier1 session = world.cluster.Open();
  ShareClaims claims(session, "busy", world.sleeping);
  auto member = claims.Join();
  ASSERT_TRUE(member.ok());
  const Files files = world.disk.Files();
  ShareHost other(world, "b");
  Status undone = other.Undo();
  EXPECT_EQ(undone.code(), StatusCode::kFailedPrecondition) << undone;
  EXPECT_THAT(std::string(Message(undone)), testing::HasSubstr("busy"));
  EXPECT_TRUE(world.disk.Files() == files);
}

// One host whose configuration names another ZooKeeper would meet none of the others there.
TEST_P(ShareUndoTest, AHostWithAnotherZooKeeperMustNotGoOnNorTakeBack) {
  ShareWorld world(Tree());
  DieInTheMiddle(world);
  world.cluster.nodes.clear();
  world.cluster.ledgers.clear();
  const Files files = world.disk.Files();
  ShareHost other(world, "b");
  StatusOr<RecoverResult> result = other.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("another ZooKeeper"));
  Status undone = other.Undo();
  EXPECT_EQ(undone.code(), StatusCode::kFailedPrecondition) << undone;
  EXPECT_TRUE(world.disk.Files() == files);
  EXPECT_TRUE(world.cluster.ledgers.empty());
}

TEST_P(ShareUndoDamaged, NobodyGoesOnWithWhatIsHalfTakenBack) {
  ShareWorld world(Tree());
  DieInTheMiddle(world);
  {
    int64_t effects = 0;
    ShareHost undoing(world, "b", nullptr,
                      [&](int64_t) { return ++effects > 2 ? Unavailable("died") : OkStatus(); });
    EXPECT_FALSE(undoing.Undo().ok());
  }
  const Files files = world.disk.Files();
  ShareHost going_on(world, "c");
  StatusOr<RecoverResult> result = going_on.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("dr undo"));
  EXPECT_TRUE(world.disk.Files() == files);
  {
    ShareHost finishing(world, "d");
    Status undone = finishing.Undo();
    EXPECT_TRUE(undone.ok()) << undone;
  }
  EXPECT_TRUE(world.Namespace() == Tree());
  StatusOr<RecoverResult> again = going_on.Recover();
  EXPECT_TRUE(Done(again)) << again.status();
}

// A segment store that still runs, before and after the logs are reserved: originals stay.
TEST_P(ShareUndoDamaged, ATier2ThatChangesBeforeFilesAreMovedStopsTheRun) {
  for (bool reserved : {false, true}) {
    ShareWorld world(Tree());
    bool changed = false;
    const auto begun = [&] {
      return reserved ? !world.cluster.ledgers.empty()
                      : world.disk.Files().contains(".pravega-dr/shared-run");
    };
    const auto write = [&] {
      if (!changed && begun()) world.disk.Put("dr/newcomer", "x");
      changed = changed || begun();
    };
    ShareHost host(
        world, "a",
        [&](std::string_view) {
          write();
          return Fault{};
        },
        [&](int64_t) {
          write();
          return OkStatus();
        });
    StatusOr<RecoverResult> result = host.Recover();
    EXPECT_TRUE(changed);
    EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
    EXPECT_EQ(world.cluster.ledgers.empty(), !reserved);
    Files files = world.Namespace();
    EXPECT_EQ(files.erase("dr/newcomer"), 1u);
    EXPECT_TRUE(files == Tree()) << "originals were moved";
  }
}

INSTANTIATE_TEST_SUITE_P(Flushed, ShareUndoTest,
                         testing::Values("chunked-flushed", "rolling-flushed"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

INSTANTIATE_TEST_SUITE_P(Layouts, ShareUndoDamaged,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

}  // namespace
}  // namespace pdr

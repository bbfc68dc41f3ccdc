// dr undo at any moment, itself interrupted anywhere: the starting point, bytes, modes and times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recovery/testing/recovery_world.h"
#include "recovery/testing/slow_build.h"

namespace pdr {
namespace {

constexpr int kUndoStride = kSlowBuild ? 9 : 1;

class UndoTest : public testing::TestWithParam<Layout> {
 protected:
  const Files& files_ = DamagedFiles(GetParam());

  void ExpectStartingPoint(RecoveryWorld& world, const std::string& where) {
    ASSERT_EQ(world.GetPhase(), Phase::kUndone) << where;
    ASSERT_TRUE(world.disk.Files() == files_) << where;
    ASSERT_TRUE(world.cluster.ledgers.empty()) << where;
    for (const auto& [path, node] : world.cluster.nodes) ASSERT_EQ(node.node.data, "") << path;
  }
};

INSTANTIATE_TEST_SUITE_P(Both, UndoTest, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

TEST_P(UndoTest, FromEveryPhase) {
  for (int k = 3;; ++k) {  // the second commit makes it a run
    RecoveryWorld world(files_);
    int commits = 0;
    StatusOr<RecoverResult> result = world.Recover(nullptr, [&]() -> Status {
      return ++commits == k ? Unavailable("killed at commit {}", k) : OkStatus();
    });
    ASSERT_TRUE(world.Undo().ok());
    ExpectStartingPoint(world, fmt::format("killed at commit {}", k));
    if (result.ok() || HasFatalFailure()) return;
  }
}

TEST_P(UndoTest, TimesAreThoseOfTheStart) {
  RecoveryWorld world(files_);
  std::map<std::string, int64_t> times;
  for (const auto& [path, file] : files_) times[path] = world.disk.Stat(path)->mtime_ns;
  ASSERT_TRUE(world.Recover().ok());
  ASSERT_TRUE(world.Undo().ok());
  for (const auto& [path, time] : times) EXPECT_EQ(world.disk.Stat(path)->mtime_ns, time) << path;
}

TEST_P(UndoTest, KilledAtEveryDiskEffectAndUnsyncedDataForgotten) {
  for (int64_t k = 1;; k += kUndoStride) {
    RecoveryWorld world(files_);
    ASSERT_TRUE(world.Recover().ok());
    world.disk.KillAt(k);
    bool killed = false;
    try {
      ASSERT_TRUE(world.Undo().ok());
    } catch (const KilledAtEffect&) {
      killed = true;
    }
    world.disk.ClearFaults();
    if (!killed) {
      EXPECT_GT(k, 20);
      return;
    }
    world.disk.Crash();
    ASSERT_TRUE(world.Undo().ok()) << k;
    ExpectStartingPoint(world, fmt::format("undo killed at disk effect {}", k));
    if (HasFatalFailure()) return;
  }
}

TEST_P(UndoTest, AnyTier1EffectIsTheLastOrFails) {
  for (FaultAt::Mode mode : {FaultAt::kKill, FaultAt::kFail, FaultAt::kLoseReply}) {
    for (int k = 1;; k += kUndoStride) {
      RecoveryWorld world(files_);
      ASSERT_TRUE(world.Recover().ok());
      FaultAt fault(k, mode);
      try {
        world.Undo([&](std::string_view effect) { return fault(effect); }).IgnoreError();
      } catch (const Killed&) {
      }
      if (fault.effects() < k) break;
      const Status again = world.Undo();
      ASSERT_TRUE(again.ok()) << fault.effect() << ": " << again;
      ExpectStartingPoint(world, fault.effect());
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(UndoTest, AnInterruptedUndoCanOnlyBeFinished) {
  RecoveryWorld world(files_);
  ASSERT_TRUE(world.Recover().ok());
  world.disk.FailAt(5, Unavailable("input/output error"));
  ASSERT_FALSE(world.Undo().ok());
  world.disk.ClearFaults();
  const StatusOr<RecoverResult> result = world.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("run dr undo again"));
  ASSERT_TRUE(world.Undo().ok());
  ExpectStartingPoint(world, "finished");
}

TEST_P(UndoTest, RecoveredAgainTheBytesAreTheSame) {
  const FinalState want = Undisturbed(files_);
  RecoveryWorld world(files_);
  ASSERT_TRUE(world.Recover().ok());
  ASSERT_TRUE(world.Undo().ok());
  ExpectEndsAs(world, want, "after an undo");
}

TEST_P(UndoTest, APlanAloneLeavesNothingToUndo) {
  RecoveryWorld world(files_);
  world.disk.FailAt(40, ResourceExhausted("no space left on device"));  // while building
  ASSERT_FALSE(world.Recover().ok());
  world.disk.ClearFaults();
  ASSERT_EQ(world.GetPhase(), Phase::kPlanned);
  ASSERT_TRUE(world.Undo().ok());
  EXPECT_TRUE(world.disk.Files() == files_);
}

}  // namespace
}  // namespace pdr

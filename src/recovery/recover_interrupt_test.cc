// Killed or failed at every effect, run again: the same bytes as an undisturbed run. Every effect
// of a small tree in which everything has to be repaired; of real trees, a sample.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "recovery/testing/recovery_world.h"
#include "recovery/testing/slow_build.h"

namespace pdr {
namespace {

// Slow builds take every n-th effect.
constexpr int64_t kStride = kSlowBuild ? 7 : 1;
constexpr int64_t kFixtureStride = kSlowBuild ? 307 : 37;

std::string Named(Layout layout) { return std::string(LayoutName(layout)); }

// What a disk answers.
Status DiskError(int64_t k) {
  switch (k % 3) {
    case 0:
      return ResourceExhausted("no space left on device");
    case 1:
      return PermissionDenied("permission denied");
    default:
      return Unavailable("input/output error");
  }
}

// Interrupts a run at every `stride`-th effect: `interrupt` prepares the disk for effect k and
// returns how the run ended; false = there is no effect k.
class DiskEffects {
 public:
  DiskEffects(const Files& files, int64_t stride)
      : files_(files), stride_(stride), want_(Undisturbed(files)) {}

  void KilledAndUnsyncedDataForgotten() { Killed(/*crash=*/true); }
  void KilledButTheSystemLivesOn() { Killed(/*crash=*/false); }

  void Fails(bool from_there_on) {
    for (int64_t k = 1;; k += stride_) {
      RecoveryWorld world(files_);
      const Status error = DiskError(k);
      world.disk.SetHook([&](int64_t effect, std::string_view, const std::string&) {
        return effect == k || (from_there_on && effect > k) ? error : OkStatus();
      });
      StatusOr<RecoverResult> result = world.Recover();
      if (result.ok()) return Count(k);
      EXPECT_EQ(result.status().code(), error.code()) << result.status();
      world.disk.ClearFaults();
      ExpectEndsAs(world, want_, fmt::format("disk effect {} failed with {}", k, Message(error)));
      if (testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  void Killed(bool crash) {
    int kills = 0;
    for (int64_t k = 1;; k += stride_) {
      RecoveryWorld world(files_);
      world.disk.KillAt(k);
      bool killed = false;
      try {
        ASSERT_TRUE(world.Recover().ok());
      } catch (const KilledAtEffect&) {
        killed = true;
      }
      if (!killed) {
        testing::Test::RecordProperty("kills", fmt::format("{}", kills));
        return Count(k);
      }
      ++kills;
      world.disk.ClearFaults();
      if (crash) world.disk.Crash();
      ExpectEndsAs(world, want_, fmt::format("killed at disk effect {}", k));
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  void Count(int64_t k) {
    EXPECT_GT(k, 60);
    testing::Test::RecordProperty("effects", fmt::format("{}", k - 1));
  }

  const Files& files_;
  const int64_t stride_;
  const FinalState want_;
};

class EveryEffect : public testing::TestWithParam<Layout> {
 protected:
  const Files& files_ = DamagedFiles(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Damaged, EveryEffect, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return Named(layout.param); });

TEST_P(EveryEffect, TheSampleHasAllKindsOfSteps) {
  RecoveryWorld world(files_);
  std::map<std::string, int> seen;
  world.disk.SetHook([&](int64_t, std::string_view op, const std::string& path) {
    if (path.find("/trial") == std::string::npos) ++seen[std::string(op)];
    return OkStatus();
  });
  ASSERT_TRUE(world.Recover().ok());
  for (const char* op : {"mkdir", "create", "append", "sync", "syncdir", "rename"}) {
    EXPECT_GT(seen[op], 0) << op;
  }
  EXPECT_EQ(seen["chmod"] > 0, GetParam() == Layout::kRolling);
}

TEST_P(EveryEffect, OfTheDiskIsTheLastAndUnsyncedDataIsForgotten) {
  DiskEffects(files_, kStride).KilledAndUnsyncedDataForgotten();
}

TEST_P(EveryEffect, OfTheDiskIsTheLastOfTheProcess) {
  DiskEffects(files_, kStride).KilledButTheSystemLivesOn();
}

TEST_P(EveryEffect, OfTheDiskFailsOnce) { DiskEffects(files_, kStride).Fails(false); }

TEST_P(EveryEffect, OfTheDiskFailsFromThereOn) { DiskEffects(files_, kStride).Fails(true); }

// Runs with a fault at every effect of Tier-1; `make` says what happens at effect k.
void EachTier1Effect(const Files& files, int stride,
                     const std::function<FaultHook(RecoveryWorld&, FaultAt&)>& make,
                     FaultAt::Mode mode) {
  const FinalState want = Undisturbed(files);
  for (int k = 1;; k += stride) {
    RecoveryWorld world(files);
    FaultAt fault(k, mode);
    try {
      world.Recover(make(world, fault)).IgnoreError();
    } catch (const Killed&) {
    }
    if (fault.effects() < k) {
      EXPECT_GT(k, 8);
      testing::Test::RecordProperty("effects", fmt::format("{}", k - 1));
      return;
    }
    ExpectEndsAs(
        world, want,
        fmt::format("Tier-1 effect {} ({}), mode {}", k, fault.effect(), static_cast<int>(mode)));
    if (testing::Test::HasFatalFailure()) return;
  }
}

FaultHook Plainly(RecoveryWorld&, FaultAt& fault) {
  return [&fault](std::string_view effect) { return fault(effect); };
}

TEST_P(EveryEffect, OfTier1IsTheLastOrFailsOrItsReplyIsLost) {
  for (FaultAt::Mode mode : {FaultAt::kKill, FaultAt::kFail, FaultAt::kLoseReply}) {
    EachTier1Effect(files_, kStride, Plainly, mode);
    if (HasFatalFailure()) return;
  }
}

// The answers a real Tier-1 gives besides a lost connection.
TEST_P(EveryEffect, OfTier1MeetsAConflictALostQuorumOrAFence) {
  const std::array errors = {Aborted("version conflict"), Unavailable("not enough bookies"),
                             FailedPrecondition("the ledger is fenced"),
                             DeadlineExceeded("no answer")};
  const FinalState want = Undisturbed(files_);
  for (const Status& error : errors) {
    for (int k = 1;; k += kStride) {
      RecoveryWorld world(files_);
      int effects = 0;
      world
          .Recover([&](std::string_view) { return Fault{++effects == k ? error : OkStatus(), {}}; })
          .IgnoreError();
      if (effects < k) break;
      ExpectEndsAs(world, want, fmt::format("Tier-1 effect {}: {}", k, Message(error)));
      if (HasFatalFailure()) return;
    }
  }
}

// The session ends right before effect k: nothing of Tier-1 can be reached with it any more.
TEST_P(EveryEffect, OfTier1FindsTheSessionExpired) {
  EachTier1Effect(
      files_, kStride,
      [](RecoveryWorld& world, FaultAt& fault) -> FaultHook {
        return [&](std::string_view effect) {
          const Fault outcome = fault(effect);
          if (!outcome.before.ok()) world.cluster.ExpireSessions();
          return outcome;
        };
      },
      FaultAt::kFail);
}

TEST_P(EveryEffect, OfTheWorkspaceFails) {
  const FinalState want = Undisturbed(files_);
  for (int k = 1;; ++k) {
    RecoveryWorld world(files_);
    int commits = 0;
    StatusOr<RecoverResult> result = world.Recover(nullptr, [&]() -> Status {
      return ++commits == k ? Unavailable("killed at commit {}", k) : OkStatus();
    });
    if (result.ok()) {
      EXPECT_GT(k, 7);
      return;
    }
    ExpectEndsAs(world, want, fmt::format("workspace commit {}", k));
    if (HasFatalFailure()) return;
  }
}

// The program sleeps for longer than its session lives, right before disk effect k (as a laptop
// does, or a paused container): it wakes up without the lock and must not change anything more.
TEST_P(EveryEffect, OfTheDiskAfterTheLockIsLostDoesNotHappen) {
  const FinalState want = Undisturbed(files_);
  for (int64_t k = 1;; k += kStride) {
    RecoveryWorld world(files_);
    int64_t after = 0;  // effects on what is not the run's own
    world.disk.SetHook([&](int64_t effect, std::string_view op, const std::string& path) {
      if (effect == k) {
        world.cluster.ExpireSessions();
        world.clock.SleepMillis(60000);
      } else if (effect > k && path.find("/trial") == std::string::npos) {
        if (op == "rename" || (!path.empty() && !path.starts_with(".pravega-dr"))) ++after;
      }
      return OkStatus();
    });
    StatusOr<RecoverResult> result = world.Recover();
    if (world.disk.effects() < k) return;
    EXPECT_EQ(result.status().code(), StatusCode::kUnavailable) << "disk effect " << k;
    EXPECT_EQ(after, 0) << "disk effect " << k;
    world.disk.ClearFaults();
    ExpectEndsAs(world, want, fmt::format("lock lost before disk effect {}", k));
    if (HasFatalFailure()) return;
  }
}

class RealTree : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Flushed, RealTree, testing::Values("chunked-flushed", "rolling-flushed"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

TEST_P(RealTree, KilledAtADiskEffectAndUnsyncedDataForgotten) {
  DiskEffects(FixtureFiles(GetParam()), kFixtureStride).KilledAndUnsyncedDataForgotten();
}

TEST_P(RealTree, ADiskEffectFails) {
  DiskEffects(FixtureFiles(GetParam()), kFixtureStride).Fails(false);
}

TEST_P(RealTree, KilledAtATier1Effect) {
  EachTier1Effect(FixtureFiles(GetParam()), kSlowBuild ? 11 : 5, Plainly, FaultAt::kKill);
}

}  // namespace
}  // namespace pdr

// Hosts that die, or are paused beyond their session, at any effect are replaced and do no harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recovery/share_run.h"
#include "recovery/testing/share_world.h"
#include "recovery/testing/slow_build.h"

namespace pdr {
namespace {

using ShareKillTest = ShareRunDamaged;

#ifdef PDR_SLOW_BUILD
constexpr int kKillStride = 23;
#else
constexpr int kKillStride = 3;
#endif

TEST_P(ShareKillTest, AnotherHostTakesOverFromOneThatDiesAtAnyDiskEffect) {
  const FinalState want = RecoveredAlone(Tree());
  for (int64_t k = 1;; k += kKillStride) {
    ShareWorld world(Tree());
    {
      ShareHost dying(world, "a", nullptr, [k](int64_t effect) {
        return effect >= k ? Unavailable("died before effect {}", k) : OkStatus();
      });
      if (Done(dying.Recover())) {
        EXPECT_GT(k, 50);
        return;
      }
    }
    world.disk.Crash();
    {
      ShareHost other(world, "b");
      StatusOr<RecoverResult> result = other.Recover();
      ASSERT_TRUE(Done(result)) << k << ": " << result.status();
    }
    ExpectIs(world, want, fmt::format("died at disk effect {}", k));
    EXPECT_TRUE(GatheringIsGone(world)) << k;
    if (HasFatalFailure()) return;
  }
}

TEST_P(ShareKillTest, AnotherHostTakesOverFromOneThatDiesAtAnyTier1Effect) {
  const FinalState want = RecoveredAlone(Tree());
  for (bool applied : {false, true}) {
    for (int k = 1;; k += kKillStride) {
      ShareWorld world(Tree());
      int effects = 0;
      bool survived = false;
      {
        ShareHost dying(world, "a", [&, k](std::string_view) -> Fault {
          ++effects;
          if (applied && effects == k) return {OkStatus(), Unavailable("died after effect {}", k)};
          return effects >= k ? Fault{Unavailable("died before effect {}", k), OkStatus()}
                              : Fault{};
        });
        survived = Done(dying.Recover());
      }
      if (survived && effects < k) {
        EXPECT_GT(k, 20);
        break;
      }
      {
        ShareHost other(world, "b");
        StatusOr<RecoverResult> result = other.Recover();
        ASSERT_TRUE(Done(result)) << k << ": " << result.status();
      }
      ExpectIs(world, want, fmt::format("died at Tier-1 effect {}, applied {}", k, applied));
      EXPECT_TRUE(GatheringIsGone(world)) << k;
      if (HasFatalFailure()) return;
    }
  }
}

// The paused host has just made sure of its claim; the effect comes when all has been done by the
// other one. It must neither undo nor repeat anything, and must stop there.
TEST_P(ShareKillTest, AHostThatWakesUpAfterItsSessionDoesNoHarm) {
  const FinalState want = RecoveredAlone(Tree());
  for (int64_t k = 1;; k += kKillStride) {
    ShareWorld world(Tree());
    std::unique_ptr<ShareHost> paused;
    std::optional<StatusOr<RecoverResult>> meanwhile;
    paused = std::make_unique<ShareHost>(world, "a", nullptr, [&, k](int64_t effect) {
      if (effect != k) return OkStatus();
      paused->Expire();
      ShareHost other(world, "b");
      meanwhile = other.Recover();
      return OkStatus();
    });
    StatusOr<RecoverResult> woken = paused->Recover();
    paused.reset();
    if (!meanwhile) {
      EXPECT_TRUE(Done(woken)) << woken.status();
      EXPECT_GT(k, 50);
      return;
    }
    ASSERT_TRUE(Done(*meanwhile)) << k << ": " << meanwhile->status();
    EXPECT_FALSE(Done(woken)) << "paused at disk effect " << k;
    ExpectIs(world, want, fmt::format("paused at disk effect {}", k));
    if (HasFatalFailure()) return;
  }
}

TEST_P(ShareKillTest, LateCallsToTier1AreRefusedOrHarmless) {
  const FinalState want = RecoveredAlone(Tree());
  for (int k = 1;; k += kKillStride) {
    ShareWorld world(Tree());
    std::unique_ptr<ShareHost> paused;
    std::optional<StatusOr<RecoverResult>> meanwhile;
    int effects = 0;
    paused = std::make_unique<ShareHost>(world, "a", [&, k](std::string_view) {
      if (++effects == k) {
        paused->Expire();
        ShareHost other(world, "b");
        meanwhile = other.Recover();
      }
      return Fault{};
    });
    StatusOr<RecoverResult> woken = paused->Recover();
    paused.reset();
    if (!meanwhile) {
      EXPECT_TRUE(Done(woken)) << woken.status();
      EXPECT_GT(k, 20);
      return;
    }
    ASSERT_TRUE(Done(*meanwhile)) << k << ": " << meanwhile->status();
    ExpectIs(world, want, fmt::format("paused at Tier-1 effect {}", k));
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, ShareKillTest,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

}  // namespace
}  // namespace pdr

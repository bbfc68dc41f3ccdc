// Shared recoveries in memory: one host does what a recovery alone does; hosts that die, or are
// paused beyond their session, at any effect are replaced and do no harm; undo from any host.
#include "recovery/share_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "recovery/share_files.h"
#include "recovery/testing/hooked_disk.h"
#include "recovery/testing/recovery_world.h"
#include "recovery/testing/slow_build.h"
#include "tier1/durable_log.h"
#include "tier1/testing/fake_tier1.h"
#include "tier2/testing/memory_disk.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

// Stands still but for sleeping, so that all recoveries stamp the same time.
class SleepClock : public Clock {
 public:
  int64_t NowMillis() const override { return now_; }
  void SleepMillis(int64_t millis) const override {
    now_ += millis;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  mutable std::atomic<int64_t> now_ = 1700000000000;
};

struct World : RecoveryWorld {
  explicit World(const Files& files) : RecoveryWorld(files) {}

  RecoverOptions Options(const std::string& host) const {
    RecoverOptions own = options;
    own.run_id = "run-" + host;
    return own;
  }
  // Nodes and logs; the mark of the run and ledgers that nobody names are no part of it.
  std::map<std::string, std::string> Logs() {
    std::map<std::string, std::string> state = Tier1State();
    state.erase("ledgers");
    state.erase(RunMarkPath(config));
    return state;
  }

  SleepClock sleeping;
};

// One process that takes part: a session, a workspace, and its view of the disk.
class Host {
 public:
  Host(World& world, std::string name, FaultHook tier1 = nullptr, HookedDisk::Hook disk = nullptr)
      : world_(world),
        name_(std::move(name)),
        disk_(world.disk, std::move(disk)),
        tier1_(world.cluster.Open(std::move(tier1))) {}

  StatusOr<RecoverResult> Recover(int threads = 1) {
    ASSIGN_OR_RETURN(const auto workspace, Workspace::Open(dir_.path()));
    RecoverOptions options = world_.Options(name_);
    options.threads = static_cast<size_t>(threads);
    ShareRun run(disk_, tier1_, *workspace, options, name_, world_.sleeping, Progress::Silent());
    auto result = run.Run([](const PlannedRun&) { return true; });
    EXPECT_TRUE(!result.ok() || Recorded(*workspace, *result));
    return result;
  }
  StatusOr<RecoverResult> RecoverAlone() {
    ASSIGN_OR_RETURN(const auto workspace, Workspace::Open(dir_.path()));
    const RecoverOptions options = world_.Options(name_);
    RecoverRun run(disk_, tier1_, *workspace, options, world_.sleeping, Progress::Silent());
    return run.Run([](const PlannedRun&) { return true; });
  }
  Status Undo() {
    ASSIGN_OR_RETURN(const auto workspace, Workspace::Open(dir_.path()));
    const RecoverOptions options = world_.Options(name_);
    RecoverRun run(disk_, tier1_, *workspace, options, world_.sleeping, Progress::Silent());
    return run.Undo();
  }
  // As ZooKeeper does with a host it has not heard of for longer than its session lasts.
  void Expire() {
    world_.cluster.ExpireSessions();
    world_.sleeping.SleepMillis(2 * tier1_.config.zk_session_timeout_ms);
  }

 private:
  static bool Recorded(Workspace& workspace, const RecoverResult& result) {
    if (result.outcome != RecoverOutcome::kDone) return true;
    auto phase = workspace.GetPhase();
    return phase.ok() && *phase == Phase::kDone;
  }

  World& world_;
  std::string name_;
  TempDir dir_ = TempDir::InMemory();
  HookedDisk disk_;
  Tier1 tier1_;
};

FinalState Alone(const Files& files) {
  World world(files);
  {
    Host host(world, "alone");
    StatusOr<RecoverResult> result = host.RecoverAlone();
    EXPECT_TRUE(result.ok()) << result.status();
  }
  return {world.Namespace(), world.Logs()};
}

void ExpectIs(World& world, const FinalState& want, const std::string& where) {
  ASSERT_TRUE(world.Namespace() == want.files) << where;
  ASSERT_EQ(world.Logs(), want.tier1) << where;
  auto current = CurrentSharedRun(world.disk);
  ASSERT_TRUE(current.ok() && !*current) << where;
}

bool Done(const StatusOr<RecoverResult>& result) {
  return result.ok() && (result->outcome == RecoverOutcome::kDone ||
                         result->outcome == RecoverOutcome::kDoneWithLoss ||
                         result->outcome == RecoverOutcome::kAlreadyDone);
}

// Trees of real clusters: four containers, nothing to repair.
class ShareRunTest : public testing::TestWithParam<std::string> {
 protected:
  static const Files& Tree() { return FixtureFiles(GetParam()); }
};

// Small trees in which everything is to be repaired: for interruptions at every effect.
class ShareRunDamaged : public testing::TestWithParam<Layout> {
 protected:
  static const Files& Tree() { return DamagedFiles(GetParam()); }
};

TEST_P(ShareRunTest, OneHostDoesWhatARecoveryAloneDoes) {
  const FinalState want = Alone(Tree());
  World world(Tree());
  {
    Host host(world, "a");
    StatusOr<RecoverResult> result = host.Recover();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->outcome, RecoverOutcome::kDone);
    EXPECT_EQ(result->verify.containers, 4u);
    EXPECT_GE(result->verify.segments, 336u);
  }
  ExpectIs(world, want, "one host");
  EXPECT_EQ(world.cluster.ledgers.size(), 4u);
}

// Trees in which the controller left work: tables get entries that no file has yet.
using ShareRunControl = ShareRunTest;

TEST_P(ShareRunControl, WhatIsAddedForTheControllerIsBuiltFromTheRecordsToo) {
  const FinalState want = Alone(Tree());
  World world(Tree());
  {
    Host host(world, "a");
    ASSERT_TRUE(Done(host.Recover()));
  }
  ExpectIs(world, want, "control");
}

TEST_P(ShareRunTest, WhoComesWhenAllIsDoneFindsThat) {
  World world(Tree());
  Host first(world, "a");
  ASSERT_TRUE(first.Recover().ok());
  const Files files = world.disk.Files();
  Host late(world, "b");
  StatusOr<RecoverResult> result = late.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kAlreadyDone);
  EXPECT_TRUE(world.disk.Files() == files);
}

TEST_P(ShareRunTest, HostsAtOnceShareTheWorkAndReportTheSame) {
  const FinalState want = Alone(Tree());
  World world(Tree());
  std::vector<std::unique_ptr<Host>> hosts;
  for (const char* name : {"a", "b", "c"}) hosts.push_back(std::make_unique<Host>(world, name));
  std::vector<StatusOr<RecoverResult>> results(hosts.size(), Internal("did not run"));
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < hosts.size(); ++i) {
      threads.emplace_back([&, i] { results[i] = hosts[i]->Recover(2); });
    }
  }
  hosts.clear();
  for (const auto& result : results) {
    ASSERT_TRUE(Done(result)) << result.status();
    if (result->outcome == RecoverOutcome::kDone) {
      EXPECT_EQ(result->verify.segments, results[0]->verify.segments);
    }
  }
  ExpectIs(world, want, "three hosts");
  EXPECT_EQ(world.cluster.ledgers.size(), 4u);
}

#ifdef PDR_SLOW_BUILD
constexpr int kStride = 23;
#else
constexpr int kStride = 3;
#endif

TEST_P(ShareRunDamaged, AnotherHostTakesOverFromOneThatDiesAtAnyDiskEffect) {
  const FinalState want = Alone(Tree());
  for (int64_t k = 1;; k += kStride) {
    World world(Tree());
    {
      Host dying(world, "a", nullptr, [k](int64_t effect) {
        return effect >= k ? Unavailable("died before effect {}", k) : OkStatus();
      });
      if (Done(dying.Recover())) {
        EXPECT_GT(k, 50);
        return;
      }
    }
    world.disk.Crash();
    {
      Host other(world, "b");
      StatusOr<RecoverResult> result = other.Recover();
      ASSERT_TRUE(Done(result)) << k << ": " << result.status();
    }
    ExpectIs(world, want, fmt::format("died at disk effect {}", k));
    if (HasFatalFailure()) return;
  }
}

TEST_P(ShareRunDamaged, AnotherHostTakesOverFromOneThatDiesAtAnyTier1Effect) {
  const FinalState want = Alone(Tree());
  for (bool applied : {false, true}) {
    for (int k = 1;; k += kStride) {
      World world(Tree());
      int effects = 0;
      bool survived = false;
      {
        Host dying(world, "a", [&, k](std::string_view) -> Fault {
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
        Host other(world, "b");
        StatusOr<RecoverResult> result = other.Recover();
        ASSERT_TRUE(Done(result)) << k << ": " << result.status();
      }
      ExpectIs(world, want, fmt::format("died at Tier-1 effect {}, applied {}", k, applied));
      if (HasFatalFailure()) return;
    }
  }
}

// The paused host has just made sure of its claim; the effect comes when all has been done by the
// other one. It must neither undo nor repeat anything, and must stop there.
TEST_P(ShareRunDamaged, AHostThatWakesUpAfterItsSessionDoesNoHarm) {
  const FinalState want = Alone(Tree());
  for (int64_t k = 1;; k += kStride) {
    World world(Tree());
    std::unique_ptr<Host> paused;
    std::optional<StatusOr<RecoverResult>> meanwhile;
    paused = std::make_unique<Host>(world, "a", nullptr, [&, k](int64_t effect) {
      if (effect != k) return OkStatus();
      paused->Expire();
      Host other(world, "b");
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

TEST_P(ShareRunDamaged, LateCallsToTier1AreRefusedOrHarmless) {
  const FinalState want = Alone(Tree());
  for (int k = 1;; k += kStride) {
    World world(Tree());
    std::unique_ptr<Host> paused;
    std::optional<StatusOr<RecoverResult>> meanwhile;
    int effects = 0;
    paused = std::make_unique<Host>(world, "a", [&, k](std::string_view) {
      if (++effects == k) {
        paused->Expire();
        Host other(world, "b");
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

// Runs a host that dies when the first file has been set aside.
void DieInTheMiddle(World& world) {
  bool dead = false;
  Host dying(world, "a", nullptr, [&](int64_t) {
    for (const auto& [path, file] : world.disk.Files()) {
      dead = dead || path.starts_with(".pravega-dr/run-a/backup");
    }
    return dead ? Unavailable("died") : OkStatus();
  });
  EXPECT_FALSE(dying.Recover().ok());
  EXPECT_TRUE(dead);
}

TEST_P(ShareRunTest, ARecoveryAloneRefusesToMixWithASharedOne) {
  World world(Tree());
  DieInTheMiddle(world);
  const Files files = world.disk.Files();
  Host alone(world, "b");
  StatusOr<RecoverResult> result = alone.RecoverAlone();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("--share"));
  EXPECT_TRUE(world.disk.Files() == files);
}

TEST_P(ShareRunTest, AnyHostCanTakeASharedRunBackAndBeginAnew) {
  const FinalState want = Alone(Tree());
  World world(Tree());
  DieInTheMiddle(world);
  {
    Host other(world, "b");
    Status undone = other.Undo();
    ASSERT_TRUE(undone.ok()) << undone;
  }
  EXPECT_TRUE(world.Namespace() == Tree());
  EXPECT_TRUE(world.cluster.ledgers.empty());
  for (const auto& [path, node] : world.cluster.nodes) EXPECT_EQ(node.node.data, "") << path;
  {
    Host again(world, "c");
    StatusOr<RecoverResult> result = again.Recover();
    ASSERT_TRUE(Done(result)) << result.status();
  }
  ExpectIs(world, want, "after an undo");
}

TEST_P(ShareRunTest, ARunThatIsOnlyBegunCanBeTakenBack) {
  World world(Tree());
  {
    Host dying(world, "a", nullptr, [&](int64_t) {
      const Files files = world.disk.Files();
      return files.contains(".pravega-dr/shared-run") ? Unavailable("died") : OkStatus();
    });
    EXPECT_FALSE(dying.Recover().ok());
  }
  Host other(world, "b");
  Status undone = other.Undo();
  EXPECT_TRUE(undone.ok()) << undone;
  auto current = CurrentSharedRun(world.disk);
  EXPECT_TRUE(current.ok() && !*current);
  EXPECT_TRUE(world.Namespace() == Tree());
}

TEST_P(ShareRunTest, UndoWaitsForNobodyToTakePart) {
  World world(Tree());
  DieInTheMiddle(world);
  Tier1 session = world.cluster.Open();
  ShareClaims claims(session, "busy", world.sleeping);
  auto member = claims.Join();
  ASSERT_TRUE(member.ok());
  const Files files = world.disk.Files();
  Host other(world, "b");
  Status undone = other.Undo();
  EXPECT_EQ(undone.code(), StatusCode::kFailedPrecondition) << undone;
  EXPECT_THAT(std::string(Message(undone)), testing::HasSubstr("busy"));
  EXPECT_TRUE(world.disk.Files() == files);
}

// One host whose configuration names another ZooKeeper would meet none of the others there.
TEST_P(ShareRunTest, AHostWithAnotherZooKeeperMustNotGoOnNorTakeBack) {
  World world(Tree());
  DieInTheMiddle(world);
  world.cluster.nodes.clear();
  world.cluster.ledgers.clear();
  const Files files = world.disk.Files();
  Host other(world, "b");
  StatusOr<RecoverResult> result = other.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("another ZooKeeper"));
  Status undone = other.Undo();
  EXPECT_EQ(undone.code(), StatusCode::kFailedPrecondition) << undone;
  EXPECT_TRUE(world.disk.Files() == files);
  EXPECT_TRUE(world.cluster.ledgers.empty());
}

TEST_P(ShareRunDamaged, NobodyGoesOnWithWhatIsHalfTakenBack) {
  World world(Tree());
  DieInTheMiddle(world);
  {
    int64_t effects = 0;
    Host undoing(world, "b", nullptr,
                 [&](int64_t) { return ++effects > 2 ? Unavailable("died") : OkStatus(); });
    EXPECT_FALSE(undoing.Undo().ok());
  }
  const Files files = world.disk.Files();
  Host going_on(world, "c");
  StatusOr<RecoverResult> result = going_on.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("dr undo"));
  EXPECT_TRUE(world.disk.Files() == files);
  {
    Host finishing(world, "d");
    Status undone = finishing.Undo();
    EXPECT_TRUE(undone.ok()) << undone;
  }
  EXPECT_TRUE(world.Namespace() == Tree());
  StatusOr<RecoverResult> again = going_on.Recover();
  EXPECT_TRUE(Done(again)) << again.status();
}

// A segment store that still runs, before and after the logs are reserved: originals stay.
TEST_P(ShareRunDamaged, ATier2ThatChangesBeforeFilesAreMovedStopsTheRun) {
  for (bool reserved : {false, true}) {
    World world(Tree());
    bool changed = false;
    const auto begun = [&] {
      return reserved ? !world.cluster.ledgers.empty()
                      : world.disk.Files().contains(".pravega-dr/shared-run");
    };
    const auto write = [&] {
      if (!changed && begun()) world.disk.Put("dr/newcomer", "x");
      changed = changed || begun();
    };
    Host host(
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

TEST_P(ShareRunTest, WhoHoldsWhatIsToldByName) {
  World world(Tree());
  std::map<std::string, std::string> seen;
  std::unique_ptr<Host> host;
  host = std::make_unique<Host>(world, "host-7", nullptr, [&](int64_t) -> Status {
    Tier1 session = world.cluster.Open();
    ASSIGN_OR_RETURN(const auto holders, ShareClaims(session, "", world.sleeping).Holders());
    seen.insert(holders.begin(), holders.end());
    return OkStatus();
  });
  ASSERT_TRUE(Done(host->Recover()));
  EXPECT_THAT(seen, testing::Contains(testing::Pair("lead", "host-7")));
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_THAT(seen, testing::Contains(testing::Pair(ContainerClaim(c), "host-7")));
  }
}

INSTANTIATE_TEST_SUITE_P(Flushed, ShareRunTest,
                         testing::Values("chunked-flushed", "rolling-flushed"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

INSTANTIATE_TEST_SUITE_P(Control, ShareRunControl,
                         testing::Values("chunked-control", "rolling-control"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

INSTANTIATE_TEST_SUITE_P(Layouts, ShareRunDamaged,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

}  // namespace
}  // namespace pdr

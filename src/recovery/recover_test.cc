// Whole recoveries in memory: outcome, repetition, interruption at every effect, undo.
#include "recovery/recover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recovery/manifest.h"
#include "tier1/durable_log.h"
#include "tier1/testing/fake_tier1.h"
#include "tier2/testing/memory_disk.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

using Files = std::map<std::string, MemoryDisk::File>;

class FixedClock : public Clock {
 public:
  int64_t NowMillis() const override { return now_ += 1; }
  void SleepMillis(int64_t millis) const override { now_ += millis; }

 private:
  mutable int64_t now_ = 1700000000000;
};

// Where every other effect costs a whole recovery, slow builds take every n-th.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PDR_SLOW_BUILD 1
#endif
#endif
#ifdef PDR_SLOW_BUILD
constexpr int64_t kStride = 61;
constexpr int kTier1Stride = 11;
#else
constexpr int64_t kStride = 5;
constexpr int kTier1Stride = 1;
#endif

const Files& FixtureFiles(const std::string& name) {
  static std::map<std::string, Files> loaded;
  auto it = loaded.find(name);
  if (it != loaded.end()) return it->second;
  MemoryDisk disk;
  EXPECT_TRUE(LoadFixture("testdata", name, disk).ok());
  return loaded[name] = disk.Files();
}

// One Tier-2, one Tier-1 and one workspace, and a recovery over them.
class World {
 public:
  explicit World(const std::string& fixture) {
    for (const auto& [path, file] : FixtureFiles(fixture)) disk.Put(path, file.bytes, file.mode);
  }

  RecoverOptions Options() const {
    RecoverOptions options;
    options.root = "/tier2";
    options.run_id = "run";
    options.threads = options.gather.threads = 1;
    return options;
  }

  StatusOr<RecoverResult> Recover(FaultHook tier1_fault = nullptr,
                                  Workspace::Hook commit = nullptr) {
    ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::Open(dir.path(), commit));
    Tier1 tier1 = cluster.Open(std::move(tier1_fault));
    const RecoverOptions options = Options();
    FixedClock clock;
    RecoverRun run(disk, tier1, *workspace, options, clock, Progress::Silent());
    return run.Run([](const PlannedRun&) { return true; });
  }

  Status Undo() {
    ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::Open(dir.path()));
    Tier1 tier1 = cluster.Open();
    const RecoverOptions options = Options();
    FixedClock clock;
    RecoverRun run(disk, tier1, *workspace, options, clock, Progress::Silent());
    return run.Undo();
  }

  // Everything of Tier-1 that matters: nodes by path, and ledgers by the log that names them.
  std::map<std::string, std::string> Tier1State() {
    std::map<std::string, std::string> state;
    Tier1 tier1 = cluster.Open();
    for (const auto& [path, node] : cluster.nodes) {
      if (path.find("/segmentstore/") == std::string::npos) state[path] = node.node.data;
    }
    for (int c = 0; c < 4; ++c) {
      DurableLog log(tier1, c);
      auto record = log.Load();
      if (!record.ok() || !*record) continue;
      std::string text = fmt::format("enabled {} epoch {}", (*record)->metadata.enabled,
                                     (*record)->metadata.epoch);
      for (const LedgerRecord& l : (*record)->metadata.ledgers) {
        for (const std::string& entry : cluster.ledgers.at(l.ledger_id).entries) text += entry;
      }
      state[log.metadata_path()] = text;
    }
    state["ledgers"] = fmt::format("{}", cluster.ledgers.size());
    return state;
  }

  MemoryDisk disk;
  FakeCluster cluster;
  TempDir dir;
};

class RecoverTest : public testing::TestWithParam<std::string> {};

TEST_P(RecoverTest, BringsTheFlushedClusterBack) {
  World world(GetParam());
  StatusOr<RecoverResult> result = world.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kDone);
  EXPECT_THAT(result->verify.findings, testing::IsEmpty());
  EXPECT_EQ(result->verify.containers, 4u);
  EXPECT_GE(result->verify.segments, 336u);
}

TEST_P(RecoverTest, ASecondRunChangesNothing) {
  World world(GetParam());
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
  World world(GetParam());
  Tier1 tier1 = world.cluster.Open();
  DurableLog log(tier1, 2);
  ASSERT_TRUE(log.Initialize().ok());
  const Files before = world.disk.Files();
  StatusOr<RecoverResult> result = world.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_TRUE(world.disk.Files() == before);
}

TEST_P(RecoverTest, RefusesALiveCluster) {
  World world(GetParam());
  Tier1 store = world.cluster.Open();
  ASSERT_TRUE(
      store.metadata->Create("/pravega/pravega-cluster/cluster/hosts/127.0.0.1:12345:", "", true)
          .ok());
  const Files before = world.disk.Files();
  EXPECT_EQ(world.Recover().status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(world.disk.Files() == before);
}

TEST_P(RecoverTest, NoOriginalIsLostOrChanged) {
  World world(GetParam());
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
  World world(GetParam());
  const Files before = world.disk.Files();
  ASSERT_TRUE(world.Recover().ok());
  ASSERT_TRUE(world.Undo().ok());
  Files after = world.disk.Files();
  std::erase_if(after, [](const auto& f) { return f.first.starts_with(".pravega-dr/"); });
  EXPECT_TRUE(after == before);
  EXPECT_TRUE(world.cluster.ledgers.empty());
  for (const auto& [path, node] : world.cluster.nodes) EXPECT_EQ(node.node.data, "") << path;
}

TEST_P(RecoverTest, UndoRefusesOnceProductionHasWritten) {
  World world(GetParam());
  ASSERT_TRUE(world.Recover().ok());
  Tier1 store = world.cluster.Open();
  DurableLog log(store, 1);
  ASSERT_TRUE(log.Initialize().ok());
  const Files before = world.disk.Files();
  EXPECT_EQ(world.Undo().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(world.disk.Files() == before);
}

// The state an undisturbed run ends in; the same for every interruption.
struct FinalState {
  Files files;
  std::map<std::string, std::string> tier1;
};

FinalState Undisturbed(const std::string& fixture) {
  World world(fixture);
  EXPECT_TRUE(world.Recover().ok());
  return {world.disk.Files(), world.Tier1State()};
}

void ExpectEndsAs(World& world, const FinalState& want, const std::string& where) {
  StatusOr<RecoverResult> resumed = world.Recover();
  ASSERT_TRUE(resumed.ok()) << where << ": " << resumed.status();
  ASSERT_TRUE(resumed->outcome == RecoverOutcome::kDone ||
              resumed->outcome == RecoverOutcome::kAlreadyDone)
      << where;
  ASSERT_TRUE(world.disk.Files() == want.files) << where;
  ASSERT_EQ(world.Tier1State(), want.tier1) << where;
}

TEST_P(RecoverTest, KilledAtAnyDiskEffectAndUnsyncedDataForgotten) {
  const FinalState want = Undisturbed(GetParam());
  for (int64_t k = 1;; k += kStride) {
    World world(GetParam());
    world.disk.KillAt(k);
    bool killed = false;
    try {
      ASSERT_TRUE(world.Recover().ok());
    } catch (const KilledAtEffect&) {
      killed = true;
    }
    if (!killed) {
      EXPECT_GT(k, 100);
      return;
    }
    world.disk.ClearFaults();
    world.disk.Crash();
    ExpectEndsAs(world, want, fmt::format("killed at disk effect {}", k));
    if (HasFatalFailure()) return;
  }
}

TEST_P(RecoverTest, AnyDiskEffectFails) {
  const FinalState want = Undisturbed(GetParam());
  for (int64_t k = 2;; k += kStride) {
    World world(GetParam());
    world.disk.FailAt(k, ResourceExhausted("no space left"));
    StatusOr<RecoverResult> result = world.Recover();
    if (result.ok()) {
      EXPECT_GT(k, 100);
      return;
    }
    EXPECT_EQ(result.status().code(), StatusCode::kResourceExhausted) << result.status();
    world.disk.ClearFaults();
    ExpectEndsAs(world, want, fmt::format("disk effect {} failed", k));
    if (HasFatalFailure()) return;
  }
}

TEST_P(RecoverTest, AnyTier1EffectKilledFailedOrItsReplyLost) {
  const FinalState want = Undisturbed(GetParam());
  for (FaultAt::Mode mode : {FaultAt::kKill, FaultAt::kFail, FaultAt::kLoseReply}) {
    for (int k = 1;; k += kTier1Stride) {
      World world(GetParam());
      auto fault = std::make_shared<FaultAt>(k, mode);
      try {
        world.Recover([fault](std::string_view effect) { return (*fault)(effect); }).IgnoreError();
      } catch (const Killed&) {
      }
      if (fault->effects() < k) {
        EXPECT_GT(k, 10);
        break;
      }
      ExpectEndsAs(world, want,
                   fmt::format("Tier-1 effect {} ({}), mode {}", k, fault->effect(),
                               static_cast<int>(mode)));
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(RecoverTest, KilledAtAnyWorkspaceCommit) {
  const FinalState want = Undisturbed(GetParam());
  for (int k = 1;; ++k) {
    World world(GetParam());
    int commits = 0;
    StatusOr<RecoverResult> result = world.Recover(nullptr, [&]() -> Status {
      return ++commits == k ? Unavailable("killed at commit {}", k) : OkStatus();
    });
    if (result.ok()) {
      EXPECT_GT(k, 5);
      return;
    }
    ExpectEndsAs(world, want, fmt::format("workspace commit {}", k));
    if (HasFatalFailure()) return;
  }
}

TEST_P(RecoverTest, SamePlanEveryTime) {
  World world(GetParam());
  auto first = PlanRun(world.disk, "c", world.Options(), Progress::Silent());
  auto second = PlanRun(world.disk, "c", world.Options(), Progress::Silent());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->identity, second->identity);
}

TEST_P(RecoverTest, ARecordedPlanThatNoLongerMatchesIsRefused) {
  World world(GetParam());
  {
    StatusOr<std::unique_ptr<Workspace>> workspace = Workspace::Open(world.dir.path());
    ASSERT_TRUE(workspace.ok());
    auto run = PlanRun(world.disk, "pravega-cluster", world.Options(), Progress::Silent());
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
  World world(GetParam());
  auto run = PlanRun(world.disk, "c", world.Options(), Progress::Silent());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(run->plan.losses, testing::IsEmpty());
  for (const ContainerPlan& c : run->plan.containers) {
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
    EXPECT_THAT(a.code, testing::AnyOf("unframed", "unreferenced")) << a.subject;
  }
}

// Nothing lies in Tier-2 that tells what never reached it; the window must be stated all the same.
TEST(UncleanLoss, TheWindowIsStated) {
  for (const char* fixture : {"chunked-killed", "rolling-killed", "chunked-torn", "rolling-torn"}) {
    World world(fixture);
    auto run = PlanRun(world.disk, "c", world.Options(), Progress::Silent());
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

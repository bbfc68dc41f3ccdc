// What stands in the way of a run: all of it at once, and nothing changed.
#include "recovery/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recovery/testing/recovery_world.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHost[] = "/pravega/pravega-cluster/cluster/hosts/127.0.0.1:12345:";
constexpr char kController[] = "/pravega/pravega-cluster/cluster/controllers/a-controller";

class FakeLimits : public DiskLimits {
 public:
  StatusOr<uint64_t> FreeBytes() const override { return free_bytes; }
  Status CheckMayChange(const std::string& path) const override {
    return path == denied ? PermissionDenied("'{}' may not be changed", path) : OkStatus();
  }
  uint64_t free_bytes = uint64_t{1} << 40;
  std::string denied = "none";
};

class PreflightTest : public testing::TestWithParam<Layout> {
 protected:
  PreflightTest() : world_(DamagedFiles(GetParam())), before_(world_.disk.Files()) {
    world_.options.limits = &limits_;
    world_.options.ask_bookies = [this] { return bookies_; };
  }

  std::vector<std::string> Codes() const {
    std::vector<std::string> codes;
    for (const Obstacle& o : world_.obstacles) codes.push_back(o.code);
    return codes;
  }
  std::string MessageOf(const std::string& code) const {
    for (const Obstacle& o : world_.obstacles) {
      if (o.code == code) return std::string(Message(o.status));
    }
    return "";
  }
  // Recovers; it must be refused with this error, and change nothing.
  void ExpectRefused(StatusCode code) {
    const auto tier1 = world_.Tier1State();
    EXPECT_EQ(world_.Recover().status().code(), code);
    EXPECT_TRUE(world_.disk.Files() == before_);
    EXPECT_EQ(world_.Tier1State(), tier1);
  }
  // .pravega-dr/<run id>
  std::string RunDirectory() const {
    const std::string own = fmt::format("{}/", kOwnDir);
    const std::string path = world_.disk.Files().lower_bound(own)->first;
    return path.substr(0, path.find('/', own.size()));
  }
  void ExpectRecovers() {
    StatusOr<RecoverResult> result = world_.Recover();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(world_.GetPhase(), Phase::kDone);
  }

  RecoveryWorld world_;
  const Files before_;
  FakeLimits limits_;
  std::vector<BookieState> bookies_;
};

INSTANTIATE_TEST_SUITE_P(Both, PreflightTest, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

TEST_P(PreflightTest, AWorkspaceInWhichNothingCanBeWrittenAsideIsNoFaultOfTier2) {
  world_.options.gather.scratch = std::make_shared<Scratch>("/nowhere/at/all", 0);
  ExpectRefused(StatusCode::kResourceExhausted);
  EXPECT_THAT(Codes(), ElementsAre("workspace-space"));
  EXPECT_THAT(MessageOf("workspace-space"), HasSubstr("/nowhere/at/all"));
}

TEST_P(PreflightTest, EverythingIsToldAtOnce) {
  Tier1 servers = world_.cluster.Open();
  ASSERT_TRUE(servers.metadata->Create(kHost, "", true).ok());
  ASSERT_TRUE(servers.metadata->Create(kController, "", true).ok());
  ASSERT_TRUE(DurableLog(servers, 0).Initialize().ok());
  limits_.denied = "_system/containers";
  limits_.free_bytes = 1000;
  bookies_ = {{"a:1", OkStatus(), 1000}, {"b:1", Unavailable("connection refused"), {}}};
  world_.clock.SleepMillis(-3600000);
  world_.options.allow.clear();
  ExpectRefused(StatusCode::kFailedPrecondition);
  EXPECT_THAT(Codes(),
              ElementsAre("live-segment-store", "live-controller", "bookie-space", "bookies",
                          "tier1-not-empty", "tier2-permission", "tier2-space", "clock-behind"));
  EXPECT_THAT(MessageOf("live-segment-store"), HasSubstr("127.0.0.1:12345"));
  EXPECT_THAT(MessageOf("bookies"), HasSubstr("b:1: connection refused"));
  EXPECT_THAT(MessageOf("tier2-space"), HasSubstr("--allow tier2-space"));
}

TEST_P(PreflightTest, WhatCanBeAMisjudgementCanBeAllowed) {
  limits_.free_bytes = 1000;
  world_.clock.SleepMillis(-3600000);
  ExpectRefused(StatusCode::kFailedPrecondition);
  EXPECT_THAT(Codes(), ElementsAre("tier2-space", "clock-behind"));
  world_.options.allow.insert({"tier2-space", "clock-behind"});
  ExpectRecovers();
}

TEST_P(PreflightTest, LedgersOfSomebodyElse) {
  Tier1 other = world_.cluster.Open();
  ASSERT_TRUE(other.ledgers->Create({}).ok());
  ExpectRefused(StatusCode::kFailedPrecondition);
  EXPECT_THAT(Codes(), ElementsAre("foreign-ledgers"));
  world_.options.allow.insert("foreign-ledgers");
  ExpectRecovers();
  EXPECT_EQ(world_.cluster.ledgers.size(), 2u);  // theirs is left alone
}

TEST_P(PreflightTest, ATier2ThatRefusesWrites) {
  world_.disk.SetHook([](int64_t, std::string_view op, const std::string&) {
    return op == "mkdir" ? PermissionDenied("permission denied") : OkStatus();
  });
  ExpectRefused(StatusCode::kPermissionDenied);
  EXPECT_THAT(Codes(), ElementsAre("tier2-permission"));
}

TEST_P(PreflightTest, AnUnreadableTreeIsToldTogetherWithLiveServers) {
  Tier1 servers = world_.cluster.Open();
  ASSERT_TRUE(servers.metadata->Create(kHost, "", true).ok());
  world_.disk.FailReads("_system", PermissionDenied("permission denied"));
  EXPECT_EQ(world_.Recover().status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Codes(), ElementsAre("live-segment-store", "tier2"));
}

TEST_P(PreflightTest, ATreeThatIsWrittenToDuringTheQuietWindow) {
  class WritingClock : public TickingClock {
   public:
    explicit WritingClock(MemoryDisk& disk) : disk_(disk) {}
    void SleepMillis(int64_t millis) const override {
      TickingClock::SleepMillis(millis);
      disk_.Put("s/x/flushed", "just now");
    }

   private:
    MemoryDisk& disk_;
  } clock(world_.disk);
  StatusOr<std::unique_ptr<Workspace>> workspace = Workspace::Open(world_.dir.path());
  ASSERT_TRUE(workspace.ok());
  Tier1 tier1 = world_.cluster.Open();
  RecoverRun run(world_.disk, tier1, **workspace, world_.options, clock, Progress::Silent());
  StatusOr<RecoverResult> result = run.Run([](const PlannedRun&) { return true; });
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->obstacles.size(), 1u);
  EXPECT_EQ(result->obstacles[0].code, "tier2-changing");
  EXPECT_THAT(std::string(Message(result->obstacles[0].status)), HasSubstr("s/x/flushed appeared"));
  EXPECT_TRUE(world_.cluster.ledgers.empty());
}

// The last look: after the logs are written, before the first original is moved.
TEST_P(PreflightTest, ATreeThatIsWrittenToRightBeforeTheCommit) {
  StatusOr<RecoverResult> result = world_.Recover([&](std::string_view effect) {
    if (effect.starts_with("close ledger")) world_.disk.Put("s/x/flushed", "just now");
    return Fault{};
  });
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition) << result.status();
  EXPECT_EQ(world_.GetPhase(), Phase::kLogged);
  ASSERT_TRUE(world_.Undo().ok());
  world_.disk.Drop("s/x/flushed");
  EXPECT_TRUE(world_.disk.Files() == before_);
  EXPECT_TRUE(world_.cluster.ledgers.empty());
}

TEST_P(PreflightTest, AnotherRunHoldsTheLock) {
  Tier1 other = world_.cluster.Open();
  auto lock = RunLock::Take(other, "another", world_.clock);
  ASSERT_TRUE(lock.ok()) << lock.status();
  StatusOr<RecoverResult> result = world_.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Message(result.status())), HasSubstr("run another, process"));
  EXPECT_TRUE(world_.disk.Files() == before_);
}

// Two workspaces, one Tier-1: equal epochs must not make one run take the other's logs for its own.
TEST_P(PreflightTest, AnotherRunHasBegunHere) {
  int commits = 0;
  EXPECT_FALSE(world_
                   .Recover(nullptr,
                            [&]() -> Status {  // planned, built, reserved, logged
                              return ++commits == 4 ? Unavailable("killed") : OkStatus();
                            })
                   .ok());
  const auto tier1 = world_.Tier1State();
  TempDir elsewhere = TempDir::InMemory();
  StatusOr<std::unique_ptr<Workspace>> workspace = Workspace::Open(elsewhere.path());
  ASSERT_TRUE(workspace.ok());
  Tier1 session = world_.cluster.Open();
  world_.options.run_id = "another";
  RecoverRun run(world_.disk, session, **workspace, world_.options, world_.clock,
                 Progress::Silent());
  StatusOr<RecoverResult> result = run.Run([](const PlannedRun&) { return true; });
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_FALSE(result->obstacles.empty());
  EXPECT_EQ(result->obstacles[0].code, "other-run");
  EXPECT_EQ(world_.Tier1State(), tier1);
}

TEST_P(PreflightTest, AWorkspaceOfAnotherTargetIsRefused) {
  ExpectRecovers();
  world_.config.cluster_name = "another";
  StatusOr<RecoverResult> result = world_.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kPlanChanged);
  EXPECT_THAT(result->explanation, HasSubstr("cluster: was pravega-cluster, is another"));
  EXPECT_EQ(world_.Undo().code(), StatusCode::kFailedPrecondition);
}

TEST_P(PreflightTest, ATreeWithoutTheRunsDirectoryIsAnotherOne) {
  ExpectRecovers();
  const std::string run_dir = RunDirectory();
  world_.disk.Drop(run_dir);
  StatusOr<RecoverResult> result = world_.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kPlanChanged);
  EXPECT_THAT(result->explanation, HasSubstr("which has no " + run_dir));
  EXPECT_EQ(world_.Undo().code(), StatusCode::kFailedPrecondition);
}

TEST_P(PreflightTest, ARunsDirectoryThatCannotBeLookedAtIsNotAbsent) {
  ExpectRecovers();
  const Files recovered = world_.disk.Files();
  world_.disk.FailReads(RunDirectory(), Unavailable("stale handle"));
  EXPECT_EQ(world_.Recover().status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(world_.Undo().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(world_.disk.Files() == recovered);
}

TEST_P(PreflightTest, ARunIsNotResumedOnAnotherZooKeeper) {
  int commits = 0;
  EXPECT_FALSE(
      world_
          .Recover(nullptr,
                   [&]() -> Status { return ++commits == 4 ? Unavailable("killed") : OkStatus(); })
          .ok());
  world_.cluster.nodes.clear();
  StatusOr<RecoverResult> result = world_.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Message(result.status())), HasSubstr("not this one"));
}

TEST_P(PreflightTest, ARecoveredClusterNeedsNothing) {
  ExpectRecovers();
  const Files recovered = world_.disk.Files();
  const auto tier1 = world_.Tier1State();
  world_.ForgetWorkspace();
  StatusOr<RecoverResult> result = world_.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kNothingToDo);
  EXPECT_THAT(result->verify.findings, IsEmpty());
  EXPECT_TRUE(world_.disk.Files() == recovered);
  EXPECT_EQ(world_.Tier1State(), tier1);
}

}  // namespace
}  // namespace pdr

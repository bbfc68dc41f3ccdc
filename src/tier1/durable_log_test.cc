#include "tier1/durable_log.h"

#include <gmock/gmock.h>

#include <functional>

#include "format/data_frame.h"
#include "format/testing/vectors.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

StatusOr<std::vector<std::string>> ReadAll(DurableLog& log) {
  std::vector<std::string> frames;
  RETURN_IF_ERROR(log.ReadAll([&](std::string_view frame, const LogAddress&) {
    frames.emplace_back(frame);
    return OkStatus();
  }));
  return frames;
}

LogMetadata Reserved() { return {false, 7, {0, 0}, {}}; }

std::string Stored(Tier1& tier1, int container) {
  DurableLog log(tier1, container);
  auto node = tier1.metadata->Get(log.metadata_path());
  return node.ok() ? node->data : "";
}

TEST(DurableLogTest, PathFollowsTheConfiguration) {
  FakeCluster cluster;
  Tier1Config config;
  config.cluster_name = "c";
  Tier1 tier1 = cluster.Open(nullptr, config);
  EXPECT_EQ(DurableLog(tier1, 12).metadata_path(), "/pravega/c/segmentstore/containers/2/1/12");
}

// tier1-logmetadata.json, liveSequence: what a real BookKeeperLog stored, step by step.
TEST(DurableLogTest, StoresWhatProductionStored) {
  const Json states = LoadVectors("tier1-logmetadata.json")["liveSequence"]["states"];
  ASSERT_THAT(states, SizeIs(8));
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  auto initialize = [&](int frames) {
    DurableLog log(tier1, 1);
    ASSERT_TRUE(log.Initialize().ok());
    for (int i = 0; i < frames; ++i) ASSERT_TRUE(log.Append("frame").ok());
  };
  auto expect = [&](size_t state) {
    EXPECT_EQ(Stored(tier1, 1), FromHex(states[state]["hex"])) << states[state]["step"];
    DurableLog log(tier1, 1);
    EXPECT_EQ((*log.Load())->version, states[state]["znodeVersion"]);
  };
  auto store = [&](const std::function<void(LogMetadata&)>& change) {
    DurableLog log(tier1, 1);
    auto loaded = log.Load();
    ASSERT_TRUE(loaded.ok() && loaded->has_value());
    change((*loaded)->metadata);
    ASSERT_TRUE(log.Store((*loaded)->metadata, (*loaded)->version).ok());
  };
  initialize(3);
  expect(0);
  initialize(3);
  expect(1);
  store([](LogMetadata& m) { m.truncation = {0x100000002, 0}; });
  expect(2);
  initialize(0);
  initialize(0);
  expect(3);
  initialize(1);
  expect(4);
  store([](LogMetadata& m) {
    m.truncation = {0x500000000, 4};
    m.ledgers.erase(m.ledgers.begin(), m.ledgers.end() - 1);
  });
  expect(5);
  store([](LogMetadata& m) { m.enabled = false; });
  expect(6);
  DurableLog disabled(tier1, 1);
  EXPECT_EQ(disabled.Initialize().code(), StatusCode::kFailedPrecondition);
  expect(6);  // nothing was touched
  store([](LogMetadata& m) { m.enabled = true; });
  expect(7);
}

TEST(DurableLogTest, DeletesTheEmptyLedgersItDrops) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(DurableLog(tier1, 1).Initialize().ok());
  EXPECT_THAT(*tier1.ledgers->List(), ElementsAre(3, 4));
}

TEST(DurableLogTest, ReserveAndLoad) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  auto none = log.Load();
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  ASSERT_TRUE(log.Reserve(Reserved()).ok());
  EXPECT_EQ((*log.Load())->metadata, Reserved());
  EXPECT_TRUE(log.Reserve(Reserved()).ok());  // the same again
  LogMetadata other = Reserved();
  other.epoch = 8;
  EXPECT_EQ(log.Reserve(other).code(), StatusCode::kAlreadyExists);
}

TEST(DurableLogTest, RefusesARecordThatDoesNotParse) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  ASSERT_TRUE(tier1.metadata->Create(log.metadata_path(), "garbage", false).ok());
  EXPECT_EQ(log.Load().status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(log.Initialize().code(), StatusCode::kDataLoss);
  EXPECT_THAT(*tier1.ledgers->List(), IsEmpty());
}

TEST(DurableLogTest, StoreReconcilesALostReply) {
  FakeCluster cluster;
  FaultAt fault(2, FaultAt::kLoseReply);
  Tier1 tier1 = cluster.Open(std::ref(fault));
  DurableLog log(tier1, 3);
  ASSERT_TRUE(log.Reserve(Reserved()).ok());
  LogMetadata next = Reserved();
  next.enabled = true;
  auto version = log.Store(next, 0);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(*version, 1);
  EXPECT_TRUE(fault.effect().starts_with("set "));
}

TEST(DurableLogTest, ReserveReconcilesALostReply) {
  FakeCluster cluster;
  FaultAt fault(1, FaultAt::kLoseReply);
  Tier1 tier1 = cluster.Open(std::ref(fault));
  EXPECT_TRUE(DurableLog(tier1, 3).Reserve(Reserved()).ok());
}

TEST(DurableLogTest, StoreReportsAFailureThatWasNotApplied) {
  FakeCluster cluster;
  FaultAt fault(2, FaultAt::kFail);
  Tier1 tier1 = cluster.Open(std::ref(fault));
  DurableLog log(tier1, 3);
  ASSERT_TRUE(log.Reserve(Reserved()).ok());
  LogMetadata next = Reserved();
  next.enabled = true;
  EXPECT_EQ(log.Store(next, 0).status().code(), StatusCode::kUnavailable);
}

TEST(DurableLogTest, StoreLosesARace) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  ASSERT_TRUE(log.Reserve(Reserved()).ok());
  LogMetadata mine = Reserved();
  LogMetadata theirs = Reserved();
  mine.epoch = 8;
  theirs.epoch = 9;
  ASSERT_TRUE(log.Store(theirs, 0).ok());
  EXPECT_EQ(log.Store(mine, 0).status().code(), StatusCode::kAborted);
  EXPECT_EQ(*log.Store(theirs, 0), 1);  // already stored
}

TEST(DurableLogTest, WriteLedgerClosesAndNamesItsOwner) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  auto id = DurableLog(tier1, 3).WriteLedger({"one", "two"}, "run");
  ASSERT_TRUE(id.ok()) << id.status();
  const auto& ledger = cluster.ledgers.at(*id);
  EXPECT_TRUE(ledger.closed);
  EXPECT_THAT(ledger.entries, ElementsAre("one", "two"));
  EXPECT_EQ(ledger.custom_metadata.at("application"), "Pravega");
  EXPECT_EQ(ledger.custom_metadata.at("BookKeeperLogId"), "3");
  EXPECT_EQ(ledger.custom_metadata.at(std::string(kRunKey)), "run");
  EXPECT_FALSE(DurableLog(tier1, 3).Load()->has_value());
}

TEST(DurableLogTest, WriteLedgerNoticesAnEntryThatDoesNotReadBack) {
  FakeCluster cluster;
  auto spoil = [&](std::string_view effect) {
    if (effect == "close ledger 0") cluster.ledgers[0].entries[1] = "2wo";
    return Fault{};
  };
  Tier1 tier1 = cluster.Open(spoil);
  auto id = DurableLog(tier1, 3).WriteLedger({"one", "two"}, "run");
  EXPECT_EQ(id.status().code(), StatusCode::kDataLoss);
}

TEST(DurableLogTest, RefusesFramesOfImpossibleSize) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  EXPECT_EQ(log.WriteLedger({""}, "run").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(log.WriteLedger({std::string(kMaxFrameBytes + 1, 'x')}, "run").status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_THAT(cluster.ledgers, IsEmpty());
}

// The recovery's own use: a closed ledger named by a record that is enabled last.
TEST(DurableLogTest, ProductionTakesOverAWrittenLedger) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  ASSERT_TRUE(log.Reserve(Reserved()).ok());
  auto id = log.WriteLedger({"checkpoint"}, "run");
  ASSERT_TRUE(id.ok());
  LogMetadata enabled{true, 7, {0, 0}, {{*id, 1, LedgerStatus::kUnknown}}};
  ASSERT_TRUE(log.Store(enabled, 0).ok());
  DurableLog production(tier1, 3);
  ASSERT_TRUE(production.Initialize().ok());
  EXPECT_EQ(production.epoch(), 8u);
  ASSERT_TRUE(production.Append("more").ok());
  EXPECT_THAT(*ReadAll(production), ElementsAre("checkpoint", "more"));
  EXPECT_EQ((*log.Load())->metadata.ledgers[0].status, LedgerStatus::kNotEmpty);
}

TEST(DurableLogTest, InitializeShutsOutTheFormerWriter) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog former(tier1, 3);
  ASSERT_TRUE(former.Initialize().ok());
  ASSERT_TRUE(former.Append("a").ok());
  DurableLog next(tier1, 3);
  ASSERT_TRUE(next.Initialize().ok());
  EXPECT_EQ(former.Append("b").code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(*ReadAll(next), ElementsAre("a"));
}

TEST(DurableLogTest, FencesUntilTwoLedgersWithData) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  for (int i = 0; i < 3; ++i) {
    DurableLog log(tier1, 3);
    ASSERT_TRUE(log.Initialize().ok());
    ASSERT_TRUE(log.Append("x").ok());
  }
  std::vector<std::string> fenced;
  auto watch = [&](std::string_view effect) {
    if (effect.starts_with("fence")) fenced.emplace_back(effect);
    return Fault{};
  };
  Tier1 watched = cluster.Open(watch);
  ASSERT_TRUE(DurableLog(watched, 3).Initialize().ok());
  EXPECT_THAT(fenced, ElementsAre("fence ledger 2", "fence ledger 1"));
}

TEST(DurableLogTest, AMissingLedgerIsToleratedOnlyWhenEmpty) {
  for (LedgerStatus status :
       {LedgerStatus::kEmpty, LedgerStatus::kUnknown, LedgerStatus::kNotEmpty}) {
    FakeCluster cluster;
    cluster.next_ledger_id = 10;
    Tier1 tier1 = cluster.Open();
    DurableLog log(tier1, 3);
    ASSERT_TRUE(log.Reserve({true, 1, {0, 0}, {{5, 1, status}}}).ok());
    EXPECT_EQ(log.Initialize().ok(), status == LedgerStatus::kEmpty);
  }
}

TEST(DurableLogTest, RefusesALedgerStoreThatCountsFromBelow) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  ASSERT_TRUE(log.Reserve({true, 1, {0, 0}, {{5, 1, LedgerStatus::kEmpty}}}).ok());
  EXPECT_EQ(log.Initialize().code(), StatusCode::kDataLoss);
  EXPECT_THAT(*tier1.ledgers->List(), IsEmpty());
}

TEST(DurableLogTest, InitializeThatLosesTheRaceLeavesNoLedger) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  ASSERT_TRUE(DurableLog(tier1, 3).Initialize().ok());
  Tier1 rival = cluster.Open();
  bool raced = false;
  auto race = [&](std::string_view effect) {
    if (effect.starts_with("set ") && !raced) {
      raced = true;
      EXPECT_TRUE(DurableLog(rival, 3).Initialize().ok());
    }
    return Fault{};
  };
  Tier1 slow = cluster.Open(race);
  EXPECT_EQ(DurableLog(slow, 3).Initialize().code(), StatusCode::kAborted);
  EXPECT_THAT(*tier1.ledgers->List(), ElementsAre(0, 2));  // 1 was the loser's
}

// Whatever effect fails, is cut off or is lost: the next Initialize works and no frame is gone.
TEST(DurableLogTest, InitializeSurvivesAFaultAtEveryEffect) {
  for (auto mode : {FaultAt::kFail, FaultAt::kLoseReply, FaultAt::kKill}) {
    int hit = 1;
    for (bool done = false; !done; ++hit) {
      SCOPED_TRACE(fmt::format("mode {}, effect {}", static_cast<int>(mode), hit));
      ASSERT_LT(hit, 50);
      FakeCluster cluster;
      Tier1 before = cluster.Open();
      for (const char* frame : {"a", "b"}) {
        DurableLog log(before, 3);
        ASSERT_TRUE(log.Initialize().ok());
        ASSERT_TRUE(log.Append(frame).ok());
      }
      FaultAt fault(hit, mode);
      try {
        Tier1 faulty = cluster.Open(std::ref(fault));
        DurableLog(faulty, 3).Initialize().IgnoreError();
      } catch (const Killed&) {
      }
      done = fault.effects() < hit;
      DurableLog log(before, 3);
      ASSERT_TRUE(log.Initialize().ok());
      ASSERT_TRUE(log.Append("c").ok());
      EXPECT_THAT(*ReadAll(log), ElementsAre("a", "b", "c"));
      EXPECT_TRUE(log.Close().ok());
    }
    EXPECT_GT(hit, 4);
  }
}

TEST(DurableLogTest, ReadsFromTheTruncationAddress) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  const int64_t first = *log.WriteLedger({"a", "b", "c"}, "run");
  const int64_t second = *log.WriteLedger({"d"}, "run");
  const std::vector<LedgerRecord> ledgers = {{first, 4, LedgerStatus::kNotEmpty},
                                             {second, 6, LedgerStatus::kUnknown}};
  const std::vector<std::pair<LogAddress, std::vector<std::string>>> cases = {
      {{0, 0}, {"a", "b", "c", "d"}},
      {{0x3'0000'0009, 0}, {"a", "b", "c", "d"}},
      {{0x4'0000'0000, first}, {"b", "c", "d"}},
      {{0x4'0000'0002, first}, {"d"}},
      {{0x6'0000'0000, second}, {}}};
  int32_t version = 0;
  ASSERT_TRUE(log.Reserve({true, 1, {0, 0}, ledgers}).ok());
  for (const auto& [truncation, frames] : cases) {
    version = *log.Store({true, 2, truncation, ledgers}, version);
    EXPECT_EQ(*ReadAll(log), frames) << truncation.sequence;
  }
  ASSERT_TRUE(log.Store({true, 2, {0x5'0000'0000, 77}, ledgers}, version).ok());
  EXPECT_EQ(ReadAll(log).status().code(), StatusCode::kDataLoss);
}

TEST(DurableLogTest, GivesEveryFrameItsAddress) {
  FakeCluster cluster;
  cluster.next_ledger_id = 20;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  ASSERT_TRUE(log.WriteLedger({"a", "b"}, "run").ok());
  ASSERT_TRUE(log.Reserve({true, 1, {0, 0}, {{20, 9, LedgerStatus::kUnknown}}}).ok());
  std::vector<LogAddress> addresses;
  ASSERT_TRUE(log.ReadAll([&](std::string_view, const LogAddress& address) {
                   addresses.push_back(address);
                   return OkStatus();
                 })
                  .ok());
  EXPECT_THAT(addresses, ElementsAre(LogAddress{0x9'0000'0000, 20}, LogAddress{0x9'0000'0001, 20}));
}

TEST(DurableLogTest, ChecksWhoOwnsALedger) {
  const std::vector<std::pair<std::map<std::string, std::string>, bool>> cases = {
      {{{"application", "Pravega"}, {"BookKeeperLogId", "3"}}, true},
      {{{"application", "Pravega"}, {"BookKeeperLogId", "4"}}, false},
      {{{"application", "pravega"}, {"BookKeeperLogId", "4"}}, false},
      {{{"application", "Pravega"}, {"BookKeeperLogId", "2147483647"}}, true},  // repair
      {{{"application", "Pravega"}, {"BookKeeperLogId", "four"}}, true},
      {{{"application", "Other"}, {"BookKeeperLogId", "4"}}, true},
      {{{"BookKeeperLogId", "4"}}, true},
      {{}, true}};
  for (size_t i = 0; i < cases.size(); ++i) {
    FakeCluster cluster;
    cluster.ledgers[0] = {cases[i].first, {"a"}, 0, true};
    Tier1 tier1 = cluster.Open();
    DurableLog log(tier1, 3);
    ASSERT_TRUE(log.Reserve({true, 1, {0, 0}, {{0, 1, LedgerStatus::kUnknown}}}).ok());
    EXPECT_EQ(ReadAll(log).ok(), cases[i].second) << i;
  }
}

TEST(DurableLogTest, ReadingStopsAtTheVisitorsError) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  ASSERT_TRUE(log.Initialize().ok());
  ASSERT_TRUE(log.Append("a").ok());
  auto stop = [](std::string_view, const LogAddress&) { return OutOfRange("enough"); };
  EXPECT_EQ(log.ReadAll(stop).code(), StatusCode::kOutOfRange);
  EXPECT_EQ(DurableLog(tier1, 4).ReadAll(stop).code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace pdr

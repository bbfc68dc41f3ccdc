#include "recovery/controller_evidence.h"

#include <gtest/gtest.h>

#include <limits>

#include "recovery/testing/sample_controller.h"

namespace pdr {
namespace {

using Codes = std::vector<std::string>;

constexpr Uuid kScopeId{1, 1};
constexpr Uuid kStreamId{2, 2};
constexpr Uuid kTableId{3, 3};

const std::string kMetadata = StreamMetadataTable("s", "x", kStreamId);
const std::string kEpochs = EpochsWithTransactionsTable("s", "x", kStreamId);
const std::string kTransactions = TransactionsInEpochTable("s", "x", 0, kStreamId);
const std::string kKvMetadata = StreamMetadataTable("s", "t", kTableId);

// A controller with scope `s`, stream `s/x` in epoch 1 ({0,0} was replaced by {1,1} and {2,1}) and
// key-value table `s/t`.
class ControllerEvidenceTest : public testing::Test {
 protected:
  ControllerEvidenceTest() {
    tables_[std::string(kScopesTable)]["s"] = SampleId(kScopeId);
    tables_[StreamsInScopeTable("s", kScopeId)]["x"] = SampleId(kStreamId);
    tables_[KvTablesInScopeTable("s", kScopeId)]["t"] = SampleId(kTableId);
    tables_[ReaderGroupsInScopeTable("s", kScopeId)];
    tables_[kMetadata] = {
        {"creationTime", std::string(8, '\1')},
        {"state", SampleState(2)},
        {"currentEpochRecord", SampleInt(1)},
        {"epochRecord-0", SampleEpoch(0, 0, {{0, 0}})},
        {"epochRecord-1", SampleEpoch(1, 1, {{1, 1}, {2, 1}})},
        {"epochTransition", SampleTransition(kSampleNone, {}, {})},
        {"committingTxns", SampleCommitting(kSampleNone, {})},
        {"truncation", SampleTruncation({}, {}, {})},
    };
    tables_[kEpochs] = {{"0", ""}};
    tables_[kTransactions];
    tables_[kKvMetadata] = {{"state", SampleState(3)},
                            {"currentEpochRecord", SampleInt(0)},
                            {"epochRecord-0", SampleKvEpoch(0, {{0, 0}})}};
  }

  ControllerEvidence Gather() const {
    return GatherControllerEvidence(
        [this](const std::string& name) -> StatusOr<TableValues> {
          if (name == unreadable_) return Unavailable("input/output error");
          const auto found = tables_.find(name);
          if (found == tables_.end()) return NotFound("{}", name);
          return found->second;
        },
        2);
  }
  SegmentStanding Standing(const std::string& segment) const {
    return Gather().StandingOf(segment);
  }
  Codes ProblemCodes() const {
    Codes codes;
    for (const auto& problem : Gather().problems) codes.push_back(problem.code);
    return codes;
  }
  std::string& Record(const std::string& key) { return tables_[kMetadata][key]; }

  std::map<std::string, TableValues> tables_;
  std::string unreadable_;
};

TEST_F(ControllerEvidenceTest, WholeControllerHasNoProblem) {
  EXPECT_EQ(ProblemCodes(), Codes{});
  EXPECT_EQ(Standing("s/x/0.#epoch.0"), SegmentStanding::kSealed);
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kActive);
  EXPECT_EQ(Standing("s/x/3.#epoch.1"), SegmentStanding::kUnknown);
  EXPECT_EQ(Standing("s/t_kvtable/0.#epoch.0"), SegmentStanding::kKvTable);
  EXPECT_EQ(Standing("s/y/0.#epoch.0"), SegmentStanding::kUnknown);
  EXPECT_EQ(Standing("q/x/0.#epoch.0"), SegmentStanding::kUnknown);
  EXPECT_EQ(Standing("_system/containers/metadata_0"), SegmentStanding::kNotControlled);
  EXPECT_EQ(Standing(kMetadata), SegmentStanding::kNotControlled);
  EXPECT_EQ(Gather().ExpectedSegments(), (Codes{"s/t_kvtable/0.#epoch.0", "s/x/0.#epoch.0",
                                                "s/x/1.#epoch.1", "s/x/2.#epoch.1"}));
}

// H23: what cannot be read leaves everything below it undecided, never unknown.
TEST_F(ControllerEvidenceTest, MissingListOfScopesDecidesNothing) {
  tables_.erase(std::string(kScopesTable));
  EXPECT_EQ(ProblemCodes(), Codes{"controller-table-missing"});
  EXPECT_EQ(Standing("s/x/0.#epoch.0"), SegmentStanding::kUndecided);
  EXPECT_EQ(Standing("s/t_kvtable/0.#epoch.0"), SegmentStanding::kUndecided);
}

TEST_F(ControllerEvidenceTest, MissingListOfStreamsDecidesNothingInTheScope) {
  tables_.erase(StreamsInScopeTable("s", kScopeId));
  EXPECT_EQ(ProblemCodes(), Codes{"controller-table-missing"});
  EXPECT_EQ(Standing("s/x/0.#epoch.0"), SegmentStanding::kUndecided);
  EXPECT_EQ(Standing("s/t_kvtable/0.#epoch.0"), SegmentStanding::kKvTable);
  EXPECT_EQ(Standing("q/x/0.#epoch.0"), SegmentStanding::kUnknown);
}

// The lists of a scope that is being deleted with all in it go last, before the scope itself.
TEST_F(ControllerEvidenceTest, ListsOfADeletedScopeAreNotMissed) {
  tables_[std::string(kDeletingScopesTable)]["s"] = SampleId(kScopeId);
  tables_.erase(StreamsInScopeTable("s", kScopeId));
  tables_.erase(KvTablesInScopeTable("s", kScopeId));
  tables_.erase(ReaderGroupsInScopeTable("s", kScopeId));
  EXPECT_EQ(ProblemCodes(), Codes{});
  EXPECT_TRUE(Gather().scopes.at("s").streams_known);
  unreadable_ = StreamsInScopeTable("s", kScopeId);
  EXPECT_EQ(ProblemCodes(), Codes{"controller-table-unreadable"});
  EXPECT_FALSE(Gather().scopes.at("s").streams_known);
}

TEST_F(ControllerEvidenceTest, UnreadableMetadataTableDecidesNothingInTheStream) {
  unreadable_ = kMetadata;
  EXPECT_EQ(ProblemCodes(), Codes{"controller-table-unreadable"});
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kUndecided);
  EXPECT_EQ(Standing("s/x/1.#epoch.1#transaction.00000000000000000000000000000001"),
            SegmentStanding::kUndecided);
}

TEST_F(ControllerEvidenceTest, MissingTransactionTableIsReported) {
  tables_.erase(kTransactions);
  EXPECT_EQ(ProblemCodes(), Codes{"controller-table-missing"});
}

TEST_F(ControllerEvidenceTest, DamagedRecordsAreReportedOneByOne) {
  Record("epochRecord-1") += "x";
  Record("truncation").pop_back();
  const ControllerEvidence evidence = Gather();
  EXPECT_EQ(ProblemCodes(), (Codes{"controller-record-unreadable", "controller-record-unreadable",
                                   "controller-record-missing"}));
  EXPECT_EQ(evidence.problems[0].subject, "s/x");
  EXPECT_NE(evidence.problems[0].message.find("epochRecord-1"), std::string::npos);
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kUndecided);
}

TEST_F(ControllerEvidenceTest, MissingOldEpochLeavesItsSegmentsUndecided) {
  tables_[kMetadata].erase("epochRecord-0");
  EXPECT_EQ(ProblemCodes(), Codes{"controller-record-missing"});
  EXPECT_EQ(Standing("s/x/0.#epoch.0"), SegmentStanding::kUndecided);
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kActive);
}

TEST_F(ControllerEvidenceTest, EpochUnderAnotherEpochsKeyIsRefused) {
  Record("epochRecord-0") = SampleEpoch(1, 1, {{0, 0}});
  EXPECT_EQ(ProblemCodes(), (Codes{"controller-record-unreadable", "controller-record-missing"}));
}

TEST_F(ControllerEvidenceTest, HugeOrNegativeCurrentEpochIsNoHang) {
  Record("currentEpochRecord") = SampleInt(std::numeric_limits<int32_t>::max());
  EXPECT_EQ(ProblemCodes(), Codes{"controller-record-missing"});
  Record("currentEpochRecord") = SampleInt(-5);
  EXPECT_EQ(ProblemCodes(), Codes{"controller-record-missing"});
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kUndecided);
}

TEST_F(ControllerEvidenceTest, UnfinishedScale) {
  Record("state") = SampleState(4);
  Record("epochTransition") = SampleTransition(1, {{1, 1}}, {{3, 2}, {4, 2}});
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kSealing);
  EXPECT_EQ(Standing("s/x/2.#epoch.1"), SegmentStanding::kActive);
  EXPECT_EQ(Standing("s/x/3.#epoch.2"), SegmentStanding::kPending);
  EXPECT_EQ(Gather().ExpectedSegments().size(), 4u);
  Record("epochRecord-2") = SampleEpoch(2, 2, {{2, 1}, {3, 2}, {4, 2}});
  EXPECT_EQ(Standing("s/x/2.#epoch.1"), SegmentStanding::kActive);
  EXPECT_EQ(Standing("s/x/4.#epoch.2"), SegmentStanding::kPending);
  EXPECT_EQ(Gather().ExpectedSegments().size(), 6u);
}

TEST_F(ControllerEvidenceTest, OfASealUnderWayWhatFollowsIsKnownOnceItIsRecorded) {
  const auto lacks = [&](const std::string& segment) { return Gather().LacksSuccessors(segment); };
  EXPECT_FALSE(lacks("s/x/1.#epoch.1"));  // nothing is under way
  Record("state") = SampleState(4);
  Record("epochTransition") = SampleTransition(1, {{1, 1}}, {{3, 2}, {4, 2}});
  EXPECT_TRUE(lacks("s/x/1.#epoch.1"));
  Record("state") = SampleState(7);  // nothing is to follow in a stream that is being sealed
  EXPECT_FALSE(lacks("s/x/1.#epoch.1"));
  Record("state") = SampleState(4);
  EXPECT_FALSE(lacks("s/x/2.#epoch.1"));  // stays active
  EXPECT_FALSE(lacks("s/x/0.#epoch.0"));  // sealed before
  Record("segmentSealedEpochPath-4294967297") = SampleInt(2);
  EXPECT_FALSE(lacks("s/x/1.#epoch.1"));
  Record("epochTransition") = SampleTransition(kSampleNone, {}, {});
  Record("state") = SampleState(5);
  Record("committingTxns") = SampleCommitting(0, {Uuid{0, 1}}, 1);
  EXPECT_FALSE(lacks("s/x/1.#epoch.1"));
  EXPECT_TRUE(lacks("s/x/2.#epoch.1"));
  Record("currentEpochRecord") = SampleInt(0);  // the commit rolls another epoch over
  EXPECT_FALSE(lacks("s/x/2.#epoch.1"));
}

TEST_F(ControllerEvidenceTest, WhatWritersGoOnToWhileSegmentsAreSealed) {
  using Ids = std::set<SegmentId>;
  EXPECT_EQ(Gather().FindStream("s", "x")->MadeAhead(), Ids());
  Record("epochTransition") = SampleTransition(1, {{1, 1}}, {{3, 2}, {4, 2}});
  EXPECT_EQ(Gather().FindStream("s", "x")->MadeAhead(), (Ids{{3, 2}, {4, 2}}));
  Record("epochTransition") = SampleTransition(kSampleNone, {}, {});
  Record("committingTxns") = SampleCommitting(0, {Uuid{0, 1}}, 1);
  EXPECT_EQ(Gather().FindStream("s", "x")->MadeAhead(), (Ids{{1, 3}, {2, 3}}));
  const int32_t most = std::numeric_limits<int32_t>::max();
  Record("currentEpochRecord") = SampleInt(most);
  Record(fmt::format("epochRecord-{}", most)) = SampleEpoch(most, most, {{1, 1}});
  Record("committingTxns") = SampleCommitting(0, {Uuid{0, 1}}, most);
  EXPECT_EQ(Gather().FindStream("s", "x")->MadeAhead().size(), 1u);  // of no epoch there can be
}

TEST_F(ControllerEvidenceTest, UnfinishedSealOfTheStream) {
  Record("state") = SampleState(7);
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kSealing);
  Record("state") = SampleState(8);
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kSealed);
}

TEST_F(ControllerEvidenceTest, Truncation) {
  Record("truncation") = SampleTruncation({{{1, 1}, 70}, {{2, 1}, -1}}, {{9, 0}}, {{0, 0}});
  const ControllerEvidence evidence = Gather();
  EXPECT_EQ(evidence.StandingOf("s/x/0.#epoch.0"), SegmentStanding::kTruncating);
  EXPECT_EQ(evidence.StandingOf("s/x/9.#epoch.0"), SegmentStanding::kTruncatedAway);
  EXPECT_EQ(evidence.TruncationOffset("s/x/1.#epoch.1"), 70);
  EXPECT_FALSE(evidence.TruncationOffset("s/x/2.#epoch.1"));
  EXPECT_FALSE(evidence.TruncationOffset("s/t_kvtable/0.#epoch.0"));
  EXPECT_EQ(evidence.ExpectedSegments().size(), 3u);
}

TEST_F(ControllerEvidenceTest, KnownLengthIsTheFarthestOfAllCuts) {
  Record("segmentsSealedSizeMapShard-0") = SampleSealedSizes({{{0, 0}, 500}});
  Record("retentionCuts-20") = SampleRetentionCut(20, {{{1, 1}, 90}});
  Record("retentionCuts-9") = SampleRetentionCut(9, {{{1, 1}, 40}});
  const ControllerEvidence evidence = Gather();
  EXPECT_EQ(evidence.SealedSize("s/x/0.#epoch.0"), 500);
  EXPECT_EQ(evidence.KnownLength("s/x/0.#epoch.0"), 500);
  EXPECT_EQ(evidence.KnownLength("s/x/1.#epoch.1"), 90);
  EXPECT_FALSE(evidence.KnownLength("s/x/2.#epoch.1"));
  EXPECT_EQ(evidence.FindStream("s", "x")->retention_cuts.front().time, 9);
}

TEST_F(ControllerEvidenceTest, TransactionsInEveryState) {
  const auto name = [](int n) {
    return fmt::format("s/x/0.#epoch.0#transaction.{}", Uuid{0, static_cast<uint64_t>(n)}.Hex());
  };
  for (int status = 1; status <= 5; ++status) {
    tables_[kTransactions][Uuid{0, static_cast<uint64_t>(status)}.Text()] =
        SampleActive(static_cast<TransactionStatus>(status));
  }
  EXPECT_EQ(Standing(name(1)), SegmentStanding::kTransactionOpen);
  EXPECT_EQ(Standing(name(2)), SegmentStanding::kTransactionCommitting);
  EXPECT_EQ(Standing(name(3)), SegmentStanding::kTransactionCommitted);
  EXPECT_EQ(Standing(name(4)), SegmentStanding::kTransactionAborting);
  EXPECT_EQ(Standing(name(5)), SegmentStanding::kTransactionAborted);
  EXPECT_EQ(Standing(name(6)), SegmentStanding::kTransactionUnknown);
  EXPECT_EQ(Gather().highest_counter, (TransactionCounter{0, 5}));
}

TEST_F(ControllerEvidenceTest, CompletedOverrulesCommittingOverrulesActive) {
  const Uuid id{0, 1};
  const std::string segment = "s/x/0.#epoch.0#transaction." + id.Hex();
  tables_[kTransactions][id.Text()] = SampleActive(TransactionStatus::kOpen);
  Record("committingTxns") = SampleCommitting(0, {id});
  EXPECT_EQ(Standing(segment), SegmentStanding::kTransactionCommitting);
  tables_[std::string(kCompletedTransactionBatchesTable)]["7"] = "";
  TableValues& batch = tables_[CompletedTransactionBatchTable("7")];
  batch["Key.#.s.#.x.#./" + id.Text()] = SampleCompleted(TransactionStatus::kCommitted);
  batch["Key.#.s.#.gone.#./" + Uuid{5, 9}.Text()] = SampleCompleted(TransactionStatus::kAborted);
  EXPECT_EQ(Standing(segment), SegmentStanding::kTransactionCommitted);
  EXPECT_EQ(ProblemCodes(), Codes{});
  EXPECT_EQ(Gather().highest_counter, (TransactionCounter{5, 9}));
}

TEST_F(ControllerEvidenceTest, TransactionTableThatTheListLacksIsRead) {
  tables_[kEpochs].clear();
  tables_[kTransactions][Uuid{0, 1}.Text()] = SampleActive(TransactionStatus::kOpen);
  EXPECT_EQ(Standing("s/x/0.#epoch.0#transaction." + Uuid{0, 1}.Hex()),
            SegmentStanding::kTransactionOpen);
  EXPECT_EQ(ProblemCodes(), Codes{});
}

TEST_F(ControllerEvidenceTest, MissingBatchOfCompletedTransactionsDecidesNoTransaction) {
  tables_[std::string(kCompletedTransactionBatchesTable)]["0"] = "";
  EXPECT_EQ(ProblemCodes(), Codes{"controller-table-missing"});
  EXPECT_EQ(Standing("s/x/0.#epoch.0#transaction." + Uuid{0, 1}.Hex()),
            SegmentStanding::kUndecided);
}

TEST_F(ControllerEvidenceTest, RollingCommitSealsTheCurrentEpoch) {
  Record("state") = SampleState(5);
  Record("committingTxns") = SampleCommitting(0, {Uuid{0, 1}}, 1);
  EXPECT_EQ(Standing("s/x/0.#epoch.2"), SegmentStanding::kPending);
  EXPECT_EQ(Standing("s/x/0.#epoch.4"), SegmentStanding::kUnknown);
  Record("epochRecord-2") = SampleEpoch(2, 0, {{0, 2}});
  Record("epochRecord-3") = SampleEpoch(3, 1, {{1, 3}, {2, 3}});
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kSealing);
  EXPECT_EQ(Standing("s/x/0.#epoch.2"), SegmentStanding::kPending);
  EXPECT_EQ(Standing("s/x/2.#epoch.3"), SegmentStanding::kPending);
  Record("currentEpochRecord") = SampleInt(3);
  EXPECT_EQ(Standing("s/x/1.#epoch.1"), SegmentStanding::kSealed);
  EXPECT_EQ(Standing("s/x/0.#epoch.2"), SegmentStanding::kSealed);
  EXPECT_EQ(Standing("s/x/2.#epoch.3"), SegmentStanding::kActive);
}

TEST_F(ControllerEvidenceTest, FlippedBitsAnywhereDoNoHarm) {
  const auto whole = tables_;
  for (const auto& [table, values] : whole) {
    for (const auto& [key, value] : values) {
      for (size_t bit = 0; bit < value.size() * 8; ++bit) {
        std::string& byte_string = tables_[table][key];
        byte_string[bit / 8] = static_cast<char>(byte_string[bit / 8] ^ (1 << bit % 8));
        const ControllerEvidence evidence = Gather();
        EXPECT_NE(evidence.StandingOf("s/x/1.#epoch.1"), SegmentStanding::kNotControlled);
        evidence.ExpectedSegments();
        byte_string = value;
      }
    }
  }
}

}  // namespace
}  // namespace pdr

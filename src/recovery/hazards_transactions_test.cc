// Hazard H17 of docs/formats/recovery-semantics.md: transactions in every half-done state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "format/names.h"
#include "recovery/testing/sample_cluster.h"

namespace pdr {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Uuid kFirstId{7, 1};
constexpr Uuid kLaterId{7, 2};

std::string SourceOf(const Uuid& id) {
  return fmt::format("{}{}{}", kSampleSegment, kTransactionDelimiter, id.Hex());
}
const std::string kSource = SourceOf(kFirstId);

const std::string kOwn = SampleEvents({"the stream's own first event", "and its second"});
const std::string kMerged = SampleEvents({std::string(80, 'a'), std::string(90, 'b')});

class TransactionHazards : public testing::TestWithParam<Layout> {
 protected:
  TransactionHazards() : cluster_(GetParam()) { cluster_.controller.streams["x"]; }

  SampleStream& stream() { return cluster_.controller.streams["x"]; }
  void Put(const std::string& target, const std::string& source, bool sealed = true) {
    if (!target.empty()) cluster_.Stream(kSampleSegment, target);
    TestSegment& added = cluster_.Stream(kSource, source);
    added.record.sealed = added.sealed_in_storage = sealed;
    // No record was flushed since the segments were made.
    for (auto& [name, segment] : cluster_.tree().segments) segment.record.length = 0;
    added.index = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  }
  // Scaled once; after that, two commits of transactions from before rolled it over.
  void RollOverTwice() {
    stream().epoch = 5;
    stream().epochs = {{0, {{0, 0}}}, {1, {{1, 1}}}, {2, {{0, 2}}},
                       {3, {{1, 3}}}, {4, {{0, 4}}}, {5, {{1, 5}}}};
    stream().references = {{2, 0}, {3, 1}, {4, 0}, {5, 1}};
    stream().epoch_times = {{0, 1}, {1, 100}, {2, 200}, {3, 201}, {4, 400}, {5, 401}};
  }
  // Plans, recovers, and holds what is stored then against what must be.
  SampleCluster::Planned Recover(const std::string& target, const std::string& source) {
    cluster_.Build();
    SampleCluster::Planned planned = cluster_.MakePlan();
    EXPECT_EQ(planned.Find(kSource) != nullptr, source != "(none)");
    cluster_.ExpectRecovers();
    EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), target);
    EXPECT_EQ(cluster_.StoredBytes(kSource), source);
    return planned;
  }

  SampleCluster cluster_;
};

TEST_P(TransactionHazards, H17aCommittedButNotMergedIsMerged) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  Put(kOwn, kMerged);
  const auto planned = Recover(kOwn + kMerged, "(none)");
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("transaction-merged"));
  EXPECT_THAT(planned.Message(kSampleSegment, "transaction-merged"),
              HasSubstr("186 bytes of committed"));
  // Nothing of a segment or transaction; only that records lag, as they do in an unclean loss.
  EXPECT_THAT(planned.plan.losses, testing::Each(testing::Field(&Loss::subject, "cluster")));
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length,
            static_cast<int64_t>(kOwn.size() + kMerged.size()));
}

TEST_P(TransactionHazards, H17aTheFirstEventsOfAStreamAreATransactions) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  Put("", kMerged);
  Recover(kMerged, "(none)");
}

TEST_P(TransactionHazards, H17aSeveralAreMergedInTheOrderOfTheirIds) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  stream().transactions[kLaterId] = TransactionStatus::kCommitted;
  const std::string later = SampleEvents({"later"});
  cluster_.Stream(SourceOf(kLaterId), later).sealed_in_storage = true;
  Put(kOwn, kMerged);
  Recover(kOwn + kMerged + later, "(none)");
}

TEST_P(TransactionHazards, H17aTheTornEndOfTheStreamIsCutBeforeTheMerge) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  Put(kOwn + SampleEvents({"torn off here"}).substr(0, 15), kMerged);
  const auto planned = Recover(kOwn + kMerged, "(none)");
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("torn-tail", "transaction-merged"));
}

TEST_P(TransactionHazards, H17aATornCommittedTransactionGivesItsWholeEventsAndIsStatedLost) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  const std::string whole = SampleEvents({std::string(80, 'a')});
  Put(kOwn, kMerged.substr(0, whole.size() + 20), false);
  const auto planned = Recover(kOwn + whole, "(none)");
  EXPECT_THAT(planned.Codes(kSource), Contains("transaction-incomplete"));
  ASSERT_NE(planned.FindLoss(kSource, "transaction"), nullptr);
  EXPECT_EQ(planned.FindLoss(kSource, "transaction")->amount, 1u);  // its last event is torn
  EXPECT_FALSE(planned.FindLoss(kSource, "transaction")->exact);
}

TEST_P(TransactionHazards, H17aOpenIsKept) {
  stream().transactions[kFirstId] = TransactionStatus::kOpen;
  Put(kOwn, kMerged, false);
  const auto planned = Recover(kOwn, kMerged);
  EXPECT_THAT(planned.Codes(kSource), IsEmpty());
}

TEST_P(TransactionHazards, H17aCommittingIsLeftToTheController) {
  stream().transactions[kFirstId] = TransactionStatus::kCommitting;
  Put(kOwn, kMerged);
  const auto planned = Recover(kOwn, kMerged);
  EXPECT_THAT(planned.Codes(kSource), ElementsAre("transaction-committing"));
}

TEST_P(TransactionHazards, H17aAbortedIsSetAside) {
  stream().completed[kFirstId] = TransactionStatus::kAborted;
  Put(kOwn, kMerged);
  const auto planned = Recover(kOwn, "(none)");
  EXPECT_THAT(planned.Codes(kSource), ElementsAre("aborted-transaction"));
}

TEST_P(TransactionHazards, H17aNothingIsMergedIntoASegmentSealedSince) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  stream().epoch = 1;
  stream().epochs[1] = {{1, 1}};
  Put(kOwn, kMerged);
  TestSegment& target = cluster_.tree().segments[kSampleSegment];
  target.record.sealed = target.sealed_in_storage = true;
  const auto planned = Recover(kOwn, "(none)");
  EXPECT_THAT(planned.Message(kSource, "transaction-merged"), HasSubstr("sealed later"));
}

TEST_P(TransactionHazards, H17aARollingCommitMergesIntoTheDuplicateEpoch) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  stream().epoch = 3;
  stream().epochs = {{0, {{0, 0}}}, {1, {{1, 1}}}, {2, {{0, 2}}}, {3, {{1, 3}}}};
  stream().references = {{2, 0}, {3, 1}};
  Put(kOwn, kMerged);
  TestSegment& target = cluster_.tree().segments[kSampleSegment];
  target.record.sealed = target.sealed_in_storage = true;
  Recover(kOwn, "(none)");
  EXPECT_EQ(cluster_.StoredBytes("s/x/0.#epoch.2"), kMerged);
}

// Each made an epoch for the transactions; the newest that is not younger than the transaction's
// completion took its events.
TEST_P(TransactionHazards, H17aOfSeveralRollingCommitsEachMergesIntoItsOwnEpoch) {
  const std::map<int64_t, std::string> completed = {{50, kSampleSegment},
                                                    {250, "s/x/0.#epoch.2"},
                                                    {300, "s/x/0.#epoch.2"},
                                                    {450, "s/x/0.#epoch.4"}};
  for (const auto& [time, target] : completed) {
    cluster_ = SampleCluster(GetParam());
    RollOverTwice();
    stream().completed[kFirstId] = TransactionStatus::kCommitted;
    stream().completion_times[kFirstId] = time;
    const std::string before = target == kSampleSegment ? kOwn : "";
    const auto parsed = ParseStreamSegmentName(target);
    stream().sealed_sizes[parsed->id] = static_cast<int64_t>(before.size() + kMerged.size());
    Put(kOwn, kMerged);
    const auto planned = Recover(before.empty() ? kOwn : kOwn + kMerged, "(none)");
    EXPECT_EQ(cluster_.StoredBytes(target), before + kMerged) << time;
    EXPECT_EQ(planned.FindLoss(target, "bytes"), nullptr) << time;
    EXPECT_EQ(planned.FindLoss(kSource, "bytes"), nullptr) << time;
  }
}

// A scale's time is that of whoever asked for it, and later epochs are not older: with a clock that
// is ahead all are younger than what was committed into them. What has room decides.
TEST_P(TransactionHazards, H17aEpochsOfAClockThatIsAheadTakeWhatTheyHaveRoomFor) {
  RollOverTwice();
  for (auto& [epoch, time] : stream().epoch_times) time += 30000;
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  stream().completion_times[kFirstId] = 450;
  stream().sealed_sizes = {{{0, 0}, static_cast<int64_t>(kOwn.size())},
                           {{0, 2}, 0},
                           {{0, 4}, static_cast<int64_t>(kMerged.size())}};
  Put(kOwn, kMerged);
  Recover(kOwn, "(none)");
  EXPECT_EQ(cluster_.StoredBytes("s/x/0.#epoch.2"), "(none)");
  EXPECT_EQ(cluster_.StoredBytes("s/x/0.#epoch.4"), kMerged);
}

// Whatever times say, what is there is not merged again.
TEST_P(TransactionHazards, H17bMergedIntoAnyOfTheDuplicatesIsNotMergedAgain) {
  RollOverTwice();
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  stream().completion_times[kFirstId] = 450;
  const std::string other = SampleEvents({"another transaction"});
  cluster_.Stream("s/x/0.#epoch.2", other + kMerged + other);
  Put(kOwn, kMerged);
  const auto planned = Recover(kOwn, "(none)");
  EXPECT_THAT(planned.Message(kSource, "transaction-merged"), HasSubstr("0.#epoch.2 has all"));
}

// Completed later than all that the stream's records tell of: by a commit of which none is left.
TEST_P(TransactionHazards, H17aCommittedIntoAnEpochOfWhichNothingIsKnownIsNamed) {
  for (const bool rolled_before : {false, true}) {
    cluster_ = SampleCluster(GetParam());
    RollOverTwice();
    if (!rolled_before) {
      stream().epoch = 1;
      stream().epochs = {{0, {{0, 0}}}, {1, {{1, 1}}}};
    }
    stream().completed[kFirstId] = TransactionStatus::kCommitted;
    stream().completion_times[kFirstId] = 600;
    stream().sealed_sizes = {{{0, 0}, static_cast<int64_t>(kOwn.size())}, {{0, 2}, 0}, {{0, 4}, 0}};
    Put(kOwn, kMerged);
    const auto planned = Recover(kOwn, "(none)");
    EXPECT_THAT(planned.Codes(kSource), ElementsAre("transaction-unplaced"));
    EXPECT_NE(planned.FindLoss(kSource, "transaction"), nullptr);
  }
}

// The epoch of the transactions was the current one, and is copied by a commit of older ones, of
// which the stream's records know that it is under way.
TEST_P(TransactionHazards, H17bMergedIntoTheCopyOfTheCurrentEpochIsNotMergedAgain) {
  for (const bool merged : {false, true}) {
    cluster_ = SampleCluster(GetParam());
    const Uuid id{(uint64_t{1} << 32) | 7, 1};  // of epoch 1
    const std::string source = fmt::format("s/x/1.#epoch.1{}{}", kTransactionDelimiter, id.Hex());
    stream().epoch = 1;
    stream().epochs = {{0, {{0, 0}}}, {1, {{1, 1}}}};
    stream().epoch_times = {{0, 1}, {1, 100}};
    stream().state = 5;
    stream().committing = {kFirstId};
    stream().committing_active = 1;
    stream().completed[id] = TransactionStatus::kCommitted;
    stream().completion_times[id] = 600;
    cluster_.Stream("s/x/1.#epoch.1", kOwn).sealed_in_storage = true;
    cluster_.Stream("s/x/1.#epoch.3", merged ? kMerged + kOwn : kOwn);
    cluster_.Stream(source, kMerged).sealed_in_storage = true;
    cluster_.Build();
    EXPECT_THAT(cluster_.MakePlan().Codes(source), ElementsAre("transaction-merged"));
    cluster_.ExpectRecovers();
    EXPECT_EQ(cluster_.StoredBytes("s/x/1.#epoch.1"), kOwn);
    EXPECT_EQ(cluster_.StoredBytes("s/x/1.#epoch.3"), merged ? kMerged + kOwn : kOwn + kMerged);
  }
}

// It only completes them.
TEST_P(TransactionHazards, H17aACommitThatHadRolledOverMergesNoMore) {
  RollOverTwice();
  stream().state = 5;
  stream().transactions[kFirstId] = TransactionStatus::kCommitting;
  stream().committing = {kFirstId};
  stream().committing_active = 3;
  Put(kOwn, kMerged);
  Recover(kOwn, "(none)");
  EXPECT_EQ(cluster_.StoredBytes("s/x/0.#epoch.4"), kMerged);
}

// The epoch that the commit makes has no record yet; an earlier commit's has.
TEST_P(TransactionHazards, H17bHalfMergedByARollingCommitUnderWayIsCutBackInItsOwnEpoch) {
  RollOverTwice();
  stream().epoch = 3;
  stream().epochs.erase(4);
  stream().epochs.erase(5);
  stream().state = 5;  // committing transactions
  stream().transactions[kFirstId] = TransactionStatus::kCommitting;
  stream().committing = {kFirstId};
  stream().committing_active = 3;
  cluster_.Stream("s/x/0.#epoch.4", kMerged.substr(0, 120));
  Put(kOwn, kMerged);
  const auto planned = Recover(kOwn, kMerged);
  EXPECT_EQ(cluster_.StoredBytes("s/x/0.#epoch.4"), "");
  EXPECT_THAT(planned.Codes("s/x/0.#epoch.4"), Contains("transaction-half-merged"));
}

TEST_P(TransactionHazards, H17aCompletedWhileItsCommitGoesOnIsLeftToTheControllerToPlace) {
  RollOverTwice();
  stream().epoch = 3;
  stream().epochs.erase(4);
  stream().epochs.erase(5);
  stream().state = 5;
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  stream().committing = {kFirstId};
  stream().committing_active = 3;
  Put(kOwn, kMerged);
  const auto planned = Recover(kOwn, kMerged);
  EXPECT_THAT(planned.Codes(kSource), ElementsAre("transaction-committing"));
}

TEST_P(TransactionHazards, H17aWhatATruncationRemovedWithItsSegmentIsNotLost) {
  RollOverTwice();
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  stream().completion_times[kFirstId] = 250;
  stream().deleted = {{0, 0}, {1, 1}, {0, 2}};
  stream().truncation = {{{1, 3}, 0}};
  Put(kOwn, kMerged);
  const auto planned = Recover("(none)", "(none)");
  EXPECT_THAT(planned.Message(kSource, "transaction-merged"), HasSubstr("a truncation removed"));
  EXPECT_EQ(planned.FindLoss(kSource, "bytes"), nullptr);
}

TEST_P(TransactionHazards, H17aCommittedIntoASegmentThatIsNotThereIsSetAsideAndStatedLost) {
  stream().epochs.clear();  // their records are missing
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  Put("", kMerged);
  const auto planned = Recover("(none)", "(none)");
  EXPECT_THAT(planned.Message(kSource, "transaction-unplaced"), HasSubstr(kSampleSegment));
  ASSERT_NE(planned.FindLoss(kSource, "bytes"), nullptr);
  EXPECT_EQ(planned.FindLoss(kSource, "bytes")->amount, kMerged.size());
}

TEST_P(TransactionHazards, H17bMergedAndStillThereIsNotMergedAgain) {
  for (TransactionStatus status : {TransactionStatus::kCommitted, TransactionStatus::kCommitting}) {
    cluster_ = SampleCluster(GetParam());
    stream().transactions[kFirstId] = status;
    Put(kOwn + kMerged, kMerged);
    const auto planned = Recover(kOwn + kMerged, "(none)");
    EXPECT_THAT(planned.Message(kSource, "transaction-merged"), HasSubstr("merged before"));
  }
}

TEST_P(TransactionHazards, H17bHalfMergedIsCutBackAndMergedWhole) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  Put(kOwn + kMerged.substr(0, 120), kMerged);
  const auto planned = Recover(kOwn + kMerged, "(none)");
  EXPECT_THAT(planned.Codes(kSampleSegment),
              ElementsAre("torn-tail", "transaction-half-merged", "transaction-merged"));
}

TEST_P(TransactionHazards, H17bHalfMergedWhileCommittingIsCutBackForTheController) {
  stream().transactions[kFirstId] = TransactionStatus::kCommitting;
  Put(kOwn + kMerged.substr(0, 120), kMerged);
  Recover(kOwn, kMerged);
}

TEST_P(TransactionHazards, H17bHalfMergedProvesTheCommitOfATransactionNobodyKnows) {
  Put(kOwn + kMerged.substr(0, 120), kMerged);
  Recover(kOwn + kMerged, "(none)");
}

TEST_P(TransactionHazards, H17eALostTransactionIsNamed) {
  stream().transactions[kFirstId] = TransactionStatus::kCommitting;
  cluster_.Stream(kSampleSegment, kOwn);
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  const std::string subject = "s/x transaction " + kFirstId.Text();
  EXPECT_THAT(planned.Codes(subject), ElementsAre("transaction-lost"));
  ASSERT_NE(planned.FindLoss(subject, "transaction"), nullptr);
  EXPECT_EQ(planned.FindLoss(subject, "transaction")->amount, 0u);  // perhaps it was merged
  cluster_.ExpectRecovers();
}

// The record of its segment was removed, as a merge and an abort do.
TEST_P(TransactionHazards, H17eATransactionWhoseSegmentEndedIsNotLost) {
  stream().transactions[kFirstId] = TransactionStatus::kCommitting;
  cluster_.Stream(kSampleSegment, kOwn);
  cluster_.tree().change_metadata_data = [](std::string& data) {
    data += TableData({{kSource, std::nullopt}});
  };
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes("s/x transaction " + kFirstId.Text()), IsEmpty());
}

TEST_P(TransactionHazards, H17aACommittedTransactionThatWasNotSealedMayHaveLostEvents) {
  stream().completed[kFirstId] = TransactionStatus::kCommitted;
  Put(kOwn, kMerged, false);
  const auto planned = Recover(kOwn + kMerged, "(none)");
  EXPECT_THAT(planned.Codes(kSource), Contains("transaction-incomplete"));
  ASSERT_NE(planned.FindLoss(kSource, "transaction"), nullptr);
  EXPECT_EQ(planned.FindLoss(kSource, "transaction")->amount, 0u);
}

INSTANTIATE_TEST_SUITE_P(Both, TransactionHazards,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& p) { return std::string(LayoutName(p.param)); });

// A header merge: `concat` and the source's header text are appended to the target's header.
class HeaderMerge : public testing::Test {
 protected:
  HeaderMerge() : cluster_(Layout::kRolling) {
    cluster_.controller.streams["x"].completed[kFirstId] = TransactionStatus::kCommitted;
    cluster_.Stream(kSampleSegment, SampleEvents({"own"}));
    cluster_.Stream(kSource, kMerged).record.sealed = true;  // two chunks, at 0 and 20
    cluster_.tree().segments[kSource].sealed_in_storage = true;
    cluster_.Build();
  }
  void AppendToHeader(const std::string& text) {
    const std::string header = HeaderName(kSampleSegment);
    cluster_.disk().Put(header, cluster_.BytesOf(header) + text);
  }
  void ExpectMergedOnce() {
    const auto planned = cluster_.MakePlan();
    EXPECT_EQ(planned.Find(kSource), nullptr);
    for (const std::string& chunk : {RollingChunkName(kSource, 0), RollingChunkName(kSource, 20)}) {
      EXPECT_FALSE(planned.IsSetAside(chunk));
      EXPECT_THAT(planned.Codes(chunk), IsEmpty());  // shared no longer
    }
    cluster_.ExpectRecovers();
    EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), SampleEvents({"own"}) + kMerged);
    EXPECT_EQ(cluster_.StoredBytes(kSource), "(none)");
    EXPECT_EQ(cluster_.disk().Files().at(RollingChunkName(kSource, 20)).mode, 0644u);
  }
  SampleCluster cluster_;
};

TEST_F(HeaderMerge, H17cNothingOfTheSourceListedYet) {
  AppendToHeader("concat=2@11&");
  ExpectMergedOnce();
}

TEST_F(HeaderMerge, H17cHalfOfTheSourceListed) {
  AppendToHeader(fmt::format("concat=2@11&0={}&", RollingChunkName(kSource, 0)));
  ExpectMergedOnce();
}

TEST_F(HeaderMerge, H17cAllOfTheSourceListedAndItsHeaderStillThere) {
  AppendToHeader(fmt::format("concat=2@11&0={}&20={}&", RollingChunkName(kSource, 0),
                             RollingChunkName(kSource, 20)));
  ExpectMergedOnce();
}

// Inline defragmentation appended the source's bytes to the target's last chunk file; the storage
// metadata that says so never reached Tier-2.
class Defragmented : public testing::Test {
 protected:
  Defragmented() : cluster_(Layout::kChunked) {
    cluster_.controller.streams["x"].completed[kFirstId] = TransactionStatus::kCommitted;
    cluster_.Stream(kSampleSegment, SampleEvents({"own"}));
    cluster_.Stream(kSource, kMerged).sealed_in_storage = true;
    cluster_.Build();
  }
  void AppendToTarget(const std::string& bytes) {
    const std::string chunk = cluster_.FileNamed(std::string(kSampleSegment) + ".E-");
    cluster_.disk().Put(chunk, cluster_.BytesOf(chunk) + bytes);
  }
  void ExpectMergedOnce(const std::string& more = "") {
    EXPECT_EQ(cluster_.MakePlan().Find(kSource), nullptr);
    cluster_.ExpectRecovers();
    EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), SampleEvents({"own"}) + kMerged + more);
  }
  SampleCluster cluster_;
};

TEST_F(Defragmented, H17dWholeSourceInTheSurplusIsAdoptedAndTheSourceDropped) {
  AppendToTarget(kMerged);
  ExpectMergedOnce();
}

TEST_F(Defragmented, H17dWholeSourceAndLaterEventsInTheSurplus) {
  AppendToTarget(kMerged + SampleEvents({"later"}));
  ExpectMergedOnce(SampleEvents({"later"}));
}

TEST_F(Defragmented, H17dPartOfTheSourceInTheSurplusIsNotAdopted) {
  AppendToTarget(kMerged.substr(0, 110));
  ExpectMergedOnce();
}

TEST_F(Defragmented, H17dTheSourcesFilesAreCollectedAlready) {
  AppendToTarget(kMerged);
  std::vector<std::string> chunks;
  for (const auto& [path, file] : cluster_.disk().Files()) {
    if (path.starts_with(kSource + ".E-")) chunks.push_back(path);
  }
  ASSERT_EQ(chunks.size(), 2u);
  for (const std::string& path : chunks) cluster_.disk().Drop(path);
  ExpectMergedOnce();
}

// Merged, defragmented, and its records removed; the target's record says so. Its own file waits
// for garbage collection, and its container still has its record: it must not come back as an
// orphan.
TEST(MergedAndGivenUp, H17dAChunkWhoseRecordIsGoneIsNoOrphanToAdopt) {
  for (const bool removed : {false, true}) {
    SampleCluster cluster(Layout::kChunked);
    cluster.controller.streams["x"].completed[kFirstId] = TransactionStatus::kCommitted;
    cluster.Stream(kSampleSegment, SampleEvents({"own"}) + kMerged + SampleEvents({"later"}));
    cluster.Stream(kSource, "").record.length = 0;
    const std::string chunk = ChunkName(kSource, 3, 0, NameUuid("source"));
    cluster.tree().change_storage_data = [&](std::string& table) {
      const std::string marker = EncodeTransactionData({1, chunk, std::nullopt});
      table += TableData({{chunk, removed ? std::nullopt : std::optional(marker)}});
    };
    cluster.Build();
    cluster.disk().Put(chunk, kMerged);
    EXPECT_TRUE(cluster.MakePlan().IsSetAside(chunk));
    cluster.ExpectRecovers();
    EXPECT_EQ(cluster.StoredBytes(kSampleSegment),
              SampleEvents({"own"}) + kMerged + SampleEvents({"later"}));
  }
}

}  // namespace
}  // namespace pdr

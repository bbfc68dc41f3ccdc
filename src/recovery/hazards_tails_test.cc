// Hazards H1 to H5 of docs/formats/recovery-semantics.md, each on a small tree made for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/names.h"
#include "recovery/testing/sample_cluster.h"
#include "tier2/testing/sample_tree.h"

namespace pdr {
namespace {

using namespace std::string_literals;

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kWhole = SampleEvents({"first event", "second event", "third"});

class TailHazards : public testing::TestWithParam<Layout> {
 protected:
  TailHazards() : cluster_(GetParam()) { cluster_.controller.streams["x"]; }
  SampleCluster cluster_;
};

class RollingIndex : public testing::Test {};

TEST_P(TailHazards, H1ATornEventIsCut) {
  cluster_.Stream(kSampleSegment, kWhole + SampleEvents({"torn"}).substr(0, 10)).record.length = 0;
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("torn-tail"));
  EXPECT_THAT(planned.Message(kSampleSegment, "torn-tail"),
              HasSubstr("10 bytes after the last whole event at 52 cut (proven"));
  ASSERT_NE(planned.FindLoss(kSampleSegment, "events"), nullptr);
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), kWhole);
}

TEST_P(TailHazards, H1AFastCheckSaysThatTheCutIsInferred) {
  TestSegment& segment = cluster_.Stream(kSampleSegment, kWhole + "\0\0"s);
  segment.record.length = 19;  // after the first event
  cluster_.Build();
  const auto planned = cluster_.MakePlan({}, TailCheck::kFast);
  EXPECT_THAT(planned.Message(kSampleSegment, "torn-tail"),
              HasSubstr("inferred from a later boundary"));
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length, static_cast<int64_t>(kWhole.size()));
}

TEST_P(TailHazards, H2AByteStreamIsKeptWhole) {
  const std::string bytes = "a byte stream has no events, and every byte of it counts";
  cluster_.Stream(kSampleSegment, bytes).record.length = 0;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(kSampleSegment), ElementsAre("unframed"));
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), bytes);
}

TEST_P(TailHazards, H4ATornTableEntryIsCutAndTheIndexMadeAnew) {
  const std::string name = "_system/_tables/t";
  const std::string whole = TableData({{"a", "1"}, {"b", "2"}});
  cluster_.tree().Add(name, whole + TableData({{"c", "3"}}).substr(0, 18),
                      TableAttributes(whole, kTypeTable));
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(name), ElementsAre("index-rebuilt", "torn-tail"));
  EXPECT_EQ(planned.Find(name)->info.attributes.at(kIndexOffset),
            static_cast<int64_t>(whole.size()));
  cluster_.ExpectRecovers();
}

TEST_P(TailHazards, H4ATableWhoseFirstBytesAreDamagedBeginsAfterThem) {
  const std::string name = "_system/_tables/t";
  const std::string first = TableData({{"a", "1"}});
  TestSegment& table = cluster_.Table(name, TableData({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  table.data.replace(0, 10, 10, '\xff');
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(name), ElementsAre("damaged-entry", "index-rebuilt"));
  EXPECT_THAT(
      planned.Message(name, "damaged-entry"),
      HasSubstr(fmt::format("its first {0} bytes are no entries; it begins at {0}", first.size())));
  const SegmentInfo& info = planned.Find(name)->info;
  EXPECT_EQ(info.start_offset, static_cast<int64_t>(first.size()));
  EXPECT_EQ(info.length, static_cast<int64_t>(table.data.size()));
  ASSERT_NE(planned.FindLoss(name, "keys"), nullptr);
  EXPECT_EQ(planned.FindLoss(name, "keys")->amount, 1u);
  cluster_.ExpectRecovers();
}

TEST_P(TailHazards, H4ATableThatIsDamagedFurtherOnEndsThere) {
  const std::string name = "_system/_tables/t";
  const std::string first = TableData({{"a", "1"}});
  TestSegment& table = cluster_.Table(name, TableData({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  table.data.replace(first.size(), 10, 10, '\xff');
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(name), ElementsAre("damaged-entry", "index-rebuilt"));
  EXPECT_EQ(planned.Find(name)->info.length, static_cast<int64_t>(first.size()));
  EXPECT_EQ(planned.FindLoss(name, "keys")->amount, 2u);
  EXPECT_TRUE(NotAllowed(planned.plan, {}).contains("damaged-entry"));
  cluster_.ExpectRecovers();
}

TEST_P(TailHazards, H4ADamagedTableWithoutAnIndexIsEmpty) {
  const std::string name = "_system/_tables/t";
  TestSegment& table = cluster_.Table(name, TableData({{"a", "1"}}));
  table.data.replace(0, 10, 10, '\xff');
  table.index.reset();
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_EQ(planned.Find(name)->info.length, 0);
  EXPECT_NE(planned.FindLoss(name, "bytes"), nullptr);
  cluster_.ExpectRecovers();
}

TEST_P(TailHazards, H1ABoundaryThatIsContradictedIsNotTrusted) {
  cluster_.Stream(kSampleSegment, kWhole).record.length = 25;  // inside the second event
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan({}, TailCheck::kFast).Codes(kSampleSegment), testing::IsEmpty());
}

TEST_P(TailHazards, H5ATornIndexIsCutToItsNewestTree) {
  const std::string tree = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  cluster_.Stream(kSampleSegment, kWhole).index = tree + tree.substr(0, 30);
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(kSampleSegment), ElementsAre("index-cut"));
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(AttributeIndexName(kSampleSegment)), tree);
}

TEST_P(TailHazards, H5AnIndexWithoutAnyTreeIsSetAside) {
  cluster_.Stream(kSampleSegment, kWhole).index = "no tree at all in here";
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("index-unreadable"));
  ASSERT_NE(planned.FindLoss(kSampleSegment, "index"), nullptr);
  EXPECT_TRUE(planned.FindLoss(kSampleSegment, "index")->exact);
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(AttributeIndexName(kSampleSegment)), "(none)");
}

TEST_F(RollingIndex, H5AnIndexOfWhichNothingIsLeftIsStatedLost) {
  for (const bool header : {true, false}) {
    SampleCluster cluster(Layout::kRolling);
    cluster.controller.streams["x"];
    TestSegment& segment = cluster.Stream(kSampleSegment, kWhole);
    segment.record.attributes[kIndexRootPointer] = 38;
    if (header) PutRolling(cluster.disk(), AttributeIndexName(kSampleSegment), {{0, ""}});
    cluster.Build();
    const auto planned = cluster.MakePlan();
    EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("index-unreadable"));
    EXPECT_NE(planned.FindLoss(kSampleSegment, "index"), nullptr);
    cluster.ExpectRecovers();
  }
}

// Otherwise readers would begin behind the first new events, and inside one.
TEST_P(TailHazards, H3ATruncationBeyondTheRecoveredEndIsWhereTheSegmentGoesOn) {
  const auto cut = static_cast<int64_t>(kWhole.size()) + 100;
  cluster_.controller.streams["x"].truncation = {{{0, 0}, cut}};
  cluster_.Stream(kSampleSegment, kWhole + SampleEvents({"torn by the loss"}).substr(0, 10));
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("truncated-beyond-end"));
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length, cut);
  EXPECT_EQ(planned.Find(kSampleSegment)->info.start_offset, cut);
  EXPECT_EQ(planned.FindLoss(kSampleSegment, "bytes"),
            nullptr);  // what is gone was given up before
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), "");
}

TEST_P(TailHazards, H3ATruncatedSegmentOfWhichNothingCameBackGoesOnToo) {
  cluster_.controller.streams["x"].truncation = {{{0, 0}, 1000}};
  cluster_.Build();
  EXPECT_EQ(cluster_.MakePlan().Find(kSampleSegment)->info.start_offset, 1000);
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), "");
}

INSTANTIATE_TEST_SUITE_P(Both, TailHazards, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& p) { return std::string(LayoutName(p.param)); });

// Truncated up to somewhere in the third event; the first chunk left begins inside the second one.
class RollingStart : public testing::Test {
 protected:
  RollingStart() : cluster_(Layout::kRolling) {
    cluster_.controller.streams["x"];
    record_ = &cluster_.Stream(kSampleSegment, "").record;
    record_->length = 0;
    PutRolling(cluster_.disk(), kSampleSegment, {{30, kWhole.substr(30)}});
  }
  SampleCluster cluster_;
  SegmentInfo* record_ = nullptr;
};

TEST_F(RollingStart, H3TheControllersTruncationKnowsWhereItBegins) {
  cluster_.controller.streams["x"].truncation = {{{0, 0}, 39}};
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), testing::IsEmpty());
  EXPECT_EQ(planned.Find(kSampleSegment)->info.start_offset, 39);
  cluster_.ExpectRecovers();
}

TEST_F(RollingStart, H3TheRecordKnowsWhereItBegins) {
  record_->start_offset = 39;
  cluster_.Build();
  EXPECT_EQ(cluster_.MakePlan().Find(kSampleSegment)->info.start_offset, 39);
}

TEST_F(RollingStart, H3OtherwiseTheFirstWholeEventIsGuessed) {
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("start-guessed"));
  EXPECT_THAT(planned.Message(kSampleSegment, "start-guessed"), HasSubstr("from 39 on"));
  EXPECT_EQ(planned.Find(kSampleSegment)->info.start_offset, 39);
  cluster_.ExpectRecovers();
}

}  // namespace
}  // namespace pdr

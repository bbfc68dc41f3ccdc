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

constexpr char kSegment[] = "s/x/0.#epoch.0";
const std::string kWhole = SampleEvents({"first event", "second event", "third"});

class TailHazards : public testing::TestWithParam<Layout> {
 protected:
  TailHazards() : cluster_(GetParam()) { cluster_.controller.streams["x"]; }
  SampleCluster cluster_;
};

TEST_P(TailHazards, H1ATornEventIsCut) {
  cluster_.Stream(kSegment, kWhole + SampleEvents({"torn"}).substr(0, 10)).record.length = 0;
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSegment), ElementsAre("torn-tail"));
  EXPECT_THAT(planned.Message(kSegment, "torn-tail"),
              HasSubstr("10 bytes after the last whole event at 52 cut (proven"));
  ASSERT_NE(planned.FindLoss(kSegment, "events"), nullptr);
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSegment), kWhole);
}

TEST_P(TailHazards, H1AFastCheckSaysThatTheCutIsInferred) {
  TestSegment& segment = cluster_.Stream(kSegment, kWhole + "\0\0"s);
  segment.record.length = 19;  // after the first event
  cluster_.Build();
  const auto planned = cluster_.MakePlan({}, TailCheck::kFast);
  EXPECT_THAT(planned.Message(kSegment, "torn-tail"), HasSubstr("inferred from a later boundary"));
  EXPECT_EQ(planned.Find(kSegment)->info.length, static_cast<int64_t>(kWhole.size()));
}

TEST_P(TailHazards, H2AByteStreamIsKeptWhole) {
  const std::string bytes = "a byte stream has no events, and every byte of it counts";
  cluster_.Stream(kSegment, bytes).record.length = 0;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(kSegment), ElementsAre("unframed"));
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSegment), bytes);
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

TEST_P(TailHazards, H5ATornIndexIsCutToItsNewestTree) {
  const std::string tree = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  cluster_.Stream(kSegment, kWhole).index = tree + tree.substr(0, 30);
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(kSegment), ElementsAre("index-cut"));
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(AttributeIndexName(kSegment)), tree);
}

TEST_P(TailHazards, H5AnIndexWithoutAnyTreeIsSetAside) {
  cluster_.Stream(kSegment, kWhole).index = "no tree at all in here";
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(kSegment), ElementsAre("index-unreadable"));
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(AttributeIndexName(kSegment)), "(none)");
}

// Otherwise readers would begin behind the first new events, and inside one.
TEST_P(TailHazards, H3ATruncationBeyondTheRecoveredEndIsWhereTheSegmentGoesOn) {
  const auto cut = static_cast<int64_t>(kWhole.size()) + 100;
  cluster_.controller.streams["x"].truncation = {{{0, 0}, cut}};
  cluster_.Stream(kSegment, kWhole + SampleEvents({"torn by the loss"}).substr(0, 10));
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSegment), ElementsAre("truncated-beyond-end"));
  EXPECT_EQ(planned.Find(kSegment)->info.length, cut);
  EXPECT_EQ(planned.Find(kSegment)->info.start_offset, cut);
  EXPECT_EQ(planned.FindLoss(kSegment, "bytes"), nullptr);  // what is gone was given up before
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSegment), "");
}

TEST_P(TailHazards, H3ATruncatedSegmentOfWhichNothingCameBackGoesOnToo) {
  cluster_.controller.streams["x"].truncation = {{{0, 0}, 1000}};
  cluster_.Build();
  EXPECT_EQ(cluster_.MakePlan().Find(kSegment)->info.start_offset, 1000);
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSegment), "");
}

INSTANTIATE_TEST_SUITE_P(Both, TailHazards, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& p) { return std::string(LayoutName(p.param)); });

// Truncated up to somewhere in the third event; the first chunk left begins inside the second one.
class RollingStart : public testing::Test {
 protected:
  RollingStart() : cluster_(Layout::kRolling) {
    cluster_.controller.streams["x"];
    record_ = &cluster_.Stream(kSegment, "").record;
    record_->length = 0;
    PutRolling(cluster_.disk(), kSegment, {{30, kWhole.substr(30)}});
  }
  SampleCluster cluster_;
  SegmentInfo* record_ = nullptr;
};

TEST_F(RollingStart, H3TheControllersTruncationKnowsWhereItBegins) {
  cluster_.controller.streams["x"].truncation = {{{0, 0}, 39}};
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSegment), testing::IsEmpty());
  EXPECT_EQ(planned.Find(kSegment)->info.start_offset, 39);
  cluster_.ExpectRecovers();
}

TEST_F(RollingStart, H3TheRecordKnowsWhereItBegins) {
  record_->start_offset = 39;
  cluster_.Build();
  EXPECT_EQ(cluster_.MakePlan().Find(kSegment)->info.start_offset, 39);
}

TEST_F(RollingStart, H3OtherwiseTheFirstWholeEventIsGuessed) {
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSegment), ElementsAre("start-guessed"));
  EXPECT_THAT(planned.Message(kSegment, "start-guessed"), HasSubstr("from 39 on"));
  EXPECT_EQ(planned.Find(kSegment)->info.start_offset, 39);
  cluster_.ExpectRecovers();
}

}  // namespace
}  // namespace pdr

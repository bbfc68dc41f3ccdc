// Hazards H22 and H24 of docs/formats/recovery-semantics.md, each on a small tree made for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/names.h"
#include "recovery/testing/sample_cluster.h"

namespace pdr {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kOld[] = "s/x/0.#epoch.0";
constexpr char kNew[] = "s/x/1.#epoch.1";
constexpr char kMade[] = "s/x/9.#epoch.1";  // by a scale under way
constexpr char kSealedTable[] = "_system/_tables/sealed";

// Stream s/x, scaled once, and a table that only its record says is sealed.
SampleCluster Scaled(Layout layout) {
  SampleCluster cluster(layout);
  SampleStream& stream = cluster.controller.streams["x"];
  stream.epoch = 1;
  stream.epochs[1] = {{1, 1}};
  TestSegment& old = cluster.Stream(kOld, SampleEvents({"old"}));
  old.record.sealed = old.sealed_in_storage = true;
  old.index = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  cluster.Stream(kNew, SampleEvents({"new"}));
  TestSegment& table = cluster.Table(kSealedTable, TableData({{"k", "v"}}));
  table.record.sealed = table.sealed_in_storage = true;
  return cluster;
}

void SetAllModes(MemoryDisk& disk, uint32_t mode) {
  for (const auto& [path, file] : disk.Files()) ASSERT_TRUE(disk.SetMode(path, mode).ok());
}

uint32_t ModeOf(SampleCluster& cluster, const std::string& path) {
  return cluster.disk().Files().at(path).mode;
}

// Plans, and recovers: whether the segment is sealed then, and what the plan says of it.
void ExpectSeal(SampleCluster& cluster, const std::string& segment, bool sealed,
                const testing::Matcher<std::vector<std::string>>& codes) {
  cluster.Build();
  const auto planned = cluster.MakePlan();
  EXPECT_EQ(planned.Find(segment)->info.sealed, sealed);
  EXPECT_THAT(planned.Codes(segment), codes);
  cluster.ExpectRecovers();
}

class SealHazards : public testing::TestWithParam<Layout> {};

TEST_P(SealHazards, H22AScaledSegmentIsSealedThoughTier2IsBehind) {
  SampleCluster cluster = Scaled(GetParam());
  TestSegment& old = cluster.tree().segments[kOld];
  old.record.sealed = old.sealed_in_storage = false;
  ExpectSeal(cluster, kOld, true, ElementsAre("seal-missing"));
}

TEST_P(SealHazards, H22ASegmentThatIsActiveForTheControllerIsUnsealedWithItsIndex) {
  SampleCluster cluster = Scaled(GetParam());
  TestSegment& young = cluster.tree().segments[kNew];
  young.record.sealed = young.sealed_in_storage = true;
  young.index = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  ExpectSeal(cluster, kNew, false, ElementsAre("seal-ahead"));
  if (GetParam() == Layout::kChunked) return;
  EXPECT_EQ(ModeOf(cluster, HeaderName(kNew)), 0644u);
  EXPECT_EQ(ModeOf(cluster, RollingChunkName(kNew, 0)), 0644u);
  EXPECT_EQ(ModeOf(cluster, HeaderName(AttributeIndexName(kNew))), 0644u);
}

// Sealed in Tier-2 by a scale of which the controller's tables know only that it was asked for.
SampleCluster HalfScaled(Layout layout) {
  SampleCluster cluster(layout);
  SampleStream& stream = cluster.controller.streams["x"];
  stream.state = 4;  // scaling
  stream.scaling = {{0, 0}};
  TestSegment& old = cluster.Stream(kOld, SampleEvents({"old"}));
  old.sealed_in_storage = true;
  old.index = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  cluster.Stream(kMade, "");
  return cluster;
}

TEST_P(SealHazards, H22WhereNoSuccessorIsRecordedYetWritersMayGoOn) {
  SampleCluster cluster = HalfScaled(GetParam());
  ExpectSeal(cluster, kOld, false, ElementsAre("seal-early"));
}

TEST_P(SealHazards, H22WhereSuccessorsAreRecordedTheSealStays) {
  SampleCluster cluster = HalfScaled(GetParam());
  cluster.controller.streams["x"].scale_recorded = true;
  ExpectSeal(cluster, kOld, true, IsEmpty());
}

// What is written to the old segment now would be read before what was written to the new one.
TEST_P(SealHazards, H22WhereWritersHadGoneOnTheSealStays) {
  SampleCluster cluster = HalfScaled(GetParam());
  cluster.Stream(kMade, SampleEvents({"new"}));
  ExpectSeal(cluster, kOld, true, ElementsAre("successors-unknown"));
}

// By the record's length, though its events had not reached Tier-2.
TEST_P(SealHazards, H22WhereARecordSaysThatWritersHadGoneOnTheSealStays) {
  SampleCluster cluster = HalfScaled(GetParam());
  cluster.Stream(kMade, "").record.length = 70;
  cluster.Build();
  EXPECT_THAT(cluster.MakePlan().Codes(kOld), ElementsAre("successors-unknown"));
}

// A later scale had sealed it, of which the controller knows nothing: it goes on to make it active.
TEST_P(SealHazards, H22WhatAScaleUnderWayMadeIsOpenAgain) {
  SampleCluster cluster = HalfScaled(GetParam());
  TestSegment& made = cluster.Stream(kMade, SampleEvents({"new"}));
  made.record.sealed = made.sealed_in_storage = true;
  made.index = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  ExpectSeal(cluster, kMade, false, ElementsAre("seal-ahead"));
}

// The same where the controller does not know that there had been scales: it gives the same names
// to what its next one makes, and finds them there.
TEST_P(SealHazards, H22WhatAnEpochToComeHadIsOpenAgain) {
  SampleCluster cluster(GetParam());
  cluster.controller.streams["x"];
  TestSegment& made = cluster.Stream(kNew, SampleEvents({"new"}));
  made.record.sealed = made.sealed_in_storage = true;
  ExpectSeal(cluster, kNew, false, UnorderedElementsAre("seal-ahead", "epoch-to-come"));
}

// Decision 13.
TEST_P(SealHazards, H22WhatAnEpochToComeHadKeepsItsEvents) {
  SampleCluster cluster(GetParam());
  cluster.controller.streams["x"];
  const std::string events = SampleEvents({"new"});
  cluster.Stream(kNew, events);
  ExpectSeal(cluster, kNew, false, ElementsAre("epoch-to-come"));
  EXPECT_EQ(cluster.MakePlan().Find(kNew)->info.length, static_cast<int64_t>(events.size()));
}

// So are both epochs that a rolling commit under way makes: it merges into the one, and makes the
// other the current one.
TEST_P(SealHazards, H22WhatARollingCommitUnderWayMadeIsOpenAgain) {
  SampleCluster cluster(GetParam());
  SampleStream& stream = cluster.controller.streams["x"];
  stream.state = 5;  // committing transactions
  stream.epoch = 1;
  stream.epochs[1] = {{1, 1}};
  stream.committing = {Uuid{7, 1}};
  stream.committing_active = 1;
  const std::vector<std::string> made = {"s/x/0.#epoch.2", "s/x/1.#epoch.3"};
  for (const std::string& segment : made) {
    cluster.Stream(segment, SampleEvents({"new"})).sealed_in_storage = true;
  }
  cluster.Build();
  const auto planned = cluster.MakePlan();
  for (const std::string& segment : made) {
    EXPECT_FALSE(planned.Find(segment)->info.sealed) << segment;
    EXPECT_THAT(planned.Codes(segment), Contains("seal-ahead")) << segment;
  }
  cluster.ExpectRecovers();
}

INSTANTIATE_TEST_SUITE_P(Both, SealHazards, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& p) { return std::string(LayoutName(p.param)); });

TEST(Hazards, H24EverythingReadOnly) {
  SampleCluster cluster = Scaled(Layout::kRolling);
  SetAllModes(cluster.Build(), 0440);
  const auto planned = cluster.MakePlan();
  EXPECT_THAT(planned.Codes(""), ElementsAre("modes-lost"));
  EXPECT_TRUE(planned.Find(kOld)->info.sealed);
  EXPECT_FALSE(planned.Find(kNew)->info.sealed);
  EXPECT_TRUE(planned.Find(kSealedTable)->info.sealed);
  EXPECT_FALSE(planned.Find("_system/_tables/scopes")->info.sealed);
  EXPECT_THAT(planned.Codes(kNew), IsEmpty());
  cluster.ExpectRecovers();
  EXPECT_EQ(ModeOf(cluster, HeaderName(kNew)), 0640u);
  EXPECT_EQ(ModeOf(cluster, RollingChunkName(kNew, 0)), 0640u);
  EXPECT_EQ(ModeOf(cluster, HeaderName(kOld)), 0440u);
  EXPECT_EQ(ModeOf(cluster, HeaderName(AttributeIndexName("_system/_tables/scopes"))), 0640u);
}

TEST(Hazards, H24NothingReadOnly) {
  SampleCluster cluster = Scaled(Layout::kRolling);
  SetAllModes(cluster.Build(), 0666);
  const auto planned = cluster.MakePlan();
  EXPECT_THAT(planned.Codes(""), ElementsAre("modes-lost"));
  EXPECT_TRUE(planned.Find(kOld)->info.sealed);
  EXPECT_FALSE(planned.Find(kNew)->info.sealed);
  EXPECT_TRUE(planned.Find(kSealedTable)->info.sealed);
  cluster.ExpectRecovers();
  for (const std::string& segment : {std::string(kOld), AttributeIndexName(kOld)}) {
    EXPECT_EQ(ModeOf(cluster, HeaderName(segment)), 0444u) << segment;
    EXPECT_EQ(ModeOf(cluster, RollingChunkName(segment, 0)), 0444u) << segment;
  }
  EXPECT_EQ(ModeOf(cluster, HeaderName(kSealedTable)), 0444u);
}

TEST(Hazards, H24AChunkAndItsHeaderThatDisagreeAreMadeToAgree) {
  SampleCluster cluster = Scaled(Layout::kRolling);
  ASSERT_TRUE(cluster.Build().SetMode(RollingChunkName(kNew, 0), 0444).ok());
  cluster.ExpectRecovers();
  EXPECT_EQ(ModeOf(cluster, RollingChunkName(kNew, 0)), 0644u);
}

}  // namespace
}  // namespace pdr

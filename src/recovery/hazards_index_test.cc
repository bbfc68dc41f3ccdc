// Hazards H3 (tables), H6 to H10 of docs/formats/recovery-semantics.md: indexes and attributes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/names.h"
#include "recovery/testing/sample_cluster.h"
#include "tier2/testing/sample_tree.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kTable[] = "_system/_tables/t";
constexpr char kFixed[] = "s/t_kvtable/0.#epoch.0";

class IndexHazards : public testing::TestWithParam<Layout> {
 protected:
  IndexHazards() : cluster_(GetParam()) {}
  SampleCluster::Planned Recover() {
    cluster_.Build();
    SampleCluster::Planned planned = cluster_.MakePlan();
    cluster_.ExpectRecovers();
    return planned;
  }
  SampleCluster cluster_;
};

TEST_P(IndexHazards, H6AnIndexAheadOfTheDataIsRebuiltAndTheKeysCounted) {
  const std::string data = TableData({{"a", "1"}, {"b", "2"}});
  cluster_.Table(kTable, data).index =
      BulkLoadBtree(HashIndexOf(data + TableData({{"b", "3"}, {"c", "4"}})), {});
  const auto planned = Recover();
  EXPECT_THAT(planned.Codes(kTable), ElementsAre("index-rebuilt"));
  ASSERT_NE(planned.FindLoss(kTable, "keys"), nullptr);
  EXPECT_EQ(planned.FindLoss(kTable, "keys")->amount, 2u);
  EXPECT_TRUE(planned.FindLoss(kTable, "keys")->exact);
}

TEST_P(IndexHazards, H7AnIndexBehindTheDataIsRebuilt) {
  const std::string old = TableData({{"a", "1"}});
  cluster_.Table(kTable, old + TableData({{"a", "2"}, {"b", "3"}})).index =
      BulkLoadBtree(HashIndexOf(old), {});
  const auto planned = Recover();
  EXPECT_THAT(planned.Message(kTable, "index-rebuilt"),
              HasSubstr("2 keys behind and 0 keys ahead"));
  EXPECT_THAT(planned.plan.losses, testing::IsEmpty());
  EXPECT_EQ(planned.Find(kTable)->info.attributes.at(kEntryCount), 2);
}

TEST_P(IndexHazards, H9AFixedKeyAheadOfTheDataFallsBackToItsOlderEntry) {
  cluster_.controller.kv_tables = {"t"};
  const std::string data = TableData({{"aaaa", "1"}, {"bbbb", "2"}});
  TestSegment& table = cluster_.Table(kFixed, data, kTypeFixedKeyTable);
  table.record.attributes[kAttributeIdLength] = 4;
  BtreeOptions options;
  options.key_length = 4;
  options.statistics = true;
  table.index = BulkLoadBtree({{"aaaa", static_cast<int64_t>(data.size())}, {"bbbb", 22}}, options);
  const auto planned = Recover();
  EXPECT_THAT(planned.Codes(kFixed), ElementsAre("index-rebuilt"));
  ASSERT_NE(planned.FindLoss(kFixed, "keys"), nullptr);
  EXPECT_EQ(planned.FindLoss(kFixed, "keys")->amount, 1u);
}

TEST_P(IndexHazards, H10PersistedSequenceNumbersAndRootPointersAreNotCarriedOver) {
  cluster_.controller.streams["x"];
  TestSegment& segment = cluster_.Stream("s/x/0.#epoch.0", SampleEvents({"event"}));
  segment.record.attributes[kPersistSequenceNumber] = 1000;
  segment.record.attributes[kIndexRootPointer] = 99999;
  const auto planned = Recover();
  const Attributes& a = planned.Find("s/x/0.#epoch.0")->info.attributes;
  EXPECT_FALSE(a.contains(kPersistSequenceNumber));
  EXPECT_FALSE(a.contains(kIndexRootPointer));
}

INSTANTIATE_TEST_SUITE_P(Both, IndexHazards, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& p) { return std::string(LayoutName(p.param)); });

TEST(Hazards, H3ATruncatedRollingTableIsReadFromItsFirstEntry) {
  SampleCluster cluster(Layout::kRolling);
  const std::string data = TableData({{"a", "old"}, {"a", "1"}, {"b", "2"}});
  cluster.tree().Add(kTable, "", TableAttributes(data, kTypeTable)).index =
      BulkLoadBtree(HashIndexOf(data), {});
  PutRolling(cluster.disk(), kTable, {{5, data.substr(5)}});  // inside the first entry
  cluster.Build();
  const auto planned = cluster.MakePlan();
  EXPECT_THAT(planned.Codes(kTable), testing::IsEmpty());
  EXPECT_EQ(planned.Find(kTable)->info.length, static_cast<int64_t>(data.size()));
}

}  // namespace
}  // namespace pdr

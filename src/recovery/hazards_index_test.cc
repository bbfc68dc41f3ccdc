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
  EXPECT_FALSE(planned.FindLoss(kTable, "keys")->exact);  // later updates left no trace
}

TEST_P(IndexHazards, H7AnIndexBehindTheDataIsRebuilt) {
  const std::string old = TableData({{"a", "1"}});
  cluster_.Table(kTable, old + TableData({{"a", "2"}, {"b", "3"}})).index =
      BulkLoadBtree(HashIndexOf(old), {});
  const auto planned = Recover();
  EXPECT_THAT(planned.Message(kTable, "index-rebuilt"),
              HasSubstr("2 keys behind and 0 keys ahead"));
  EXPECT_THAT(planned.plan.losses, testing::Each(testing::Field(&Loss::what, "window")));
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

TEST_P(IndexHazards, H9AKeyAheadOfTheDataDoesNotFallBackToAnEntryThatWasRemovedSince) {
  cluster_.controller.kv_tables = {"t"};
  const std::string data = TableData({{"aaaa", "1"}, {"bbbb", "2"}, {"cccc", "3"}});
  TestSegment& table = cluster_.Table(kFixed, data, kTypeFixedKeyTable);
  table.record.attributes[kAttributeIdLength] = 4;
  BtreeOptions options;
  options.key_length = 4;
  options.statistics = true;
  const auto end = static_cast<int64_t>(data.size());
  const std::string removed = BulkLoadBtree({{"bbbb", 22}, {"cccc", 44}}, options);
  options.base_offset = static_cast<int64_t>(removed.size());
  // Put anew after the removal, and so was bbbb, which had not been removed before.
  table.index = removed + BulkLoadBtree({{"aaaa", end}, {"bbbb", end + 22}, {"cccc", 44}}, options);
  const auto planned = Recover();
  ASSERT_NE(planned.FindLoss(kFixed, "keys"), nullptr);
  EXPECT_EQ(planned.FindLoss(kFixed, "keys")->amount, 2u);
  BtreeOptions anew;
  anew.key_length = 4;
  anew.statistics = true;
  EXPECT_EQ(cluster_.StoredBytes(AttributeIndexName(kFixed)),
            BulkLoadBtree({{"bbbb", 22}, {"cccc", 44}}, anew));
}

TEST_P(IndexHazards, H9WithoutAnIndexEveryRemovalIsUndoneAndThatIsSaid) {
  cluster_.controller.kv_tables = {"t"};
  TestSegment& table =
      cluster_.Table(kFixed, TableData({{"aaaa", "1"}, {"bbbb", "2"}}), kTypeFixedKeyTable);
  table.record.attributes[kAttributeIdLength] = 4;
  table.index.reset();
  const auto planned = Recover();
  EXPECT_THAT(planned.Codes(kFixed), ElementsAre("index-rebuilt", "removals-unknown"));
  EXPECT_THAT(planned.Message(kFixed, "removals-unknown"), HasSubstr("all 2 keys"));
  ASSERT_NE(planned.FindLoss(kFixed, "removals"), nullptr);
  EXPECT_EQ(planned.FindLoss(kFixed, "removals")->amount, 0u);  // perhaps there were none
  EXPECT_EQ(planned.Find(kFixed)->info.attributes.at(kTotalEntryCount), 2);
}

TEST_P(IndexHazards, H9TheKeyLengthIsTakenFromTheEntriesWhenThereIsNoRecord) {
  cluster_.controller.kv_tables = {"t"};
  TestSegment& table = cluster_.Table(kFixed, TableData({{"aaaa", "1"}}), kTypeFixedKeyTable);
  table.registered = false;
  table.index.reset();
  EXPECT_EQ(Recover().Find(kFixed)->info.attributes.at(kAttributeIdLength), 4);
}

TEST_P(IndexHazards, H12WriterNumbersAreKeptUnlessTheyAreToBeForgotten) {
  const std::string segment = "s/x/0.#epoch.0";
  const std::string index = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  cluster_.controller.streams["x"];
  cluster_.Stream(segment, SampleEvents({"event"})).index = index;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(segment), testing::IsEmpty());
  PlanOptions forget;
  forget.forget_writers = true;
  const auto planned = cluster_.MakePlan(forget);
  EXPECT_THAT(planned.Codes(segment), ElementsAre("writers-forgotten"));
  EXPECT_TRUE(planned.IsSetAside(AttributeIndexName(segment)));
  cluster_.ExpectRecovers(forget);
  EXPECT_EQ(cluster_.StoredBytes(AttributeIndexName(segment)), "(none)");
  EXPECT_EQ(cluster_.StoredBytes(segment), SampleEvents({"event"}));
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

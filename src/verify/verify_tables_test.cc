// One test per finding about tables and attribute indexes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "format/table_entry.h"

#include "verify/testing/judged_cluster.h"

namespace pdr {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class VerifyTablesTest : public JudgedCluster {};

INSTANTIATE_TEST_SUITE_P(Layouts, VerifyTablesTest,
                         ::testing::Values(Layout::kRolling, Layout::kChunked), LayoutLabel());

TEST_P(VerifyTablesTest, StreamIndexUnreadable) {
  At(kStream).index->back() ^= 1;
  EXPECT_THAT(Judge(), ElementsAre("index-unreadable"));
}

TEST_P(VerifyTablesTest, IndexOffsetMismatch) {
  At(kTable).record.attributes[kIndexOffset] -= 5;
  EXPECT_THAT(Judge(), ElementsAre("index-offset-mismatch"));
}

TEST_P(VerifyTablesTest, IndexOffsetBeyondLength) {
  std::vector<BtreeLeafEntry> entries = HashIndexOf(At(kTable).data);
  entries[0].value = 5000;
  At(kTable).index = BulkLoadBtree(entries, {});
  EXPECT_THAT(Judge(), ElementsAre("index-offset-beyond-length"));
}

TEST_P(VerifyTablesTest, IndexKeyMissing) {
  At(kTable).index.reset();
  EXPECT_THAT(Judge(), ElementsAre("index-key-missing", "index-key-missing"));  // keys a and c
}

TEST_P(VerifyTablesTest, IndexLeadsToTheOverwrittenEntry) {
  std::vector<BtreeLeafEntry> entries = HashIndexOf(At(kTable).data);
  for (BtreeLeafEntry& e : entries) {
    if (e.key == BtreeKey(TableKeyHash("a"))) e.value = 0;
  }
  At(kTable).index = BulkLoadBtree(entries, {});
  EXPECT_THAT(Judge(), ElementsAre("index-key-wrong"));
}

TEST_P(VerifyTablesTest, IndexHoldsARemovedKey) {
  std::vector<BtreeLeafEntry> entries = HashIndexOf(At(kTable).data);
  entries.push_back({BtreeKey(TableKeyHash("b")), 19});
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  At(kTable).index = BulkLoadBtree(entries, {});
  EXPECT_THAT(Judge(), ElementsAre("index-key-extra"));
}

TEST_P(VerifyTablesTest, ManyMissingKeysAreSummarized) {
  std::vector<std::pair<std::string, std::optional<std::string>>> puts;
  for (int i = 0; i < 25; ++i) puts.emplace_back(fmt::format("key{}", i), "v");
  const std::string data = TableData(puts);
  cluster_.Add("_system/_tables/u", data, TableAttributes(data, kTypeTable));
  cluster_.Build();
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(CodesOf(report.findings), Each(std::string("index-key-missing")));
  ASSERT_THAT(report.findings, SizeIs(11));
  EXPECT_EQ(report.findings.back().message, "and 15 more of these");
}

TEST_P(VerifyTablesTest, CompactedCopyWithExplicitVersionWins) {
  std::string data = TableData({{"a", "old"}, {"b", "1"}});
  const int64_t copy = static_cast<int64_t>(data.size());
  AppendTableEntry(data, "a", "old", 0);
  TestSegment& t = cluster_.Add("_system/_tables/u", data, TableAttributes(data, kTypeTable));
  t.index = BulkLoadBtree(HashIndexOf(data), {});
  EXPECT_THAT(Judge(), IsEmpty());
  std::vector<BtreeLeafEntry> entries = HashIndexOf(data);
  for (BtreeLeafEntry& e : entries) {
    if (e.value == copy) e.value = 0;
  }
  SmallCluster stale(GetParam());
  stale.Add("_system/_tables/u", data, TableAttributes(data, kTypeTable)).index =
      BulkLoadBtree(entries, {});
  stale.Build();
  EXPECT_THAT(stale.Codes(), ElementsAre("index-key-wrong"));
}

TEST_P(VerifyTablesTest, TableTorn) {
  TestSegment& t = At(kTable);
  AppendTableEntry(t.data, "d", "5");
  t.data.pop_back();
  t.record.attributes[kIndexOffset] = t.record.length = static_cast<int64_t>(t.data.size());
  EXPECT_THAT(Judge(), ElementsAre("table-torn"));
}

TEST_P(VerifyTablesTest, TableUnreadable) {
  TestSegment& t = At(kTable);
  t.data += std::string(40, '\xff');
  t.record.attributes[kIndexOffset] = t.record.length = static_cast<int64_t>(t.data.size());
  EXPECT_THAT(Judge(), ElementsAre("table-unreadable"));
}

TEST_P(VerifyTablesTest, CompactionOffsetInvalid) {
  At(kTable).record.attributes[kCompactionOffset] = 7;
  EXPECT_THAT(Judge(), ElementsAre("compaction-offset-invalid"));
}

TEST_P(VerifyTablesTest, KeyLengthMissing) {
  At(kFixed).record.attributes.erase(kAttributeIdLength);
  EXPECT_THAT(Judge(), ElementsAre("key-length-missing"));
}

TEST_P(VerifyTablesTest, KeyLengthWrong) {
  const std::string data = TableData({{"aaaaa", "1"}});
  At(kFixed).data = data;
  At(kFixed).record.length = static_cast<int64_t>(data.size());
  At(kFixed).index.reset();
  EXPECT_THAT(Judge(), ElementsAre("key-length-wrong"));
}

class FixedKeyIndexTest : public VerifyTablesTest {
 protected:
  void Index(const std::vector<BtreeLeafEntry>& entries) {
    BtreeOptions options;
    options.key_length = 4;
    options.statistics = true;
    At(kFixed).index = BulkLoadBtree(entries, options);
  }
};

INSTANTIATE_TEST_SUITE_P(Layouts, FixedKeyIndexTest,
                         ::testing::Values(Layout::kRolling, Layout::kChunked));

TEST_P(FixedKeyIndexTest, RemovedKeyMayBeAbsent) {
  Index({{"bbbb", 22}});
  EXPECT_THAT(Judge(), IsEmpty());
}

TEST_P(FixedKeyIndexTest, OffsetBeyondLength) {
  Index({{"aaaa", 44}, {"bbbb", 66}});
  EXPECT_THAT(Judge(), ElementsAre("index-offset-beyond-length"));
}

TEST_P(FixedKeyIndexTest, OffsetOfAnotherKey) {
  Index({{"aaaa", 44}, {"bbbb", 0}});
  EXPECT_THAT(Judge(), ElementsAre("index-key-extra"));
}

TEST_P(FixedKeyIndexTest, OffsetOfAnOlderEntry) {
  Index({{"aaaa", 0}, {"bbbb", 22}});
  EXPECT_THAT(Judge(), ElementsAre("index-key-wrong"));
}

}  // namespace
}  // namespace pdr

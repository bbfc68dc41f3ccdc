#include "format/controller_names.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pdr {
namespace {

const Uuid kStreamId = *ParseUuidText("1dbeb074-5114-428e-9749-a71423c44919");

TEST(ControllerNames, Tables) {
  EXPECT_EQ(StreamsInScopeTable("dr", kStreamId),
            "_system/_tables/dr/streamsInScope.#.1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(KvTablesInScopeTable("dr", kStreamId),
            "_system/_tables/dr/kvTablesInScope.#.1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(ReaderGroupsInScopeTable("dr", kStreamId),
            "_system/_tables/dr/readerGroupsInScope.#.1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(StreamMetadataTable("dr", "s", kStreamId),
            "_system/_tables/dr/s/metadata.#.1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(EpochsWithTransactionsTable("dr", "s", kStreamId),
            "_system/_tables/dr/s/epochsWithTransactions.#.1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(TransactionsInEpochTable("dr", "s", 3, kStreamId),
            "_system/_tables/dr/s/transactionsInEpoch-3.#.1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(ReaderGroupMetadataTable("dr", "g", kStreamId),
            "_system/_tables/dr/_readergroups/g/metadata.#.1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(CompletedTransactionBatchTable("0"), "_system/_tables/completedTransactionsBatch-0");
}

TEST(ControllerNames, CompletedTransactionKeys) {
  const auto key =
      ParseCompletedTransactionKey("Key.#.dr.#.a.b.#./00000000-0000-0000-0000-000000000006");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->scope, "dr");
  EXPECT_EQ(key->stream, "a.b");
  EXPECT_EQ(key->transaction, (Uuid{0, 6}));
  for (const char* bad : {"", "Key.#.", "Key.#.dr.#.a", "Key.#.dr.#.a.#./0000",
                          "Key.#.dr/00000000-0000-0000-0000-000000000006"}) {
    EXPECT_FALSE(ParseCompletedTransactionKey(bad)) << bad;
  }
}

TEST(ControllerNames, SegmentNames) {
  const auto stream = ParseStreamSegmentName("dr/scaled/2.#epoch.1");
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->scope, "dr");
  EXPECT_EQ(stream->name, "scaled");
  EXPECT_EQ(stream->id, (SegmentId{2, 1}));
  EXPECT_FALSE(stream->kv_table);
  const auto old_style = ParseStreamSegmentName("dr/s/7");
  ASSERT_TRUE(old_style);
  EXPECT_EQ(old_style->id, (SegmentId{7, 0}));
  const auto table = ParseStreamSegmentName("dr/table_kvtable/0.#epoch.0");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->kv_table);
  EXPECT_EQ(table->name, "table");
}

TEST(ControllerNames, OtherNamesAreNoSegments) {
  for (const char* name :
       {"", "a", "a/b", "a/b/", "a/b/x", "a/b/-1.#epoch.0", "a/b/0.#epoch.", "a/b/0.#epoch.-1",
        "a/b/00.#epoch.0", "a//0.#epoch.0", "/b/0.#epoch.0", "a/b/0.#epoch.0/c",
        "a/b/99999999999.#epoch.0", "_system/containers/metadata_0", "_system/_tables/scopes",
        "a/b/0.#epoch.0$attributes.index"}) {
    EXPECT_FALSE(ParseStreamSegmentName(name)) << name;
  }
}

RC_GTEST_PROP(ControllerNames, SegmentNamesRoundTrip, ()) {
  const SegmentId id{*rc::gen::inRange(0, std::numeric_limits<int32_t>::max()),
                     *rc::gen::inRange(0, std::numeric_limits<int32_t>::max())};
  const auto stream = ParseStreamSegmentName(StreamSegmentName("s", "x.y", id));
  RC_ASSERT(stream && stream->id == id && stream->name == "x.y" && !stream->kv_table);
  const auto table = ParseStreamSegmentName(KvTableSegmentName("s", "t", id));
  RC_ASSERT(table && table->id == id && table->name == "t" && table->kv_table);
  const int64_t packed = static_cast<int64_t>(id.epoch) << 32 | id.number;
  RC_ASSERT(SegmentIdFromLong(packed) == id);
}

RC_GTEST_PROP(ControllerNames, UuidsRoundTrip, (uint64_t high, uint64_t low)) {
  const Uuid id{high, low};
  RC_ASSERT(ParseUuidText(id.Text()) == id);
  RC_ASSERT(ParseUuidHex(id.Hex()) == id);
}

TEST(ControllerNames, MalformedUuids) {
  for (const char* bad :
       {"", "0", "1dbeb074-5114-428e-9749-a71423c4491", "1DBEB074-5114-428e-9749-a71423c44919",
        "1dbeb07405114-428e-9749-a71423c44919", "1dbeb074-5114-428e-9749-a71423c4491-"}) {
    EXPECT_FALSE(ParseUuidText(bad)) << bad;
  }
  EXPECT_FALSE(ParseUuidHex("zz"));
}

}  // namespace
}  // namespace pdr

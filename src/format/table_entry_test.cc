#include "format/table_entry.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/hash.h"
#include "format/btree.h"
#include "format/testing/records_json.h"

namespace pdr {
namespace {

std::string HexOf(const AttributeId& id) {
  return fmt::format("{:016x}{:016x}", static_cast<uint64_t>(id.high),
                     static_cast<uint64_t>(id.low));
}

void ExpectEntry(const Json& v) {
  const Json& f = v["fields"];
  const std::string bytes = FromHex(v["hex"]);
  const auto entry = DecodeTableEntry(bytes);
  ASSERT_TRUE(entry.ok()) << Message(entry.status());
  EXPECT_EQ(entry->key, f["key"].get<std::string>());
  EXPECT_EQ(entry->value.has_value(), f.contains("value"));
  if (entry->value) {
    EXPECT_EQ(*entry->value, f["value"].get<std::string>());
  }
  EXPECT_EQ(entry->explicit_version, f["entryVersion"]);
  EXPECT_EQ(entry->size, bytes.size());
  std::string out;
  AppendTableEntry(out, entry->key, entry->value, entry->explicit_version);
  EXPECT_EQ(ToHex(out), v["hex"]);
}

void ExpectTableBatch(const Json& v) {
  const std::string bytes = FromHex(v["hex"]);
  std::string out;
  int entries = 0;
  for (std::string_view rest = bytes; !rest.empty(); ++entries) {
    const auto entry = DecodeTableEntry(rest);
    ASSERT_TRUE(entry.ok());
    AppendTableEntry(out, entry->key, entry->value, entry->explicit_version);
    rest.remove_prefix(entry->size);
  }
  EXPECT_EQ(entries, v["fields"]["entries"]);
  EXPECT_EQ(out, bytes);
}

const std::map<std::string, AttributeId> kAttributes = {
    {"INDEX_OFFSET", kIndexOffset},
    {"ENTRY_COUNT", kEntryCount},
    {"BUCKET_COUNT", kBucketCount},
    {"TOTAL_ENTRY_COUNT", kTotalEntryCount},
    {"COMPACTION_OFFSET", kCompactionOffset},
    {"MIN_UTILIZATION", kMinUtilization},
    {"RETIRED_1", kTableRetired},
    {"CREATION_TIME", kCreationTime},
    {"EVENT_COUNT", kEventCount},
    {"SCALE_POLICY_TYPE", kScalePolicyType},
    {"SCALE_POLICY_RATE", kScalePolicyRate},
    {"ROLLOVER_SIZE", kRolloverSize},
    {"ATTRIBUTE_SEGMENT_ROOT_POINTER", kIndexRootPointer},
    {"ATTRIBUTE_SEGMENT_PERSIST_SEQ_NO", kPersistSequenceNumber},
    {"ATTRIBUTE_SEGMENT_TYPE", kSegmentType},
    {"ATTRIBUTE_SLTS_LATEST_SNAPSHOT_ID", kSnapshotId},
    {"ATTRIBUTE_SLTS_LATEST_SNAPSHOT_EPOCH", kSnapshotEpoch},
    {"ATTRIBUTE_ID_LENGTH", kAttributeIdLength},
    {"CREATION_EPOCH", kCreationEpoch},
};

void ExpectAttribute(const Json& v) {
  const std::string id = v["fields"]["id"];
  const bool core = v["name"] == "coreAttribute";
  if (core && id.starts_with("RETIRED")) return;  // not declared: nothing writes them
  ASSERT_TRUE(kAttributes.contains(id));
  EXPECT_EQ(HexOf(kAttributes.at(id)), v["hex"]);
}

TEST(TableEntry, Vectors) {
  const Json vectors = LoadVectors("table_segments.json")["vectors"];
  EXPECT_EQ(vectors.size(), 36u);
  for (const Json& v : vectors) {
    SCOPED_TRACE(v.dump());
    const Json& f = v["fields"];
    const std::string kind = v["name"];
    if (f.contains("entryVersion")) {
      ExpectEntry(v);
    } else if (kind == "update_batch2") {
      ExpectTableBatch(v);
    } else if (kind == "update_conditional") {
      ExpectEntry(v);
    } else if (kind == "keyHash") {
      const AttributeId id = TableKeyHash(f["key"].get<std::string>());
      EXPECT_EQ(HexOf(id), v["hex"]);
      EXPECT_EQ(ToHex(BtreeKey(id)), f["btreeKey"]);
      EXPECT_EQ(BtreeKeyToAttributeId(BtreeKey(id)), id);
    } else if (kind.starts_with("keyHash_")) {
      EXPECT_EQ(HexOf(TableKeyHashOfDigest(FromHex(f["rawHash"]))), v["hex"]);
    } else if (kind == "backpointerKey") {
      EXPECT_EQ(HexOf(TableBackPointer(f["fromOffset"])), v["hex"]);
    } else if (kind.ends_with("Attribute")) {
      ExpectAttribute(v);
    } else if (kind == "segmentTypes") {
      EXPECT_EQ(f["values"]["TABLE_SEGMENT_HASH"], kTypeTable);
      EXPECT_EQ(f["values"]["fixedKeyLengthTable"], kTypeFixedKeyTable);
      EXPECT_EQ(f["values"]["table+system+critical+internal"], kTypeSystemTable);
      EXPECT_EQ(f["values"]["TRANSIENT"], kTypeTransient);
    } else {
      EXPECT_EQ(kind, "defaults");
    }
  }
}

TEST(TableEntry, TheHighestVersionIsExplicitOrTheOffset) {
  TableEntry entry;
  EXPECT_EQ(entry.Version(77), 77);
  entry.explicit_version = 4096;
  EXPECT_EQ(entry.Version(77), 4096);
}

std::string Header(uint8_t format, int32_t key, int32_t value, int64_t version) {
  ByteWriter w;
  w.U8(format).I32(key).I32(value).I64(version);
  return w.Take();
}

TEST(TableEntry, DamagedHeadersAreNoEntry) {
  const std::string body(20, 'x');
  for (const std::string& header :
       {Header(1, 1, 1, kOwnOffsetVersion), Header(0, 0, 1, kOwnOffsetVersion),
        Header(0, -1, 1, kOwnOffsetVersion), Header(0, 8193, 1, kOwnOffsetVersion),
        Header(0, 1, -2, kOwnOffsetVersion), Header(0, 1, 1048576, kOwnOffsetVersion),
        Header(0, 1, std::numeric_limits<int32_t>::max(), kOwnOffsetVersion),
        Header(0, 1, 1, -1)}) {
    EXPECT_EQ(DecodeTableEntry(header + body).status().code(), StatusCode::kDataLoss)
        << ToHex(header);
  }
  EXPECT_EQ(DecodeTableEntry(std::string(100, '\0')).status().code(), StatusCode::kDataLoss);
}

TEST(TableEntry, EveryTornTailIsOutOfRange) {
  std::string bytes;
  AppendTableEntry(bytes, "key", "value");
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_EQ(DecodeTableEntry(std::string_view(bytes).substr(0, n)).status().code(),
              StatusCode::kOutOfRange)
        << n;
  }
  EXPECT_TRUE(DecodeTableEntry(bytes + "more").ok());
}

RC_GTEST_PROP(TableEntry, GivesBackWhatWasAppended,
              (std::string key, std::string value, bool removal, uint32_t version)) {
  RC_PRE(!key.empty());
  std::string bytes;
  const std::optional<std::string_view> stored =
      removal ? std::nullopt : std::optional<std::string_view>(value);
  AppendTableEntry(bytes, key, stored, version);
  const auto entry = DecodeTableEntry(bytes);
  RC_ASSERT(entry.ok());
  RC_ASSERT(entry->key == key);
  RC_ASSERT(entry->value == stored);
  RC_ASSERT(entry->explicit_version == int64_t{version});
  RC_ASSERT(entry->size == bytes.size());
}

}  // namespace
}  // namespace pdr

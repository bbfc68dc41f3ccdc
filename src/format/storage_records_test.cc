#include "format/storage_records.h"

#include <gtest/gtest.h>

namespace pdr {
namespace {

TransactionData Chunk(const std::string& key, int64_t version, uint64_t length) {
  return {version, key, ChunkMetadata{key, length, "", kStatusActive}};
}

TEST(StorageRecords, WhatWasPutIsFoundWhateverTheOrder) {
  StorageRecords records;
  for (const char* key : {"b", "d", "a", "c", "d"}) records.Put(Chunk(key, 3, 10));
  records.Put(Chunk("a", 7, 11));
  EXPECT_EQ(records.size(), 4u);
  EXPECT_EQ(records.Find("a"), Chunk("a", 7, 11));
  EXPECT_EQ(records.Find("d"), Chunk("d", 3, 10));
  EXPECT_EQ(records.Find("e"), std::nullopt);
  EXPECT_EQ(records.encoded().at("b"), EncodeTransactionData(Chunk("b", 3, 10)));
  EXPECT_EQ(records.NewestVersion(), 7);
  EXPECT_EQ(StorageRecords().NewestVersion(), 1);
}

TEST(StorageRecords, WhatIsMovedIsGoneWhereItWas) {
  StorageRecords from;
  for (const std::string key : {"a", "s.B-0", "s.B-7", "s.C"}) from.Put(Chunk(key, 5, 10));
  StorageRecords to;
  to.Put(Chunk("a", 6, 20));
  to.Move(from, "b");
  EXPECT_EQ(to.Find("a"), Chunk("a", 6, 20));
  to.Move(from, "a");
  EXPECT_EQ(to.Find("a"), Chunk("a", 5, 10));
  to.MoveAll(from, "s.B-");
  EXPECT_EQ(to.size(), 3u);
  EXPECT_EQ(to.Find("s.B-7"), Chunk("s.B-7", 5, 10));
  EXPECT_EQ(from.size(), 1u);
  EXPECT_EQ(from.Find("s.C"), Chunk("s.C", 5, 10));
}

TEST(StorageRecords, OnlyRecordsOfTheirKeysWithValuesAreTaken) {
  const auto take = [](const std::string& key, const std::string& bytes) {
    return StorageRecords::Take({{key, bytes}}).status();
  };
  const std::string bytes = EncodeTransactionData(Chunk("a", 1, 2));
  EXPECT_TRUE(take("a", bytes).ok());
  EXPECT_TRUE(absl::IsDataLoss(take("b", bytes)));
  EXPECT_FALSE(take("a", bytes.substr(0, bytes.size() - 1)).ok());
  EXPECT_TRUE(absl::IsDataLoss(take("a", EncodeTransactionData({1, "a", std::nullopt}))));
}

}  // namespace
}  // namespace pdr

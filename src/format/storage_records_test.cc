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

TEST(StorageRecords, WhatWasMovedOutlivesWhereItWas) {
  StorageRecords to;
  to.Put(Chunk("k", 1, 1));
  {
    StorageRecords from;
    for (int i = 0; i < 5000; ++i) from.Put(Chunk(fmt::format("s.E-{:05}", i), i, 10));
    to.MoveAll(from, "s.E-");
    to.Put(Chunk("s.E-00007", 9999, 11));
    from.Put(Chunk("other", 1, 2));
  }
  to.Put(Chunk("z", 2, 2));
  ASSERT_EQ(to.size(), 5002u);
  EXPECT_EQ(to.Find("s.E-04999"), Chunk("s.E-04999", 4999, 10));
  EXPECT_EQ(to.Find("s.E-00007"), Chunk("s.E-00007", 9999, 11));
  EXPECT_EQ(to.NewestVersion(), 9999);
}

TEST(StorageRecords, ACopyHasAWillOfItsOwn) {
  StorageRecords first;
  first.Put(Chunk("a", 1, 1));
  StorageRecords second = first;
  second.Put(Chunk("a", 2, 2));
  second.Put(Chunk("b", 3, 3));
  first.Put(Chunk("c", 4, 4));
  EXPECT_EQ(first.Find("a"), Chunk("a", 1, 1));
  EXPECT_EQ(first.Find("b"), std::nullopt);
  EXPECT_EQ(second.Find("a"), Chunk("a", 2, 2));
  EXPECT_EQ(second.Find("c"), std::nullopt);
}

// Modified UTF-8 writes some characters in another way than the name has them.
TEST(StorageRecords, AnyNameIsAKey) {
  StorageRecords records;
  for (const std::string& key : {std::string("\xc3\xa4"), std::string("\xf0\x9f\x98\x80"),
                                 std::string("with\0nul", 8), std::string()}) {
    records.Put(Chunk(key, 1, 2));
    EXPECT_EQ(records.Find(key), Chunk(key, 1, 2)) << key;
    EXPECT_TRUE(records.encoded().contains(key)) << key;
  }
}

TEST(StorageRecords, OnlyRecordsOfTheirKeysWithValuesAreTaken) {
  const auto take = [](const std::string& key, const std::string& bytes) {
    return StorageRecords().Add(key, bytes);
  };
  const std::string bytes = EncodeTransactionData(Chunk("a", 1, 2));
  EXPECT_TRUE(take("a", bytes).ok());
  EXPECT_TRUE(absl::IsDataLoss(take("b", bytes)));
  EXPECT_FALSE(take("a", bytes.substr(0, bytes.size() - 1)).ok());
  EXPECT_TRUE(absl::IsDataLoss(take("a", EncodeTransactionData({1, "a", std::nullopt}))));
}

}  // namespace
}  // namespace pdr

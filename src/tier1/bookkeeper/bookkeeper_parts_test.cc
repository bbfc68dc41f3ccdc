#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "tier1/bookkeeper/ledger_id_generator.h"
#include "tier1/bookkeeper/quorum.h"
#include "tier1/bookkeeper/zookeeper_store.h"
#include "tier1/bookkeeper/zookeeper_uri.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr {
namespace {

TEST(ZooKeeperUri, Forms) {
  EXPECT_EQ(NormalizeZooKeeperUri("localhost").value(), "localhost:2181");
  EXPECT_EQ(NormalizeZooKeeperUri("a:1,b:2;c").value(), "a:1,b:2,c:2181");
  EXPECT_EQ(NormalizeZooKeeperUri(" a:1 , b:2/x/y/ ").value(), "a:1,b:2/x/y");
  EXPECT_EQ(NormalizeZooKeeperUri("[::1]").value(), "[::1]:2181");
  for (const char* bad : {"", " ", "/chroot", ",", "a:1/x//y"}) {
    EXPECT_EQ(NormalizeZooKeeperUri(bad).status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

TEST(ZooKeeperStore, NobodyThere) {
  auto store = ZooKeeperStore::Connect("127.0.0.1:1", 300);
  EXPECT_EQ(store.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(Message(store.status()).find("127.0.0.1:1"), std::string_view::npos);
}

// Enough answers means: whichever ack quorum a writer may have had, one of its members answered.
TEST(Quorum, CoverageIsWhatItPromises) {
  for (size_t size = 1; size <= 6; ++size) {
    for (size_t write = 1; write <= size; ++write) {
      for (size_t ack = 1; ack <= write; ++ack) {
        for (uint32_t mask = 0; mask < 1U << size; ++mask) {
          std::vector<bool> answered(size);
          for (size_t i = 0; i < size; ++i) answered[i] = mask >> i & 1;
          bool hidden = false;  // an entry all of whose acknowledgements may be by silent bookies
          for (int64_t entry = 0; entry < static_cast<int64_t>(size); ++entry) {
            size_t silent = 0;
            for (size_t i = 0; i < size; ++i) {
              silent += HoldsEntry(entry, i, write, size) && !answered[i] ? 1 : 0;
            }
            hidden |= silent >= ack;
          }
          EXPECT_EQ(Covered(answered, write, ack), !hidden);
        }
      }
    }
  }
}

TEST(Quorum, WriteSets) {
  for (int64_t entry = 0; entry < 20; ++entry) {
    std::set<size_t> set;
    for (size_t copy = 0; copy < 3; ++copy) set.insert(ReplicaIndex(entry, copy, 5));
    for (size_t i = 0; i < 5; ++i) EXPECT_EQ(HoldsEntry(entry, i, 3, 5), set.contains(i));
  }
}

class LedgerIds : public ::testing::Test {
 protected:
  FakeCluster cluster_;
  Tier1 zookeeper_ = cluster_.Open();
  LedgerIdGenerator Generator(LedgerLayout layout) {
    return LedgerIdGenerator(*zookeeper_.metadata, "/l", layout);
  }
  void SkipTo(const std::string& parent, int64_t number) {
    static_cast<void>(zookeeper_.metadata->Create(parent, "", false));
    cluster_.nodes[parent].next_child = number;
  }
};

TEST_F(LedgerIds, FromZeroOnAndTidy) {
  for (LedgerLayout layout : {LedgerLayout::kHierarchical, LedgerLayout::kLegacyHierarchical}) {
    int64_t first = Generator(layout).Next().value();
    EXPECT_EQ(Generator(layout).Next().value(), first + 1);
    EXPECT_TRUE(zookeeper_.metadata->Children("/l/idgen").value().empty());
  }
  EXPECT_EQ(Generator(LedgerLayout::kFlat).Next().value(), 0);
  EXPECT_EQ(cluster_.nodes["/l"].next_child, 1);
}

TEST_F(LedgerIds, OverflowGoesToLongIds) {
  SkipTo("/l/idgen", 2147483646);
  LedgerIdGenerator ids = Generator(LedgerLayout::kHierarchical);
  EXPECT_EQ(ids.Next().value(), 2147483646);
  EXPECT_EQ(ids.Next().value(), int64_t{1} << 32);
  EXPECT_EQ(ids.Next().value(), (int64_t{1} << 32) + 1);
}

TEST_F(LedgerIds, OverflowOfTheLowHalf) {
  SkipTo("/l/idgen-long/HOB-0000000007", 2147483647);
  LedgerIdGenerator ids = Generator(LedgerLayout::kLongHierarchical);
  EXPECT_EQ(ids.Next().value(), int64_t{8} << 32);
}

TEST_F(LedgerIds, UsedUpWithoutLongIds) {
  SkipTo("/l/idgen", 2147483647);
  EXPECT_EQ(Generator(LedgerLayout::kLegacyHierarchical).Next().status().code(),
            StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace pdr

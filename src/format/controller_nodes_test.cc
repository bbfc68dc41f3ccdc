#include "format/controller_nodes.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace pdr {
namespace {

// As a live controller makes them. docs/formats/zookeeper-layout.md section 10.
TEST(ControllerNodes, Buckets) {
  EXPECT_EQ(RetentionNode("ctl", "by-size", 1), "/buckets/0/Y3RsL2J5LXNpemU=");
  EXPECT_EQ(RetentionNode("ctl", "by-size", 7), "/buckets/5/Y3RsL2J5LXNpemU=");
  EXPECT_EQ(WatermarkNode("ctl", "times", 100), "/watermarks/66/Y3RsL3RpbWVz");
  EXPECT_EQ(WatermarkNode("ctl", "some.stream_with-97", 100).substr(0, 15), "/watermarks/60/");
}

TEST(ControllerNodes, CommitOrder) {
  EXPECT_EQ(CommitOrderNode("ctl", "committing", 0),
            "/txnCommitOrderer/ctl/committing/collections/0/entities/pos0000000000");
  const int64_t order = (int64_t{3} << 32) | 41;
  EXPECT_EQ(CommitOrderNode("s", "x", order),
            "/txnCommitOrderer/s/x/collections/3/entities/pos0000000041");
  EXPECT_EQ(CommitOrderSealNode("s", "x", order), "/txnCommitOrderer/s/x/collections/3/sealed");
}

TEST(ControllerNodes, Indexes) {
  EXPECT_EQ(TransactionIndexNode("gone", "ctl", "open", {0, 6}),
            "/hostTxnIndex/gone/ctl_%_open_%_00000000-0000-0000-0000-000000000006");
  EXPECT_EQ(ToHex(TransactionIndexData()), "0000010000000008ffffffffffffffff");
  EXPECT_EQ(RequestIndexNode("gone", "id"), "/hostRequestIndex/gone/id");
}

}  // namespace
}  // namespace pdr

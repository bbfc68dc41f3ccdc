// The transaction id counter is above every id that was ever in use, whatever its trace.
// docs/formats/recovery-semantics.md section 3.6 and H17.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "format/names.h"
#include "recovery/testing/sample_cluster.h"

namespace pdr {
namespace {

constexpr int32_t kHigh = 41;
constexpr Uuid kMostId{(uint64_t{3} << 32) | kHigh, 7};  // epoch 3
const std::string kTransaction = std::string(kSampleSegment) + "#transaction." + kMostId.Hex();

class CounterHazards : public testing::TestWithParam<Layout> {
 protected:
  CounterHazards() : cluster_(GetParam()) {
    cluster_.controller.streams["x"];
    cluster_.Stream(kSampleSegment, SampleEvents({"one"}));
  }
  TransactionCounter Counter() { return cluster_.MakePlan().plan.controller.counter; }
  SampleCluster cluster_;
};

TEST_P(CounterHazards, BeginsAnewWhereThereNeverWasATransaction) {
  cluster_.Build();
  EXPECT_EQ(Counter(), (TransactionCounter{1, 0}));
}

TEST_P(CounterHazards, AnOpenOneInTheTables) {
  cluster_.controller.streams["x"].transactions[kMostId] = TransactionStatus::kOpen;
  cluster_.Build();
  EXPECT_EQ(Counter(), (TransactionCounter{kHigh + 1, 0}));
}

TEST_P(CounterHazards, ACompletedOneInTheTables) {
  cluster_.controller.streams["x"].completed[kMostId] = TransactionStatus::kCommitted;
  cluster_.Build();
  EXPECT_EQ(Counter(), (TransactionCounter{kHigh + 1, 0}));
}

TEST_P(CounterHazards, ASegmentWithARecordAndNoData) {
  cluster_.Stream(kTransaction, "");
  cluster_.Build();
  EXPECT_EQ(Counter(), (TransactionCounter{kHigh + 1, 0}));
}

TEST_P(CounterHazards, AFileThatNothingLists) {
  cluster_.Build();
  cluster_.disk().Put(GetParam() == Layout::kRolling
                          ? RollingChunkName(kTransaction, 0)
                          : ChunkName(kTransaction, 1, 0, NameUuid("chunk")),
                      "x");
  EXPECT_EQ(Counter(), (TransactionCounter{kHigh + 1, 0}));
}

// A merge leaves chunks under the transaction's name in the segment it went into. The file may be
// lost, and the name is still in use: a new transaction of the id would have to make it.
class ListedChunks : public CounterHazards {};

TEST_P(ListedChunks, OfWhichTheFileIsThereOrNot) {
  const std::string chunk = GetParam() == Layout::kRolling
                                ? RollingChunkName(kTransaction, 0)
                                : ChunkName(kTransaction, 1, 0, NameUuid("chunk"));
  if (GetParam() == Layout::kChunked) {
    cluster_.tree().change_storage = [&](std::map<std::string, TransactionData>& records) {
      auto& segment = std::get<SegmentMetadata>(*records.at(kSampleSegment).value);
      auto node = records.extract(segment.first_chunk);
      std::get<ChunkMetadata>(*node.mapped().value).name = chunk;
      node.mapped().key = segment.first_chunk = segment.last_chunk = node.key() = chunk;
      records.insert(std::move(node));
    };
  }
  cluster_.Build();
  if (GetParam() == Layout::kRolling) {
    const std::string header = HeaderName(kSampleSegment);
    const auto length = cluster_.StoredBytes(kSampleSegment).size();
    cluster_.disk().Put(header, cluster_.BytesOf(header) + fmt::format("{}={}&", length, chunk));
  }
  EXPECT_EQ(Counter(), (TransactionCounter{kHigh + 1, 0}));
  cluster_.disk().Put(chunk, SampleEvents({"one"}));
  EXPECT_EQ(Counter(), (TransactionCounter{kHigh + 1, 0}));
}

const auto kLayouts = testing::Values(Layout::kChunked, Layout::kRolling);
constexpr auto kName = [](const testing::TestParamInfo<Layout>& layout) {
  return layout.param == Layout::kChunked ? "Chunked" : "Rolling";
};
INSTANTIATE_TEST_SUITE_P(Layouts, CounterHazards, kLayouts, kName);
INSTANTIATE_TEST_SUITE_P(Layouts, ListedChunks, kLayouts, kName);

}  // namespace
}  // namespace pdr

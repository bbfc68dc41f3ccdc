// What only ZooKeeper knew: every unfinished operation is handed to the next controller.
#include "recovery/controller_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "format/controller_events.h"
#include "format/table_entry.h"
#include "recovery/testing/sample_cluster.h"

namespace pdr {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

constexpr int kCreating = 1;
constexpr int kUpdating = 3;
constexpr int kScaling = 4;
constexpr int kCommitting = 5;
constexpr int kTruncating = 6;
constexpr int kSealing = 7;
constexpr int kSealed = 8;
constexpr Uuid kTransactionId{7, 1};
constexpr Uuid kOtherId{7, 2};
const std::string kProcess = "/hostRequestIndex/pravega-dr/";

class ControllerWorkTest : public testing::Test {
 protected:
  SampleStream& stream() { return controller_.streams["x"]; }

  ControllerWork Plan(const PlanOptions& options = {}) {
    controller_.system_streams = {"_abortStream", "_commitStream"};
    return PlanControllerWork(controller_.Evidence(unlisted_), options);
  }
  static std::vector<std::string> Paths(const ControllerWork& work) {
    std::vector<std::string> paths;
    for (const NodeWrite& node : work.nodes) paths.push_back(node.path);
    return paths;
  }
  std::vector<RequestHead> Asked() {
    std::vector<RequestHead> heads;
    for (const NodeWrite& node : Plan().nodes) {
      if (node.path.starts_with(kProcess)) heads.push_back(*DecodeRequestHead(node.data));
    }
    return heads;
  }
  static RequestHead About(RequestType type) { return {type, "s", "x"}; }

  SampleController controller_;
  bool unlisted_ = false;  // the batches of completed transactions
};

TEST_F(ControllerWorkTest, AStreamAtRestNeedsNothing) {
  stream();
  const ControllerWork work = Plan();
  EXPECT_THAT(work.nodes, IsEmpty());
  EXPECT_THAT(work.additions, IsEmpty());
  EXPECT_THAT(work.anomalies, IsEmpty());
}

TEST_F(ControllerWorkTest, StreamsAreInTheirBuckets) {
  stream().retention = stream().writer_marks = true;
  PlanOptions options;
  options.retention_buckets = 1;
  EXPECT_THAT(Paths(Plan(options)),
              ElementsAre("/buckets/0/cy94", testing::StartsWith("/watermarks/")));
}

// Readers fail without a stream's mark stream, and only its creation makes that.
TEST_F(ControllerWorkTest, AStreamWhoseMarkStreamHasNoRecordsIsCreatedOnceMore) {
  stream();
  controller_.streams["_MARKx"];
  EXPECT_THAT(Plan().additions, IsEmpty());
  controller_.streams["_MARKx"].recorded = false;
  const ControllerWork work = Plan();
  ASSERT_EQ(work.additions.size(), 1u);
  const auto& [table, added] = *work.additions.begin();
  EXPECT_THAT(table, testing::StartsWith("_system/_tables/s/x/metadata.#."));
  EXPECT_EQ(added.table_entries, 1u);
  const StatusOr<TableEntry> entry = DecodeTableEntry(added.bytes);
  EXPECT_EQ(entry->key, kStateKey);
  EXPECT_EQ(*DecodeStreamState(*entry->value), StreamState::kCreating);
  EXPECT_EQ(work.anomalies.front().code, "creation-unfinished");
  stream().state = kSealed;
  EXPECT_THAT(Plan().anomalies.front().message, testing::HasSubstr("and seal it"));
}

// What was going on waits for it: each request is carried out once the stream is active again.
TEST_F(ControllerWorkTest, AStreamThatIsCreatedOnceMoreIsAskedWhatItWasAskedBefore) {
  controller_.streams["_MARKx"].recorded = false;
  stream().state = kSealing;
  EXPECT_THAT(Asked(), ElementsAre(About(RequestType::kSealStream)));
  EXPECT_EQ(Plan().anomalies.front().code, "creation-unfinished");
  stream().state = kTruncating;
  EXPECT_THAT(Asked(), ElementsAre(About(RequestType::kTruncateStream)));
  EXPECT_EQ(Plan().anomalies.front().code, "creation-unfinished");
}

// It makes them with the epoch; without, no transaction can begin, and a commit never ends.
TEST_F(ControllerWorkTest, TablesOfTransactionsThatAreNeededAreMadeAndListed) {
  stream().epoch = 3;
  stream().epochs = {{0, {{0, 0}}}, {1, {{1, 1}}}, {2, {{0, 2}}}, {3, {{1, 3}}}};
  stream().references = {{2, 0}, {3, 1}};
  EXPECT_THAT(Plan().tables, IsEmpty());
  EXPECT_THAT(Plan().additions, IsEmpty());
  stream().transaction_tables = false;
  const ControllerWork work = Plan();
  EXPECT_THAT(work.tables, ElementsAre(testing::HasSubstr("/x/transactionsInEpoch-1.#.")));
  ASSERT_EQ(work.additions.size(), 1u);
  const auto& [list, added] = *work.additions.begin();
  EXPECT_THAT(list, testing::HasSubstr("/x/epochsWithTransactions.#."));
  EXPECT_EQ(DecodeTableEntry(added.bytes)->key, "1");
  stream().committing = {Uuid{0, 7}};
  EXPECT_THAT(Plan().tables, ElementsAre(testing::HasSubstr("/x/transactionsInEpoch-0.#."),
                                         testing::HasSubstr("/x/transactionsInEpoch-1.#.")));
  stream().state = kSealed;
  EXPECT_THAT(Plan().tables, IsEmpty());
}

// It would never find again what became of a transaction.
TEST_F(ControllerWorkTest, TheFirstBatchOfCompletedTransactionsIsListed) {
  stream().completed[{0, 9}] = TransactionStatus::kCommitted;
  EXPECT_THAT(Plan().additions, IsEmpty());
  unlisted_ = true;
  const ControllerWork work = Plan();
  ASSERT_EQ(work.additions.size(), 1u);
  EXPECT_EQ(work.additions.begin()->first, kCompletedTransactionBatchesTable);
  EXPECT_EQ(DecodeTableEntry(work.additions.begin()->second.bytes)->key, kFirstTransactionBatch);
}

TEST_F(ControllerWorkTest, UnfinishedOperationsAreAskedForAgain) {
  stream().state = kUpdating;
  EXPECT_THAT(Asked(), ElementsAre(About(RequestType::kUpdateStream)));
  stream().state = kTruncating;
  EXPECT_THAT(Asked(), ElementsAre(About(RequestType::kTruncateStream)));
  stream().state = kSealing;
  EXPECT_THAT(Asked(), ElementsAre(About(RequestType::kSealStream)));
  stream().state = kScaling;
  EXPECT_THAT(Asked(), ElementsAre(About(RequestType::kScale)));
  EXPECT_EQ(Plan().anomalies.front().code, "workflow-unfinished");
}

TEST_F(ControllerWorkTest, WhatWasAskedForAndNotBegunToo) {
  stream().updating = stream().truncation_updating = true;
  stream().scaling = {{0, 0}};
  EXPECT_THAT(Asked(), UnorderedElementsAre(About(RequestType::kUpdateStream),
                                            About(RequestType::kTruncateStream),
                                            About(RequestType::kScale)));
}

// The controller would put the request off for ever.
TEST_F(ControllerWorkTest, ASealedStreamIsNotScaled) {
  stream().scaling = {{0, 0}};
  for (const int state : {kSealing, kSealed}) {
    stream().state = state;
    for (const RequestHead& head : Asked()) EXPECT_NE(head.type, RequestType::kScale);
  }
}

TEST_F(ControllerWorkTest, ACreationIsListedWithWhatFinishesIt) {
  stream().state = kCreating;
  const ControllerWork work = Plan();
  ASSERT_THAT(work.anomalies, testing::SizeIs(1));
  EXPECT_EQ(work.anomalies[0].code, "creation-unfinished");
  EXPECT_EQ(work.anomalies[0].subject, "s/x");
  EXPECT_THAT(work.anomalies[0].message, testing::HasSubstr("create it again"));
  EXPECT_THAT(work.nodes, IsEmpty());
}

TEST_F(ControllerWorkTest, OpenTransactionsAreKnownToTheTimeoutService) {
  stream().transactions[kTransactionId] = TransactionStatus::kOpen;
  const ControllerWork work = Plan();
  EXPECT_THAT(Paths(work),
              ElementsAre("/hostTxnIndex/pravega-dr/s_%_x_%_" + kTransactionId.Text()));
  EXPECT_THAT(work.additions, IsEmpty());
  EXPECT_EQ(work.anomalies.front().code, "transaction-open");
}

TEST_F(ControllerWorkTest, OpenTransactionsAreAbortedOnRequest) {
  stream().transactions[kTransactionId] = TransactionStatus::kOpen;
  PlanOptions options;
  options.abort_open_transactions = true;
  const ControllerWork work = Plan(options);
  EXPECT_EQ(work.anomalies.front().code, "transaction-ended");
  EXPECT_TRUE(work.additions.contains("_system/_abortStream/0.#epoch.0"));
  const Addition& record = work.additions.rbegin()->second;
  EXPECT_EQ(record.table_entries, 1u);
  const auto entry = DecodeTableEntry(record.bytes);
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->key, kTransactionId.Text());
  EXPECT_EQ(DecodeActiveTransaction(*entry->value)->status, TransactionStatus::kAborting);
}

TEST_F(ControllerWorkTest, CommittingOnesAreInTheCommitOrderAndAskedFor) {
  stream().transactions[kTransactionId] = stream().transactions[kOtherId] =
      TransactionStatus::kCommitting;
  stream().commit_orders = {{kTransactionId, 41}, {kOtherId, 7}};
  const ControllerWork work = Plan();
  const std::string order = "/txnCommitOrderer/s/x/collections/0";
  EXPECT_THAT(Paths(work), IsSupersetOf({order + "/entities/pos0000000007",
                                         order + "/entities/pos0000000041", order + "/sealed"}));
  EXPECT_EQ(std::count_if(work.nodes.begin(), work.nodes.end(),
                          [](const NodeWrite& n) { return n.path.ends_with("/sealed"); }),
            1);
  ASSERT_THAT(work.additions, testing::SizeIs(1));
  const auto& [segment, added] = *work.additions.begin();
  EXPECT_EQ(segment, "_system/_commitStream/0.#epoch.0");
  EXPECT_EQ(*DecodeRequestHead(std::string_view(added.bytes).substr(8)),
            About(RequestType::kCommitTransactions));
}

// Its commit took it out of the order; the order would commit it twice.
TEST_F(ControllerWorkTest, OnesOfACommitUnderWayAreNotOrderedAgain) {
  stream().transactions[kTransactionId] = TransactionStatus::kCommitting;
  stream().commit_orders = {{kTransactionId, 41}};
  stream().committing = {kTransactionId};
  stream().state = kCommitting;
  const ControllerWork work = Plan();
  EXPECT_THAT(Paths(work), testing::Each(testing::Not(testing::HasSubstr("txnCommitOrderer"))));
  EXPECT_THAT(work.additions, testing::SizeIs(1));
}

TEST_F(ControllerWorkTest, AStreamLeftCommittingWithNothingToCommitIsFreed) {
  stream().state = kCommitting;
  EXPECT_TRUE(Plan().additions.contains("_system/_commitStream/0.#epoch.0"));
}

TEST_F(ControllerWorkTest, AbortingOnesAreAskedFor) {
  stream().transactions[kTransactionId] = TransactionStatus::kAborting;
  const ControllerWork work = Plan();
  ASSERT_TRUE(work.additions.contains("_system/_abortStream/0.#epoch.0"));
  EXPECT_EQ(work.additions.at("_system/_abortStream/0.#epoch.0").bytes.substr(8),
            EncodeAbortRequest("s", "x", kTransactionId));
}

TEST_F(ControllerWorkTest, FinishedOnesNeedNothing) {
  stream().completed[kTransactionId] = TransactionStatus::kCommitted;
  EXPECT_THAT(Plan().nodes, IsEmpty());
}

TEST_F(ControllerWorkTest, FinishedOnesThatAreStillListedAreFinishedOff) {
  stream().transactions[kTransactionId] = TransactionStatus::kCommitting;
  stream().completed[kTransactionId] = TransactionStatus::kCommitted;
  const ControllerWork work = Plan();
  EXPECT_THAT(Paths(work), Contains(testing::HasSubstr("/hostTxnIndex/")));
  EXPECT_TRUE(work.additions.contains("_system/_commitStream/0.#epoch.0"));
  EXPECT_THAT(work.anomalies, IsEmpty());
}

// Everything at once through the whole recovery; the judge, which reads the tables by itself,
// misses nothing.
class ControllerWorkRecovery : public testing::TestWithParam<Layout> {};

TEST_P(ControllerWorkRecovery, IsWrittenAndVerified) {
  SampleCluster cluster(GetParam());
  SampleStream& stream = cluster.controller.streams["x"];
  stream.retention = stream.writer_marks = stream.updating = stream.truncation_updating = true;
  stream.state = kScaling;
  stream.transactions = {{kTransactionId, TransactionStatus::kOpen},
                         {kOtherId, TransactionStatus::kCommitting}};
  stream.commit_orders = {{kOtherId, 5}};
  cluster.controller.system_streams = {"_commitStream"};
  cluster.Stream("_system/_commitStream/0.#epoch.0", SampleEvents({"one"}));
  cluster.Stream("s/x/0.#epoch.0", SampleEvents({"one"}));
  cluster.Build();
  EXPECT_THAT(cluster.MakePlan().plan.controller.nodes, testing::SizeIs(9));
  cluster.ExpectRecovers();
}

// The record in the controller's table, and its index, as the judge reads them.
TEST_P(ControllerWorkRecovery, OpenTransactionsAreAborted) {
  SampleCluster cluster(GetParam());
  cluster.controller.streams["x"].transactions[kTransactionId] = TransactionStatus::kOpen;
  cluster.controller.system_streams = {"_abortStream"};
  cluster.Stream("_system/_abortStream/0.#epoch.0", SampleEvents({"one"}));
  cluster.Stream("s/x/0.#epoch.0", SampleEvents({"one"}));
  cluster.Build();
  PlanOptions options;
  options.abort_open_transactions = true;
  const auto planned = cluster.MakePlan(options);
  EXPECT_THAT(planned.Codes("s/x"), ElementsAre("transaction-ended"));
  cluster.ExpectRecovers(options);
  const std::string table = TransactionsInEpochTable("s", "x", 0, Uuid{2, 2});
  std::string bytes = cluster.StoredBytes(table);
  TransactionStatus last = TransactionStatus::kUnknown;
  while (!bytes.empty()) {
    const auto entry = DecodeTableEntry(bytes);
    ASSERT_TRUE(entry.ok());
    last = DecodeActiveTransaction(*entry->value)->status;
    bytes.erase(0, entry->size);
  }
  EXPECT_EQ(last, TransactionStatus::kAborting);
}

INSTANTIATE_TEST_SUITE_P(Layouts, ControllerWorkRecovery,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) {
                           return layout.param == Layout::kChunked ? "Chunked" : "Rolling";
                         });

}  // namespace
}  // namespace pdr

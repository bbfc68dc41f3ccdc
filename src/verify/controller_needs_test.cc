#include "verify/controller_needs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/controller_nodes.h"
#include "format/controller_stream_records.h"
#include "format/controller_transaction_records.h"
#include "format/serializer.h"
#include "format/testing/vectors.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Uuid kScope{1, 1};
constexpr Uuid kStream{2, 2};
constexpr Uuid kTransaction{0, 7};
constexpr Uuid kMember{3, 3};

std::string Vector(const std::string& record) {
  static const Json vectors = LoadVectors("controller_records.json");
  return FromHex(vectors["records"][record]);
}

std::string IdBytes(const Uuid& id) { return ByteWriter().U64(id.high).U64(id.low).Take(); }

std::string State(StreamState state) {
  ByteWriter w;
  WriteObject(w, [&](ByteWriter& body) { WriteCompactInt(body, static_cast<uint32_t>(state)); });
  return w.Take();
}

class NeedsTest : public testing::Test {
 protected:
  NeedsTest() {
    values_[std::string(kEpochTransitionKey)] = Vector("epoch_transition_empty");
    for (const char* stream : {"_commitStream", "_abortStream", "_kvTableStream"}) {
      NoteSegment(fmt::format("_system/{}/0.#epoch.0", stream), needs_);
    }
  }

  void List() { NoteNeeds(StreamsInScopeTable("s", kScope), {{"x", IdBytes(kStream)}}, needs_); }
  void Set(std::string_view key, std::string value) { values_[std::string(key)] = value; }
  void Transaction(TransactionStatus status, std::optional<int64_t> order = std::nullopt) {
    ActiveTransactionRecord record;
    record.status = status;
    record.commit_order = order;
    NoteNeeds(TransactionsInEpochTable("s", "x", 0, kStream),
              {{kTransaction.Text(), EncodeActiveTransaction(record)}}, needs_);
  }
  void Put(const std::string& path, std::string data = "") {
    ASSERT_TRUE(
        cluster_.Open().metadata->Create(Tier1Config().Namespace() + path, data, false).ok());
  }
  std::vector<std::string> Codes() {
    NoteNeeds(StreamMetadataTable("s", "x", kStream), values_, needs_);
    Tier1 tier1 = cluster_.Open();
    VerifyReport report;
    Findings findings(report, -1);
    EXPECT_TRUE(CheckNeeds(tier1, needs_, findings).ok());
    std::vector<std::string> codes;
    for (const Finding& f : report.findings) codes.push_back(f.code);
    return codes;
  }

  std::map<std::string, std::string> values_;
  ControllerNeeds needs_;
  FakeCluster cluster_;
};

TEST_F(NeedsTest, AStreamAtRestNeedsNothing) {
  List();
  Set(kStateKey, State(StreamState::kActive));
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, RetentionBucket) {
  List();
  Set(kConfigurationKey, Vector("configuration"));
  const auto configuration = DecodeStreamConfiguration(Vector("configuration"));
  ASSERT_TRUE(configuration.ok() && configuration->retention);
  if (configuration->updating) {
    Put(RequestIndexNode("p", "1"), EncodeStreamRequest(RequestType::kUpdateStream, "s", "x"));
  }
  EXPECT_THAT(Codes(), ElementsAre("retention-bucket-missing"));
  Put(RetentionNode("s", "x", 3));
  needs_.streams.clear();
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, UnfinishedOperation) {
  List();
  Set(kStateKey, State(StreamState::kSealing));
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
  Put(RequestIndexNode("p", "1"), EncodeStreamRequest(RequestType::kSealStream, "s", "other"));
  needs_.streams.clear();
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
  Put(RequestIndexNode("p", "2"), EncodeStreamRequest(RequestType::kSealStream, "s", "x"));
  needs_.streams.clear();
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, AScaleThatWasAskedFor) {
  List();
  Set(kEpochTransitionKey, Vector("epoch_transition"));
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
}

TEST_F(NeedsTest, TablesOfAnUnlistedStreamMeanNothing) {
  Set(kStateKey, State(StreamState::kSealing));
  Transaction(TransactionStatus::kOpen);
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, OpenTransaction) {
  List();
  Transaction(TransactionStatus::kOpen);
  EXPECT_THAT(Codes(), ElementsAre("transaction-forgotten"));
  Put(TransactionIndexNode("p", "s", "x", kTransaction), TransactionIndexData());
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, TransactionToBeCommitted) {
  List();
  Transaction(TransactionStatus::kCommitting, 5);
  Put(TransactionIndexNode("p", "s", "x", kTransaction), TransactionIndexData());
  EXPECT_THAT(Codes(), ElementsAre("transaction-forgotten", "transaction-forgotten"));
  Put(CommitOrderNode("s", "x", 5), kTransaction.Text());
  EXPECT_THAT(Codes(), ElementsAre("transaction-forgotten"));
  NoteRequest(EncodeCommitRequest("s", "x", 0), needs_);
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, NothingCanBePostedToAStreamThatIsNotThere) {
  needs_.request_streams.clear();
  List();
  Transaction(TransactionStatus::kAborting);
  Put(TransactionIndexNode("p", "s", "x", kTransaction), TransactionIndexData());
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, TransactionToBeAborted) {
  List();
  Transaction(TransactionStatus::kAborting);
  Put(TransactionIndexNode("p", "s", "x", kTransaction), TransactionIndexData());
  EXPECT_THAT(Codes(), ElementsAre("transaction-forgotten"));
  NoteRequest(EncodeAbortRequest("s", "x", kTransaction), needs_);
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, AScopeBeingDeleted) {
  NoteNeeds(kScopesTable, {{"s", IdBytes(kScope)}}, needs_);
  NoteNeeds(kDeletingScopesTable, {{"s", IdBytes(kScope)}}, needs_);
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
  Put(RequestIndexNode("p", "1"), EncodeDeleteScopeRequest("s", kScope));
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, TheMarkOfAScopeThatIsGoneBlocksItsName) {
  NoteNeeds(kScopesTable, {{"other", IdBytes(kScope)}}, needs_);
  NoteNeeds(kDeletingScopesTable, {{"s", IdBytes(kScope)}}, needs_);
  EXPECT_THAT(Codes(), ElementsAre("name-blocked"));
}

TEST_F(NeedsTest, KeyValueTables) {
  NoteNeeds(KvTablesInScopeTable("s", kScope), {{"t", IdBytes(kMember)}}, needs_);
  EXPECT_THAT(Codes(), ElementsAre("name-blocked"));
  NoteSegment("s/t_kvtable/0.#epoch.0", needs_);  // something is left of it: the name stays
  EXPECT_THAT(Codes(), IsEmpty());
  const std::string table = StreamMetadataTable("s", "t", kMember);
  NoteNeeds(table, {{"state", State(StreamState::kCreating)}, {"configuration", ""}}, needs_);
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
  NoteRequest(EncodeCreateTableRequest({"s", "t", 1, 8, 0}, kMember, 1), needs_);
  EXPECT_THAT(Codes(), IsEmpty());
  NoteNeeds(table, {{"state", State(StreamState::kActive)}}, needs_);  // 2: DELETING of a table
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
  NoteRequest(EncodeDeleteRequest(RequestType::kDeleteTable, "s", "t", kMember), needs_);
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, ReaderGroups) {
  NoteNeeds(ReaderGroupsInScopeTable("s", kScope), {{"g", IdBytes(kMember)}}, needs_);
  EXPECT_THAT(Codes(), ElementsAre("name-blocked"));
  const std::string group = ReaderGroupMetadataTable("s", "g", kMember);
  const std::string configuration = Vector("reader_group_configuration");  // being updated
  NoteNeeds(group, {{"state", State(StreamState::kCreating)}, {"configuration", configuration}},
            needs_);
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
  Put(RequestIndexNode("p", "1"), EncodeCreateReaderGroupRequest("s", "g", {}, kMember, 1));
  EXPECT_THAT(Codes(), IsEmpty());
  NoteNeeds(group, {{"state", State(StreamState::kUpdating)}}, needs_);  // 3: ACTIVE of a group
  EXPECT_THAT(Codes(), ElementsAre("workflow-forgotten"));
  Put(RequestIndexNode("p", "2"), EncodeUpdateReaderGroupRequest("s", "g", kMember, 1));
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(NeedsTest, ANodeThatIsNoRequest) {
  Put(RequestIndexNode("p", "1"), "?");
  EXPECT_THAT(Codes(), ElementsAre("request-unreadable"));
}

}  // namespace
}  // namespace pdr::verify

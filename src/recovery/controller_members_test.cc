// Scopes, streams, key-value tables and reader groups caught while they were made or deleted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "format/controller_events.h"
#include "format/table_entry.h"
#include "recovery/controller_work.h"
#include "recovery/testing/sample_cluster.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kBeingCreated = 1;
constexpr int kDeleting = 2;
constexpr int kStreamSealed = 8;
constexpr Uuid kFirst{2, 2};  // the id of the first stream, table or group
const std::string kTables = "_system/_kvTableStream/0.#epoch.0";

class MembersTest : public testing::Test {
 protected:
  ControllerWork Plan() {
    controller_.system_streams = {"_kvTableStream"};
    ControllerEvidence evidence = controller_.Evidence();
    evidence.requests = requests_;
    return PlanControllerWork(evidence, {});
  }
  static std::vector<RequestHead> Asked(const ControllerWork& work) {
    std::vector<RequestHead> heads;
    for (const NodeWrite& node : work.nodes) heads.push_back(*DecodeRequestHead(node.data));
    return heads;
  }
  static std::set<std::string> Paths(const ControllerWork& work) {
    std::set<std::string> paths;
    for (const NodeWrite& node : work.nodes) paths.insert(node.path);
    return paths;
  }
  static std::vector<RequestHead> Posted(const ControllerWork& work) {
    const auto added = work.additions.find(kTables);
    if (added == work.additions.end()) return {};
    return {*DecodeRequestHead(std::string_view(added->second.bytes).substr(8))};
  }
  static std::vector<std::string> Codes(const ControllerWork& work) {
    std::vector<std::string> codes;
    for (const Anomaly& a : work.anomalies) codes.push_back(a.subject + " " + a.code);
    return codes;
  }
  // The key that the plan removes from the table.
  static std::string Removed(const ControllerWork& work, const std::string& table) {
    const auto added = work.additions.find(table);
    if (added == work.additions.end()) return "(none)";
    EXPECT_EQ(added->second.table_entries, 1u);
    const auto entry = DecodeTableEntry(added->second.bytes);
    return entry.ok() && !entry->value ? std::string(entry->key) : "(no removal)";
  }
  void Request(const std::string& bytes) { requests_.Add("_system/_requeststream/0", bytes); }

  SampleController controller_;
  RequestEvidence requests_;
};

// More than once: the controller ends the first one too early when a table's name is still listed.
TEST_F(MembersTest, AScopeBeingDeletedIsAskedForAgain) {
  controller_.deleting_scopes["s"] = controller_.scope_id;
  const ControllerWork work = Plan();
  const RequestHead request{RequestType::kDeleteScope, "s", "", controller_.scope_id};
  EXPECT_THAT(Asked(work), ElementsAre(request, request, request));
  EXPECT_THAT(Paths(work), testing::SizeIs(3));
  EXPECT_THAT(Codes(work), ElementsAre("s workflow-unfinished"));
}

// The controller would refuse to make a scope of that name, and a stream in it.
TEST_F(MembersTest, TheMarkOfAScopeThatIsGoneIsRemoved) {
  for (const auto& [name, id] : {std::pair("gone", Uuid{4, 4}), std::pair("s", Uuid{4, 4})}) {
    controller_.deleting_scopes = {{name, id}};
    const ControllerWork work = Plan();
    EXPECT_THAT(Asked(work), IsEmpty());
    EXPECT_EQ(Removed(work, std::string(kDeletingScopesTable)), name);
    EXPECT_THAT(Codes(work), ElementsAre(std::string(name) + " name-freed"));
  }
}

// Its deletion finds groups by their streams, and then fails because the list is not empty.
TEST_F(MembersTest, AGroupWithoutAStreamDoesNotKeepItsScope) {
  controller_.deleting_scopes["s"] = controller_.scope_id;
  controller_.reader_groups["g"] = {};
  EXPECT_EQ(Removed(Plan(), ReaderGroupsInScopeTable("s", controller_.scope_id)), "g");
  controller_.streams["_RGg"];
  EXPECT_THAT(Plan().additions, IsEmpty());
}

TEST_F(MembersTest, WhatAScopeBeingDeletedLacksIsNotMissed) {
  controller_.streams["x"].state = kStreamSealed;
  controller_.kv_tables = {"t"};
  EXPECT_THAT(controller_.Evidence().ExpectedSegments(),
              ElementsAre("s/t_kvtable/0.#epoch.0", "s/x/0.#epoch.0"));
  controller_.deleting_scopes["s"] = controller_.scope_id;
  EXPECT_THAT(controller_.Evidence().ExpectedSegments(), IsEmpty());
}

TEST_F(MembersTest, WhatIsBeingMadeLacksSegments) {
  controller_.streams["x"].state = kBeingCreated;
  EXPECT_THAT(controller_.Evidence().ExpectedSegments(), IsEmpty());
}

// Deleting it again would make the controller count on a state that the first request left.
TEST_F(MembersTest, AStreamWhoseDeletionIsReadAgainIsNotMissed) {
  controller_.streams["x"].state = kStreamSealed;
  ControllerEvidence evidence = controller_.Evidence();
  EXPECT_THAT(evidence.ExpectedSegments(), ElementsAre("s/x/0.#epoch.0"));
  const int64_t created = evidence.FindStream("s", "x")->creation_time;
  evidence.requests.deleted_streams["s/x"] = {created - 1};  // an earlier one of that name
  EXPECT_THAT(evidence.ExpectedSegments(), ElementsAre("s/x/0.#epoch.0"));
  evidence.requests.deleted_streams["s/x"].insert(created);
  EXPECT_THAT(evidence.ExpectedSegments(), IsEmpty());
  requests_ = evidence.requests;
  EXPECT_THAT(Codes(Plan()), ElementsAre("s/x workflow-unfinished"));
}

TEST_F(MembersTest, AStreamOfWhichOnlyTheNameIsLeftIsListed) {
  controller_.streams["x"].recorded = false;
  EXPECT_THAT(Codes(Plan()), ElementsAre("s/x creation-unfinished"));
}

TEST_F(MembersTest, KeyValueTables) {
  SampleMember& table = controller_.unfinished_tables["t"];
  table.state = kBeingCreated;
  EXPECT_THAT(Posted(Plan()),
              ElementsAre(RequestHead{RequestType::kCreateTable, "s", "t", kFirst}));
  table.state = kDeleting;
  EXPECT_THAT(Posted(Plan()),
              ElementsAre(RequestHead{RequestType::kDeleteTable, "s", "t", kFirst}));
  table.state = 3;
  EXPECT_THAT(Plan().additions, IsEmpty());
}

// Creating it again would wait for ever: the request would name another id than the list.
TEST_F(MembersTest, TheNameOfAKeyValueTableWithoutAnyRecordIsFreed) {
  const std::string list = KvTablesInScopeTable("s", controller_.scope_id);
  for (const bool recorded : {false, true}) {
    controller_.unfinished_tables["t"] = {0, false, recorded};
    EXPECT_EQ(Removed(Plan(), list), "t");
  }
  Request(EncodeCreateTableRequest({"s", "t", 1, 8, 0}, kFirst, 1));
  EXPECT_EQ(Removed(Plan(), list), "(none)");
  // With it the list of a scope that is being deleted is never empty; the request would be refused.
  controller_.deleting_scopes["s"] = controller_.scope_id;
  EXPECT_EQ(Removed(Plan(), list), "t");
}

TEST_F(MembersTest, ReaderGroups) {
  SampleMember& group = controller_.reader_groups["g"];
  group.state = kBeingCreated;
  EXPECT_THAT(Asked(Plan()),
              ElementsAre(RequestHead{RequestType::kCreateReaderGroup, "s", "g", kFirst}));
  group.state = kDeleting;
  EXPECT_THAT(Asked(Plan()),
              ElementsAre(RequestHead{RequestType::kDeleteReaderGroup, "s", "g", kFirst}));
  group.state = 3;
  EXPECT_THAT(Asked(Plan()), IsEmpty());
}

TEST_F(MembersTest, TheNameOfAReaderGroupWithoutAnyRecordIsFreed) {
  const std::string list = ReaderGroupsInScopeTable("s", controller_.scope_id);
  controller_.reader_groups["g"] = {0, false, false};
  EXPECT_EQ(Removed(Plan(), list), "g");
  Request(EncodeCreateReaderGroupRequest("s", "g", {}, kFirst, 1));
  EXPECT_EQ(Removed(Plan(), list), "(none)");
}

TEST_F(MembersTest, RequestsThatAreReadAgainAreCounted) {
  Request(EncodeStreamRequest(RequestType::kSealStream, "s", "x"));
  EXPECT_THAT(Plan().anomalies[0].message, testing::MatchesRegex("1 request, .* bytes: 1 seal"));
  Request(EncodeStreamRequest(RequestType::kSealStream, "s", "y"));
  Request("no request");
  const ControllerWork work = Plan();
  ASSERT_THAT(Codes(work), ElementsAre("_system/_requeststream/0 requests-replayed"));
  EXPECT_EQ(work.anomalies[0].message, "3 requests, 56 bytes: 2 seal, 1 unknown");
}

// The whole recovery; the judge reads the tables and requests by itself.
class MembersRecovery : public testing::TestWithParam<Layout> {};

TEST_P(MembersRecovery, IsWrittenAndVerified) {
  SampleCluster cluster(GetParam());
  cluster.controller.system_streams = {"_kvTableStream", "_requeststream"};
  cluster.Stream(
      kTables,
      SampleEvents({EncodeDeleteRequest(RequestType::kDeleteTable, "s", "o", Uuid{8, 8})}));
  cluster.Stream("_system/_requeststream/0.#epoch.0",
                 SampleEvents({EncodeStreamRequest(RequestType::kSealStream, "s", "gone")}));
  cluster.controller.deleting_scopes["gone"] = Uuid{4, 4};
  cluster.controller.unfinished_tables = {
      {"creating", {kBeingCreated}}, {"deleting", {kDeleting}}, {"name", {0, false, false}}};
  cluster.controller.reader_groups = {
      {"creating", {kBeingCreated}}, {"deleting", {kDeleting}}, {"name", {0, false, false}}};
  cluster.Build();
  const auto planned = cluster.MakePlan();
  EXPECT_THAT(planned.Codes("_system/_requeststream/0.#epoch.0"), ElementsAre("requests-replayed"));
  EXPECT_THAT(planned.plan.controller.nodes, testing::SizeIs(2));
  cluster.ExpectRecovers();
}

INSTANTIATE_TEST_SUITE_P(Layouts, MembersRecovery,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) {
                           return layout.param == Layout::kChunked ? "Chunked" : "Rolling";
                         });

}  // namespace
}  // namespace pdr

#include "container/log_dump.h"

#include <gmock/gmock.h>

#include "format/checkpoint.h"
#include "format/data_frame.h"
#include "format/operation.h"
#include "format/testing/vectors.h"
#include "tier1/durable_log.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "type key=value ..." per row.
std::vector<std::string> Lines(const std::vector<LogRow>& rows) {
  std::vector<std::string> lines;
  for (const LogRow& row : rows) {
    std::string line = row.type;
    for (const auto& [key, value] : row.fields) {
      line += fmt::format(" {}=", key);
      if (const auto* number = std::get_if<int64_t>(&value)) line += std::to_string(*number);
      if (const auto* flag = std::get_if<bool>(&value)) line += *flag ? "true" : "false";
      if (const auto* text = std::get_if<std::string>(&value)) line += *text;
    }
    lines.push_back(line);
  }
  return lines;
}

constexpr const char* kPath = "/pravega/pravega-cluster/segmentstore/containers/3/0/3";

std::string Frame(int64_t sequence_number, const OperationBody& body) {
  return BuildDataFrames({EncodeOperation({sequence_number, body})})[0];
}

TEST(LogDumpTest, ShowsALog) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  CheckpointSegment segment;
  segment.segment_id = 1;
  segment.name = "s";
  segment.length = 9;
  segment.storage_length = 8;
  segment.attributes = {{kEventCount, 4}};
  DurableLog log(tier1, 3);
  const int64_t id = *log.WriteLedger(
      {Frame(10, MetadataCheckpointOperation{EncodeMetadataCheckpoint({3, {segment}})}),
       Frame(11, AppendOperation{1, 9, "abc", {{kEventCount, 1, 5, 0}}, {{"\x01", 1, 7}}})},
      "run");
  ASSERT_TRUE(log.Reserve({true, 4, {0, 0}, {{id, 1, LedgerStatus::kUnknown}}}).ok());
  auto rows = DumpLog(tier1, 3);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(
      Lines(*rows),
      ElementsAre(
          fmt::format("log container=3 path={} exists=true version=0 enabled=true epoch=4 "
                      "truncation_ledger=0 truncation_sequence=0 truncation_entry=0 ledgers=1",
                      kPath),
          "ledger ledger=0 sequence=1 status=Unknown last_entry=1 BookKeeperLogId=3 "
          "PravegaDrRun=run application=Pravega",
          HasSubstr("frame ledger=0 sequence=1 entry=0 length="),
          HasSubstr("operation sequence_number=10 name=MetadataCheckpoint length="),
          "segment segment_id=1 segment=s start_offset=0 length=9 storage_length=8 merged=false "
          "sealed=false sealed_in_storage=false deleted=false deleted_in_storage=false "
          "last_modified=0 attributes=core:1=4",
          HasSubstr("frame ledger=0 sequence=1 entry=1 length="),
          "operation sequence_number=11 name=Append segment_id=1 offset=9 length=3 "
          "attributes=core:1=5,01=7",
          "verdict accepted=true operations=2 last_sequence_number=11 segments=1"));
}

TEST(LogDumpTest, ShowsThatThereIsNoLog) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  EXPECT_THAT(Lines(*DumpLog(tier1, 3)),
              ElementsAre(fmt::format("log container=3 path={} exists=false", kPath)));
}

TEST(LogDumpTest, ShowsARecordThatDoesNotParse) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  ASSERT_TRUE(tier1.metadata->Create(kPath, "garbage", false).ok());
  EXPECT_THAT(Lines(*DumpLog(tier1, 3)), ElementsAre(HasSubstr("error message=")));
}

TEST(LogDumpTest, ShowsAMissingLedger) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  ASSERT_TRUE(
      DurableLog(tier1, 3).Reserve({true, 4, {0, 0}, {{8, 1, LedgerStatus::kUnknown}}}).ok());
  EXPECT_THAT(Lines(*DumpLog(tier1, 3)),
              ElementsAre(HasSubstr("log "), "ledger ledger=8 sequence=1 status=Unknown",
                          HasSubstr("error message=no ledger 8"),
                          HasSubstr("error message=log 3: no ledger 8"),
                          HasSubstr("verdict accepted=false violation=")));
}

// All the logs of the vectors: the verdict is what production did.
TEST(LogDumpTest, VerdictsAreProductions) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  for (const Json& vector : vectors["handWrittenLogs"]) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    FakeCluster cluster;
    Tier1 tier1 = cluster.Open();
    LogMetadata metadata{true, 1, {0, 0}, {}};
    DurableLog log(tier1, 0);
    for (const Json& ledger : vector["ledgers"]) {
      std::vector<std::string> frames;
      for (const Json& frame : ledger) frames.push_back(FromHex(frame));
      const int64_t id = *log.WriteLedger(frames, "run");
      metadata.ledgers.push_back({id, static_cast<uint32_t>(id + 1), LedgerStatus::kUnknown});
    }
    ASSERT_TRUE(log.Reserve(metadata).ok());
    auto rows = DumpLog(tier1, 0);
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->back().type, "verdict");
    EXPECT_EQ(std::get<bool>(rows->back().fields.at(0).second), vector["accepted"].get<bool>());
  }
}

}  // namespace
}  // namespace pdr

// Whole trees written by a real 0.13.0 store, judged against a checkpoint that maps their metadata.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/bytes.h"
#include "format/checkpoint.h"
#include "format/data_frame.h"
#include "format/log_metadata.h"
#include "format/names.h"
#include "format/operation.h"
#include "format/testing/vectors.h"
#include "tier1/testing/fake_tier1.h"
#include "tier2/testing/memory_disk.h"
#include "verify/verify.h"

namespace pdr {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// The tree is as a flush left it, not as a recovery does: old ids and attribute 8 are still there.
StatusOr<VerifyReport> JudgeSample(const std::string& name, uint64_t epoch) {
  const Json sample = LoadVectors(name);
  MemoryDisk disk;
  for (const auto& [path, file] : sample["files"].items()) disk.Put(path, FromHex(file["hex"]));
  int64_t length = 0;
  for (const Json& s : sample["systemSegments"]) {
    if (s["name"] == MetadataSegmentName(0)) length = s["length"];
  }
  CheckpointSegment s;
  s.segment_id = 1;
  s.name = MetadataSegmentName(0);
  s.length = s.storage_length = length;
  s.attributes = {{kSegmentType, kTypeSystemTable},
                  {kIndexOffset, length},
                  {kSnapshotId, sample["snapshotInfo"]["snapshotId"]},
                  {kSnapshotEpoch, sample["snapshotInfo"]["epoch"]}};
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  cluster.ledgers[0].entries = BuildDataFrames(
      {EncodeOperation({10, MetadataCheckpointOperation{EncodeMetadataCheckpoint({0, {s}})}})});
  cluster.ledgers[0].acknowledged = 0;
  cluster.ledgers[0].closed = true;
  LogMetadata log;
  log.enabled = true;
  log.epoch = epoch;
  log.ledgers = {{0, 1, LedgerStatus::kUnknown}};
  cluster.nodes[tier1.config.LogMetadataRoot() + "/0/0/0"].node.data = EncodeLogMetadata(log);
  ByteWriter counter;
  counter.I32(0).I64(10000);
  cluster.nodes[tier1.config.Namespace() + "/counter"].node.data = counter.Take();
  return VerifyCluster(disk, tier1, {.layout = Layout::kChunked, .container_count = 1},
                       Progress::Silent());
}

// Everything but what only a recovery would have cleared.
std::vector<std::string> LagsOf(const VerifyReport& report) {
  std::vector<std::string> result;
  for (const Finding& f : report.findings) {
    if (f.code == "segment-id-kept" || f.code == "persist-sequence-number-kept" ||
        f.code == "gc-queue-not-empty") {
      continue;
    }
    result.push_back(f.code + " " + f.segment);
  }
  return result;
}

TEST(Sample, FlushedTreeAgreesWithItself) {
  StatusOr<VerifyReport> report = JudgeSample("lts_sample_epoch1.json", 1);
  ASSERT_TRUE(report.ok()) << Message(report.status());
  EXPECT_THAT(LagsOf(*report), UnorderedElementsAre());
  EXPECT_EQ(report->containers, 1u);
  EXPECT_EQ(report->segments, 9u);
  EXPECT_EQ(report->table_segments, 4u);
  EXPECT_EQ(report->table_keys, 9u + 26u + 1u + 1u);
}

// The record of the storage metadata table lags behind the table, as it does after every flush;
// what was written since is out of sight, and the index knows of it.
TEST(Sample, TreeAfterARestartLagsWhereItsRecordDoes) {
  StatusOr<VerifyReport> report = JudgeSample("lts_sample_epoch2.json", 2);
  ASSERT_TRUE(report.ok()) << Message(report.status());
  const std::string name = StorageMetadataSegmentName(0);
  std::map<std::string, int> lags;
  for (const std::string& lag : LagsOf(*report)) ++lags[lag];
  EXPECT_THAT(lags, UnorderedElementsAre(Pair("length-mismatch " + name, 1),
                                         Pair("index-offset-beyond-length " + name, 4)));
}

TEST(Sample, OldJournalsAreFoundWhenTheLogStartsAnew) {
  StatusOr<VerifyReport> report = JudgeSample("lts_sample_epoch2.json", 1);
  ASSERT_TRUE(report.ok()) << Message(report.status());
  size_t stale = 0;
  for (const Finding& f : report->findings) stale += f.code == "stale-journal";
  EXPECT_EQ(stale, 2u);  // one journal file and one snapshot of epoch 2
}

}  // namespace
}  // namespace pdr

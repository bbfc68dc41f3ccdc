// Tier-2 trees of real clusters, as a flush left them, judged against logs that map their metadata.
// What only a recovery would have changed is set apart; everything else has to agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/bytes.h"
#include "format/btree.h"
#include "format/checkpoint.h"
#include "format/data_frame.h"
#include "format/log_metadata.h"
#include "format/names.h"
#include "format/operation.h"
#include "tier1/testing/fake_tier1.h"
#include "tier2/testing/memory_disk.h"
#include "tier2/testing/tar_fixture.h"
#include "verify/journal_boot.h"
#include "verify/rolling_segments.h"
#include "verify/verify.h"

namespace pdr {
namespace {

constexpr int kContainers = 4;
constexpr uint64_t kEpoch = 1000;  // above all epochs of the fixtures

struct Boot {
  uint64_t length = 0;  // of metadata_C
  Attributes pointer;   // of the snapshot
};

Boot RollingBoot(const Disk& disk, const verify::DiskNames& names, int container,
                 verify::Findings& findings) {
  verify::ChunkOwners owners;
  const std::vector<std::string> segments = {MetadataSegmentName(container)};
  auto stored = verify::OpenRolling(verify::SeenFiles(disk, names, /*changing=*/false), segments, 1,
                                    owners, findings);
  EXPECT_TRUE(stored.ok() && stored->contains(segments[0]));
  return {stored->at(segments[0]).length, {}};
}

Boot ChunkedBoot(const Disk& disk, int container, const verify::JournalNames& names,
                 verify::Findings& findings) {
  const auto [epoch, id] = *names.snapshots.rbegin();
  auto booted =
      verify::BootSystemSegments(disk, names, verify::SnapshotPointer{id, epoch}, kEpoch, findings);
  EXPECT_TRUE(booted.ok() && booted->has_value());
  const auto& metadata = (*booted)->at(MetadataSegmentName(container)).metadata;
  return {metadata.length,
          {{kSnapshotId, static_cast<int64_t>(id)}, {kSnapshotEpoch, static_cast<int64_t>(epoch)}}};
}

void WriteLog(FakeCluster& cluster, const Tier1Config& config, int container, const Boot& boot) {
  CheckpointSegment s;
  s.segment_id = 1;
  s.name = MetadataSegmentName(container);
  s.length = s.storage_length = static_cast<int64_t>(boot.length);
  s.attributes = boot.pointer;
  s.attributes[kSegmentType] = kTypeSystemTable;
  s.attributes[kIndexOffset] = s.length;
  FakeCluster::FakeLedger& ledger = cluster.ledgers[container];
  ledger.entries = BuildDataFrames({EncodeOperation(
      {1, MetadataCheckpointOperation{EncodeMetadataCheckpoint({container, {s}})}})});
  ledger.acknowledged = 0;
  ledger.closed = true;
  LogMetadata log;
  log.enabled = true;
  log.epoch = kEpoch;
  log.ledgers = {{container, 1, LedgerStatus::kUnknown}};
  const std::string path =
      config.LogMetadataRoot() + LogMetadataPath(container, config.zk_metadata_depth);
  cluster.nodes[path].node.data = EncodeLogMetadata(log);
}

VerifyReport JudgeFixture(const std::string& name, Layout layout) {
  MemoryDisk disk;
  Status loaded = LoadFixture("testdata", name, disk);
  EXPECT_TRUE(loaded.ok()) << Message(loaded);
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  auto names = verify::WalkNames(disk, layout, kContainers);
  EXPECT_TRUE(names.ok());
  for (int c = 0; c < kContainers; ++c) {
    VerifyReport ignored;
    verify::Findings findings(ignored, c);
    const auto& journals = names->containers[static_cast<size_t>(c)].journals;
    WriteLog(cluster, tier1.config, c,
             layout == Layout::kRolling ? RollingBoot(disk, *names, c, findings)
                                        : ChunkedBoot(disk, c, journals, findings));
  }
  VerifyOptions options{.layout = layout, .container_count = kContainers, .threads = 2};
  StatusOr<VerifyReport> report = VerifyCluster(disk, tier1, options, Progress::Silent());
  EXPECT_TRUE(report.ok()) << Message(report.status());
  return report.ok() ? std::move(report).value() : VerifyReport();
}

// What a flushed cluster keeps and a recovery clears.
const std::set<std::string>& OnlyOldState() {
  static const std::set<std::string> codes = {"segment-id-kept", "persist-sequence-number-kept",
                                              "gc-queue-not-empty", "transaction-counter-missing",
                                              "controller-readers-assigned"};
  return codes;
}

std::map<std::string, int> Others(const VerifyReport& report) {
  std::map<std::string, int> result;
  for (const Finding& f : report.findings) {
    if (!OnlyOldState().contains(f.code)) ++result[f.code + " " + f.segment + ": " + f.message];
  }
  return result;
}

TEST(Fixture, RollingFlushedAgrees) {
  VerifyReport report = JudgeFixture("rolling-flushed", Layout::kRolling);
  EXPECT_THAT(Others(report), testing::IsEmpty());
  EXPECT_EQ(report.containers, 4u);
  EXPECT_GT(report.segments, 330u);
  EXPECT_THAT(report.notes, testing::IsEmpty());
}

TEST(Fixture, ChunkedFlushedAgrees) {
  VerifyReport report = JudgeFixture("chunked-flushed", Layout::kChunked);
  EXPECT_THAT(Others(report), testing::IsEmpty());
  EXPECT_EQ(report.containers, 4u);
  EXPECT_GT(report.segments, 330u);
}

}  // namespace
}  // namespace pdr

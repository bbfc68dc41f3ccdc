// One test per finding that shows in the same way in both layouts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/table_entry.h"
#include "verify/testing/judged_cluster.h"

namespace pdr {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class VerifyTest : public JudgedCluster {};

INSTANTIATE_TEST_SUITE_P(Layouts, VerifyTest, ::testing::Values(Layout::kRolling, Layout::kChunked),
                         LayoutLabel());

TEST_P(VerifyTest, RecoveredClusterHasNoFindings) {
  cluster_.Build();
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(CodesOf(report.findings), IsEmpty());
  EXPECT_THAT(CodesOf(report.notes), IsEmpty());
  const bool chunked = GetParam() == Layout::kChunked;
  EXPECT_EQ(report.containers, 1u);
  EXPECT_EQ(report.containers_written, 0u);
  EXPECT_EQ(report.segments, chunked ? 9u : 8u);  // metadata, chunked also storage metadata
  EXPECT_EQ(report.table_segments, chunked ? 4u : 3u);
  EXPECT_GT(report.table_keys, 10u);
  EXPECT_GT(report.chunks, 8u);
}

TEST_P(VerifyTest, LogMetadataMissing) {
  cluster_.Build();
  cluster_.tier1.nodes.erase(cluster_.NodePath());
  EXPECT_THAT(cluster_.Codes(), ElementsAre("log-metadata-missing"));
}

TEST_P(VerifyTest, LogMetadataUnreadable) {
  cluster_.Build();
  cluster_.tier1.nodes[cluster_.NodePath()].node.data = "\x01 no";
  EXPECT_THAT(cluster_.Codes(), ElementsAre("log-metadata-unreadable"));
}

TEST_P(VerifyTest, LogMetadataWithLedgersOutOfOrder) {
  cluster_.log.ledgers.push_back({3, 2, LedgerStatus::kUnknown});
  EXPECT_THAT(Judge(), ElementsAre("log-metadata-unreadable"));
}

TEST_P(VerifyTest, LogDisabledIsAFindingUnlessItIsStillToBeEnabled) {
  cluster_.log.enabled = false;
  EXPECT_THAT(Judge(), ElementsAre("log-disabled"));
  EXPECT_THAT(cluster_.Verify({.logs_still_disabled = true}).findings, IsEmpty());
}

TEST_P(VerifyTest, LogEnabledEarly) {
  cluster_.Build();
  EXPECT_THAT(CodesOf(cluster_.Verify({.logs_still_disabled = true}).findings),
              ElementsAre("log-enabled-early"));
}

TEST_P(VerifyTest, LedgerUnreadable) {
  cluster_.Build();
  cluster_.tier1.ledgers.clear();
  EXPECT_THAT(cluster_.Codes(), ElementsAre("ledger-unreadable"));
}

TEST_P(VerifyTest, LedgerForeign) {
  cluster_.ledger_owner["BookKeeperLogId"] = "3";
  EXPECT_THAT(Judge(), ElementsAre("ledger-foreign"));
}

TEST_P(VerifyTest, LogCorrupt) {
  cluster_.later_operations = {{11, TruncateOperation{99, 0}}};
  EXPECT_THAT(Judge(), ElementsAre("log-corrupt"));
}

TEST_P(VerifyTest, LogOfAnotherContainer) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) { c.container = 3; };
  EXPECT_THAT(Judge(), ElementsAre("log-corrupt"));
}

TEST_P(VerifyTest, LogWithoutCheckpoint) {
  cluster_.log.truncation = {uint64_t{1} << 32, 7};  // hides the only entry
  EXPECT_THAT(Judge(), ElementsAre("log-without-checkpoint"));
}

TEST_P(VerifyTest, LogWithoutLedgers) {
  cluster_.log.ledgers.clear();
  EXPECT_THAT(Judge(), ElementsAre("log-without-checkpoint"));
}

TEST_P(VerifyTest, MetadataNotMapped) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) { c.segments.clear(); };
  EXPECT_THAT(Judge(), ElementsAre("metadata-not-mapped"));
}

TEST_P(VerifyTest, MetadataTypeWrong) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) {
    c.segments[0].attributes[kSegmentType] = kTypeTable;
  };
  EXPECT_THAT(Judge(), ElementsAre("metadata-type-wrong"));
}

TEST_P(VerifyTest, MetadataStorageLengthMismatch) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) { --c.segments[0].storage_length; };
  EXPECT_THAT(Judge(), ElementsAre("storage-length-mismatch"));
}

TEST_P(VerifyTest, MetadataLongerThanTier2) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) {
    c.segments[0].storage_length = c.segments[0].attributes[kIndexOffset] = ++c.segments[0].length;
  };
  EXPECT_THAT(Judge(), ElementsAre("length-mismatch"));
}

TEST_P(VerifyTest, MetadataIndexLacksARecord) {
  cluster_.change_metadata_index = [](std::vector<BtreeLeafEntry>& e) { e.pop_back(); };
  EXPECT_THAT(Judge(), ElementsAre("index-key-missing"));
}

TEST_P(VerifyTest, MetadataIndexLeadsElsewhere) {
  cluster_.change_metadata_index = [](std::vector<BtreeLeafEntry>& e) { e[0].value += 1; };
  EXPECT_THAT(Judge(), ElementsAre("index-key-wrong"));
}

TEST_P(VerifyTest, RecordUnreadable) {
  cluster_.change_metadata_data = [](std::string& data) {
    const size_t value = kTableEntryHeaderBytes + std::string(kGroup).size();
    data[value] = '\x7f';
  };
  EXPECT_THAT(Judge(), ElementsAre("record-unreadable"));
}

TEST_P(VerifyTest, RecordOfAnotherName) {
  At(kEmpty).record.name = "s/other/0.#epoch.0";
  EXPECT_THAT(Judge(), ElementsAre("record-unreadable"));
}

TEST_P(VerifyTest, RegisteredShorterThanTier2) {
  --At(kStream).record.length;
  EXPECT_THAT(Judge(), ElementsAre("length-mismatch"));
}

TEST_P(VerifyTest, RegisteredLongerThanTier2) {
  ++At(kStream).record.length;
  EXPECT_THAT(Judge(), ElementsAre("length-mismatch"));
}

TEST_P(VerifyTest, RegisteredWithBytesThatAreNowhere) {
  At(kEmpty).record.length = 5;
  EXPECT_THAT(Judge(), ElementsAre("length-mismatch"));
}

TEST_P(VerifyTest, SealedInStorage) {
  At(kSealed).record.sealed = false;
  EXPECT_THAT(Judge(), ElementsAre("sealed-in-storage"));
}

TEST_P(VerifyTest, UnsealedInStorage) {
  At(kStream).record.sealed = true;
  EXPECT_THAT(Judge(), ElementsAre("unsealed-in-storage"));
}

TEST_P(VerifyTest, EmptySegmentMayBeRegisteredSealed) {
  At(kEmpty).record.sealed = true;
  EXPECT_THAT(Judge(), IsEmpty());
}

TEST_P(VerifyTest, StartOffsetBeyondLength) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) {
    CheckpointSegment s;
    s.segment_id = 11;
    s.name = kEmpty;
    s.start_offset = 1;
    c.segments.push_back(s);
  };
  EXPECT_THAT(Judge(), ElementsAre("start-offset-beyond-length"));
}

TEST_P(VerifyTest, RecordThatStartsBeyondItsLength) {
  At(kEmpty).record.start_offset = 1;
  EXPECT_THAT(Judge(), ElementsAre("record-unreadable"));
}

TEST_P(VerifyTest, SegmentIdKept) {
  At(kStream).record.segment_id = 12;
  EXPECT_THAT(Judge(), ElementsAre("segment-id-kept"));
}

TEST_P(VerifyTest, PersistSequenceNumberKept) {
  At(kStream).record.attributes[kPersistSequenceNumber] = 77;
  EXPECT_THAT(Judge(), ElementsAre("persist-sequence-number-kept"));
}

TEST_P(VerifyTest, TransientRegistered) {
  cluster_.Add(
      std::string(kStream) + "#transient." + std::string(32, '0') + "." + std::string(32, '1'), "",
      {});
  EXPECT_THAT(Judge(), ElementsAre("transient-registered"));
}

TEST_P(VerifyTest, GcQueueNotEmpty) {
  cluster_.Add("_system/containers/event_processor_GC.queue.0_0", "tasks", {{kSegmentType, 0x70}});
  EXPECT_THAT(Judge(), ElementsAre("gc-queue-not-empty"));
}

TEST_P(VerifyTest, WrongContainer) {
  cluster_.Build();
  VerifyReport report = cluster_.Verify({.container_count = 4});
  size_t wrong = 0;
  for (const Finding& f : report.findings) wrong += f.code == "wrong-container";
  EXPECT_GT(wrong, 0u);
  EXPECT_THAT(CodesOf(report.findings), Contains("log-metadata-missing").Times(3));
}

TEST_P(VerifyTest, UnregisteredData) {
  At(kSealed).registered = false;
  EXPECT_THAT(Judge(), ElementsAre("unregistered-data"));
}

TEST_P(VerifyTest, UnregisteredAttributeIndex) {
  At(kStream).registered = false;
  At(kStream).data.clear();
  EXPECT_THAT(Judge(), ElementsAre("unregistered-data"));
}

TEST_P(VerifyTest, TransactionCounterMissing) {
  cluster_.Build();
  cluster_.tier1.nodes.erase(cluster_.CounterPath());
  EXPECT_THAT(cluster_.Codes(), ElementsAre("transaction-counter-missing"));
}

TEST_P(VerifyTest, TransactionCounterLow) {
  cluster_.Build();
  ByteWriter low;
  low.I32(0).I64(6);
  cluster_.tier1.nodes[cluster_.CounterPath()].node.data = low.Take();
  EXPECT_THAT(cluster_.Codes(), ElementsAre("transaction-counter-low"));
}

TEST_P(VerifyTest, ControllerReadersAssigned) {
  cluster_.Add(kGroup, "state of the group", {{kSegmentType, 0}});
  EXPECT_THAT(Judge(), ElementsAre("controller-readers-assigned"));
  const std::string root = Tier1Config().Namespace() + "/eventProcessors";
  for (const std::string path : {"", "/old", "/old/scaleGroup"}) {
    cluster_.tier1.nodes[root + path] = {};
  }
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_P(VerifyTest, ControllerReaderGroupMayBeTruncated) {
  cluster_.Add(kGroup, "state of the group", {{kSegmentType, 0}}).record.start_offset = 18;
  EXPECT_THAT(Judge(), IsEmpty());
}

TEST_P(VerifyTest, UnreachableTier1IsAnErrorAndNoFinding) {
  cluster_.Build();
  cluster_.disk.FailReads("s", Unavailable("disk is gone"));
  Tier1 tier1 = cluster_.tier1.Open();
  VerifyOptions options{.layout = GetParam(), .container_count = 1};
  EXPECT_EQ(VerifyCluster(cluster_.disk, tier1, options, Progress::Silent()).status().code(),
            StatusCode::kUnavailable);
}

// Production has gone on writing: Tier-1 may be ahead, but only where its log says so.
TEST_P(VerifyTest, WrittenContainerMayBeAheadOfTier2) {
  SegmentInfo fresh;
  fresh.name = "s/new/0.#epoch.0";
  std::string entry;
  AppendTableEntry(entry, fresh.name, EncodeSegmentInfo(fresh));
  int64_t length = 0;
  cluster_.change_checkpoint = [&](MetadataCheckpoint& c) { length = c.segments[0].length; };
  cluster_.Build();  // once, to learn the length
  cluster_.later_operations = {
      {11, AppendOperation{1, length, entry, {}, {}}},
      {12, MapOperation{11, kStream, 0, 100, false, {{kSegmentType, 0}}, false}},
      {13, AppendOperation{11, 100, "more", {}, {}}},
      {14, SealOperation{11, 104}}};
  cluster_.Build();
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(CodesOf(report.findings), IsEmpty());
  EXPECT_EQ(report.containers_written, 1u);
}

TEST_P(VerifyTest, WrittenContainerIsComparedExactlyWhereTheLogIsSilent) {
  cluster_.later_operations = {
      {12, MapOperation{11, kStream, 0, 100, false, {{kSegmentType, 0}}, false}}};
  ++At(kSealed).record.length;
  EXPECT_THAT(Judge(), ElementsAre("length-mismatch"));
}

TEST_P(VerifyTest, WrittenContainerMustNotBeBehindTier2) {
  cluster_.later_operations = {
      {12, MapOperation{11, kStream, 0, 99, false, {{kSegmentType, 0}}, false}}};
  EXPECT_THAT(Judge(), ElementsAre("length-mismatch"));
}

}  // namespace
}  // namespace pdr

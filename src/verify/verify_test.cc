// One test per finding: a recovered cluster, one thing wrong, exactly that finding.
#include "verify/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/names.h"
#include "format/rolling_header.h"
#include "format/table_entry.h"
#include "verify/testing/small_cluster.h"

namespace pdr {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kStream[] = "s/stream/0.#epoch.0";
constexpr char kSealed[] = "s/stream/1.#epoch.0";
constexpr char kEmpty[] = "s/empty/0.#epoch.0";
constexpr char kTable[] = "_system/_tables/t";
constexpr char kFixed[] = "s/kvt_kvtable/0.#epoch.0";
constexpr char kGroup[] = "_system/_RGscaleGroup/0.#epoch.0";

std::vector<std::string> CodesOf(const std::vector<Finding>& findings) {
  std::vector<std::string> codes;
  for (const Finding& f : findings) codes.push_back(f.code);
  return codes;
}

std::string LastChunkOf(const std::string& segment, uint64_t offset) {
  return ChunkName(segment, 3, offset, NameUuid(segment));
}

SegmentMetadata& SegmentIn(std::map<std::string, TransactionData>& storage,
                           const std::string& name) {
  return std::get<SegmentMetadata>(*storage.at(name).value);
}
ChunkMetadata& ChunkIn(std::map<std::string, TransactionData>& storage, const std::string& name) {
  return std::get<ChunkMetadata>(*storage.at(name).value);
}

// Damage that shows in the same way in both layouts.
class VerifyTest : public ::testing::TestWithParam<Layout> {
 protected:
  TestSegment& At(const char* name) { return cluster_.segments.at(name); }
  std::vector<std::string> Judge() {
    cluster_.Build();
    return cluster_.Codes();
  }
  SmallCluster cluster_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Layouts, VerifyTest, ::testing::Values(Layout::kRolling, Layout::kChunked),
                         [](const auto& param) {
                           return param.param == Layout::kRolling ? "Rolling" : "Chunked";
                         });

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

TEST_P(VerifyTest, StreamIndexUnreadable) {
  At(kStream).index->back() ^= 1;
  EXPECT_THAT(Judge(), ElementsAre("index-unreadable"));
}

TEST_P(VerifyTest, IndexOffsetMismatch) {
  At(kTable).record.attributes[kIndexOffset] -= 5;
  EXPECT_THAT(Judge(), ElementsAre("index-offset-mismatch"));
}

TEST_P(VerifyTest, IndexOffsetBeyondLength) {
  std::vector<BtreeLeafEntry> entries = HashIndexOf(At(kTable).data);
  entries[0].value = 5000;
  At(kTable).index = BulkLoadBtree(entries, {});
  EXPECT_THAT(Judge(), ElementsAre("index-offset-beyond-length"));
}

TEST_P(VerifyTest, IndexKeyMissing) {
  At(kTable).index.reset();
  EXPECT_THAT(Judge(), ElementsAre("index-key-missing", "index-key-missing"));  // keys a and c
}

TEST_P(VerifyTest, IndexLeadsToTheOverwrittenEntry) {
  std::vector<BtreeLeafEntry> entries = HashIndexOf(At(kTable).data);
  for (BtreeLeafEntry& e : entries) {
    if (e.key == BtreeKey(TableKeyHash("a"))) e.value = 0;
  }
  At(kTable).index = BulkLoadBtree(entries, {});
  EXPECT_THAT(Judge(), ElementsAre("index-key-wrong"));
}

TEST_P(VerifyTest, IndexHoldsARemovedKey) {
  std::vector<BtreeLeafEntry> entries = HashIndexOf(At(kTable).data);
  entries.push_back({BtreeKey(TableKeyHash("b")), 19});
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  At(kTable).index = BulkLoadBtree(entries, {});
  EXPECT_THAT(Judge(), ElementsAre("index-key-extra"));
}

TEST_P(VerifyTest, ManyMissingKeysAreSummarized) {
  std::vector<std::pair<std::string, std::optional<std::string>>> puts;
  for (int i = 0; i < 25; ++i) puts.emplace_back(fmt::format("key{}", i), "v");
  const std::string data = TableData(puts);
  cluster_.Add("_system/_tables/u", data, TableAttributes(data, kTypeTable));
  cluster_.Build();
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(CodesOf(report.findings), Each(std::string("index-key-missing")));
  ASSERT_THAT(report.findings, SizeIs(11));
  EXPECT_EQ(report.findings.back().message, "and 15 more of these");
}

TEST_P(VerifyTest, CompactedCopyWithExplicitVersionWins) {
  std::string data = TableData({{"a", "old"}, {"b", "1"}});
  const int64_t copy = static_cast<int64_t>(data.size());
  AppendTableEntry(data, "a", "old", 0);
  TestSegment& t = cluster_.Add("_system/_tables/u", data, TableAttributes(data, kTypeTable));
  t.index = BulkLoadBtree(HashIndexOf(data), {});
  EXPECT_THAT(Judge(), IsEmpty());
  std::vector<BtreeLeafEntry> entries = HashIndexOf(data);
  for (BtreeLeafEntry& e : entries) {
    if (e.value == copy) e.value = 0;
  }
  SmallCluster stale(GetParam());
  stale.Add("_system/_tables/u", data, TableAttributes(data, kTypeTable)).index =
      BulkLoadBtree(entries, {});
  stale.Build();
  EXPECT_THAT(stale.Codes(), ElementsAre("index-key-wrong"));
}

TEST_P(VerifyTest, TableTorn) {
  TestSegment& t = At(kTable);
  AppendTableEntry(t.data, "d", "5");
  t.data.pop_back();
  t.record.attributes[kIndexOffset] = t.record.length = static_cast<int64_t>(t.data.size());
  EXPECT_THAT(Judge(), ElementsAre("table-torn"));
}

TEST_P(VerifyTest, TableUnreadable) {
  TestSegment& t = At(kTable);
  t.data += std::string(40, '\xff');
  t.record.attributes[kIndexOffset] = t.record.length = static_cast<int64_t>(t.data.size());
  EXPECT_THAT(Judge(), ElementsAre("table-unreadable"));
}

TEST_P(VerifyTest, CompactionOffsetInvalid) {
  At(kTable).record.attributes[kCompactionOffset] = 7;
  EXPECT_THAT(Judge(), ElementsAre("compaction-offset-invalid"));
}

TEST_P(VerifyTest, KeyLengthMissing) {
  At(kFixed).record.attributes.erase(kAttributeIdLength);
  EXPECT_THAT(Judge(), ElementsAre("key-length-missing"));
}

TEST_P(VerifyTest, KeyLengthWrong) {
  const std::string data = TableData({{"aaaaa", "1"}});
  At(kFixed).data = data;
  At(kFixed).record.length = static_cast<int64_t>(data.size());
  At(kFixed).index.reset();
  EXPECT_THAT(Judge(), ElementsAre("key-length-wrong"));
}

class FixedKeyIndexTest : public VerifyTest {
 protected:
  void Index(const std::vector<BtreeLeafEntry>& entries) {
    BtreeOptions options;
    options.key_length = 4;
    options.statistics = true;
    At(kFixed).index = BulkLoadBtree(entries, options);
  }
};

INSTANTIATE_TEST_SUITE_P(Layouts, FixedKeyIndexTest,
                         ::testing::Values(Layout::kRolling, Layout::kChunked));

TEST_P(FixedKeyIndexTest, RemovedKeyMayBeAbsent) {
  Index({{"bbbb", 22}});
  EXPECT_THAT(Judge(), IsEmpty());
}

TEST_P(FixedKeyIndexTest, OffsetBeyondLength) {
  Index({{"aaaa", 44}, {"bbbb", 66}});
  EXPECT_THAT(Judge(), ElementsAre("index-offset-beyond-length"));
}

TEST_P(FixedKeyIndexTest, OffsetOfAnotherKey) {
  Index({{"aaaa", 44}, {"bbbb", 0}});
  EXPECT_THAT(Judge(), ElementsAre("index-key-extra"));
}

TEST_P(FixedKeyIndexTest, OffsetOfAnOlderEntry) {
  Index({{"aaaa", 0}, {"bbbb", 22}});
  EXPECT_THAT(Judge(), ElementsAre("index-key-wrong"));
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

// Whatever happens to one byte anywhere: a report, no crash, no hang.
void SurvivesDamage(Layout layout) {
  SmallCluster cluster(layout);
  cluster.Build();
  const auto files = cluster.disk.Files();
  const size_t pick = *rc::gen::inRange<size_t>(0, files.size() + 2);
  std::string bytes;
  if (pick < files.size()) {
    bytes = std::next(files.begin(), static_cast<std::ptrdiff_t>(pick))->second.bytes;
  } else if (pick == files.size()) {
    bytes = cluster.tier1.ledgers.begin()->second.entries[0];
  } else {
    bytes = cluster.tier1.nodes[cluster.NodePath()].node.data;
  }
  const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
  if (*rc::gen::arbitrary<bool>()) {
    bytes.resize(at);
  } else {
    bytes[at] = *rc::gen::arbitrary<char>();
  }
  if (pick < files.size()) {
    const auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(pick));
    cluster.disk.Put(file->first, bytes, file->second.mode);
  } else if (pick == files.size()) {
    cluster.tier1.ledgers.begin()->second.entries[0] = bytes;
  } else {
    cluster.tier1.nodes[cluster.NodePath()].node.data = bytes;
  }
  Tier1 tier1 = cluster.tier1.Open();
  VerifyOptions options{.layout = layout, .container_count = 1};
  RC_ASSERT(VerifyCluster(cluster.disk, tier1, options, Progress::Silent()).ok());
}

RC_GTEST_PROP(VerifyProperty, SurvivesDamageRolling, ()) { SurvivesDamage(Layout::kRolling); }
RC_GTEST_PROP(VerifyProperty, SurvivesDamageChunked, ()) { SurvivesDamage(Layout::kChunked); }

class ChunkedVerifyTest : public ::testing::Test {
 protected:
  std::vector<std::string> Judge() {
    cluster_.Build();
    return cluster_.Codes();
  }
  SmallCluster cluster_{Layout::kChunked};
};

TEST_F(ChunkedVerifyTest, StaleJournal) {
  cluster_.Build();
  cluster_.disk.Put(JournalName(0, 6, 1), "");
  EXPECT_THAT(cluster_.Codes(), ElementsAre("stale-journal"));
}

TEST_F(ChunkedVerifyTest, StaleSnapshot) {
  cluster_.Build();
  cluster_.disk.Put(SnapshotName(0, 9, 1), "");
  EXPECT_THAT(cluster_.Codes(), ElementsAre("stale-journal"));
}

TEST_F(ChunkedVerifyTest, SnapshotMissing) {
  cluster_.Build();
  cluster_.disk.Drop(SnapshotName(0, 5, 1));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("snapshot-unreadable"));
}

TEST_F(ChunkedVerifyTest, SnapshotPointerAbsent) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) {
    c.segments[0].attributes.erase(kSnapshotId);
  };
  // The system segments start empty, so the metadata is longer than what is in Tier-2.
  EXPECT_THAT(Judge(), Contains("length-mismatch"));
}

TEST_F(ChunkedVerifyTest, SystemJournalBroken) {
  cluster_.Build();
  cluster_.disk.Put(
      JournalName(0, 5, 1),
      EncodeJournalBatch({AppendRecord{MetadataSegmentName(0), "no such chunk", 0, 1}}));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("system-journal-broken"));
}

TEST_F(ChunkedVerifyTest, OwnerEpochTooHigh) {
  cluster_.change_storage = [](auto& s) { SegmentIn(s, kStream).owner_epoch = 7; };
  EXPECT_THAT(Judge(), ElementsAre("owner-epoch-too-high"));
}

TEST_F(ChunkedVerifyTest, StorageMetadataUnregistered) {
  cluster_.Add(StorageMetadataSegmentName(0), "", {}).registered = false;
  EXPECT_THAT(Judge(), ElementsAre("storage-metadata-unregistered"));
}

TEST_F(ChunkedVerifyTest, StorageRecordUnreadable) {
  cluster_.change_storage = [](auto& s) { s["scrap"] = {1, "another key", std::nullopt}; };
  EXPECT_THAT(Judge(), ElementsAre("storage-record-unreadable"));
}

TEST_F(ChunkedVerifyTest, SegmentInvariantBroken) {
  cluster_.change_storage = [](auto& s) { SegmentIn(s, kSealed).first_chunk_start_offset = 5; };
  EXPECT_THAT(Judge(), Contains("segment-invariant-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkRecordMissing) {
  cluster_.change_storage = [](auto& s) { s.erase(LastChunkOf(kStream, 20)); };
  EXPECT_THAT(Judge(), Each(std::string("chunk-list-broken")));
  EXPECT_THAT(cluster_.Codes(), Not(IsEmpty()));
}

TEST_F(ChunkedVerifyTest, ChunkLengthsDoNotAddUp) {
  cluster_.change_storage = [](auto& s) { --ChunkIn(s, LastChunkOf(kStream, 20)).length; };
  EXPECT_THAT(Judge(), ElementsAre("chunk-list-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkListInACircle) {
  cluster_.change_storage = [](auto& s) {
    ChunkIn(s, LastChunkOf(kStream, 20)).next_chunk = LastChunkOf(kStream, 20);
  };
  EXPECT_THAT(Judge(), ElementsAre("chunk-list-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkInactive) {
  cluster_.change_storage = [](auto& s) { ChunkIn(s, LastChunkOf(kSealed, 0)).status = 0; };
  EXPECT_THAT(Judge(), Contains("chunk-list-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkShared) {
  cluster_.Add("s/twin/0.#epoch.0", "0123456789", {{kSegmentType, 0}});
  cluster_.change_storage = [](auto& s) {
    SegmentMetadata& twin = SegmentIn(s, "s/twin/0.#epoch.0");
    twin.first_chunk = twin.last_chunk = LastChunkOf(kSealed, 0);
    s.erase(BlockName("s/twin/0.#epoch.0", 0));
  };
  EXPECT_THAT(Judge(), ElementsAre("chunk-shared"));
}

TEST_F(ChunkedVerifyTest, BlockRecordWrong) {
  cluster_.change_storage = [](auto& s) {
    std::get<ReadIndexBlockMetadata>(*s.at(BlockName(kStream, 0)).value).start_offset = 20;
  };
  EXPECT_THAT(Judge(), ElementsAre("block-record-wrong"));
}

TEST_F(ChunkedVerifyTest, ChunkMissing) {
  cluster_.Build();
  cluster_.disk.Drop(LastChunkOf(kStream, 20));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-missing"));
}

TEST_F(ChunkedVerifyTest, ChunkShort) {
  cluster_.Build();
  cluster_.disk.Put(LastChunkOf(kStream, 20), std::string(79, 'e'));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-short"));
}

TEST_F(ChunkedVerifyTest, SurplusBytesDoNotCount) {
  cluster_.Build();
  cluster_.disk.Put(LastChunkOf(kStream, 20), std::string(90, 'e'));
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_F(ChunkedVerifyTest, SystemChunkMissing) {
  cluster_.Build();
  const std::string index = AttributeIndexName(MetadataSegmentName(0));
  cluster_.disk.Drop(ChunkName(index, 5, 0, NameUuid(index)));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-missing", "index-unreadable"));
}

TEST_F(ChunkedVerifyTest, StartOffsetBelowData) {
  cluster_.change_storage = [](auto& s) { SegmentIn(s, kStream).start_offset = 10; };
  EXPECT_THAT(Judge(), ElementsAre("start-offset-below-data"));
}

TEST_F(ChunkedVerifyTest, UnreferencedChunkIsANote) {
  cluster_.Build();
  cluster_.disk.Put(ChunkName(kStream, 2, 300, NameUuid("x")), "orphan");
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(CodesOf(report.notes), ElementsAre("unreferenced-chunk"));
}

TEST_F(ChunkedVerifyTest, OwnDirectoryIsNotLookedAt) {
  cluster_.Build();
  cluster_.disk.Put(".pravega-dr/run/" + JournalName(0, 9, 1), "");
  cluster_.disk.Put(".pravega-dr/run/" + ChunkName(kStream, 2, 300, NameUuid("x")), "orphan");
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.notes, IsEmpty());
}

class RollingVerifyTest : public ::testing::Test {
 protected:
  std::vector<std::string> Judge() {
    cluster_.Build();
    return cluster_.Codes();
  }
  SmallCluster cluster_{Layout::kRolling};
};

TEST_F(RollingVerifyTest, HeaderUnreadable) {
  cluster_.Build();
  cluster_.disk.Put(HeaderName(kStream), "maxsize=1&nonsense");
  EXPECT_THAT(cluster_.Codes(), ElementsAre("header-unreadable", "length-mismatch"));
}

TEST_F(RollingVerifyTest, LastChunkMissing) {
  cluster_.Build();
  cluster_.disk.Drop(RollingChunkName(kStream, 20));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-missing", "length-mismatch"));
}

TEST_F(RollingVerifyTest, FirstChunkMissingThoughStillReadable) {
  cluster_.Build();
  cluster_.disk.Drop(RollingChunkName(kStream, 0));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("start-offset-below-data", "chunk-missing"));
}

TEST_F(RollingVerifyTest, TruncatedChunksMayBeGone) {
  cluster_.segments.at(kStream).record.start_offset = 25;
  cluster_.Build();
  cluster_.disk.Drop(RollingChunkName(kStream, 0));
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_F(RollingVerifyTest, FullChunkShort) {
  cluster_.Build();
  cluster_.disk.Put(RollingChunkName(kStream, 0), "short", 0444);
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-short"));
}

TEST_F(RollingVerifyTest, LongOrWritableFullChunksAreNotes) {
  cluster_.Build();
  cluster_.disk.Put(RollingChunkName(kStream, 0), std::string(21, 'e'), 0444);
  cluster_.disk.Put(RollingChunkName(kTable, 0), cluster_.segments.at(kTable).data.substr(0, 20),
                    0644);
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(CodesOf(report.notes), ElementsAre("chunk-not-sealed", "chunk-long"));
}

TEST_F(RollingVerifyTest, ChunkShared) {
  cluster_.Build();
  cluster_.disk.Put(HeaderName(kEmpty),
                    fmt::format("maxsize=9&0={}&", RollingChunkName(kSealed, 0)));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-shared", "length-mismatch"));
}

TEST_F(RollingVerifyTest, RootPointerInvalid) {
  cluster_.segments.at(kStream).record.attributes[kIndexRootPointer] = 5000;
  EXPECT_THAT(Judge(), ElementsAre("root-pointer-invalid"));
}

TEST_F(RollingVerifyTest, RootPointerToNoFooter) {
  cluster_.segments.at(kStream).record.attributes[kIndexRootPointer] = 3;
  EXPECT_THAT(Judge(), ElementsAre("index-unreadable"));
}

TEST_F(RollingVerifyTest, HeaderlessSegmentIsOpened) {
  cluster_.segments.at(kEmpty).record.length = 4;
  cluster_.Build();
  cluster_.disk.Put(kEmpty, "data");
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_F(RollingVerifyTest, UnreferencedChunkIsANote) {
  cluster_.Build();
  cluster_.disk.Put(RollingChunkName(kEmpty, 0), "orphan");
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(CodesOf(report.notes), ElementsAre("unreferenced-chunk"));
}

}  // namespace
}  // namespace pdr

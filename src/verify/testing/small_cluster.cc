#include "verify/testing/small_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/data_frame.h"
#include "format/names.h"
#include "format/rolling_header.h"
#include "format/table_entry.h"

namespace pdr {
namespace {

constexpr char kStream[] = "s/stream/0.#epoch.0";
constexpr int64_t kLedger = 7;

std::string FixedIndexOf(const std::string& data, size_t key_length) {
  std::map<std::string, int64_t> newest;
  for (size_t at = 0; at < data.size();) {
    TableEntry entry = *DecodeTableEntry(std::string_view(data).substr(at));
    newest[std::string(entry.key)] = static_cast<int64_t>(at);
    at += entry.size;
  }
  std::vector<BtreeLeafEntry> entries;
  for (const auto& [key, offset] : newest) entries.push_back({key, offset});
  BtreeOptions options;
  options.key_length = key_length;
  options.statistics = true;
  return BulkLoadBtree(entries, options);
}

}  // namespace

std::string TableData(const std::vector<std::pair<std::string, std::optional<std::string>>>& puts) {
  std::string data;
  for (const auto& [key, value] : puts) {
    AppendTableEntry(data, key, value);
  }
  return data;
}

std::vector<BtreeLeafEntry> HashIndexOf(const std::string& data) {
  std::map<std::string, int64_t> newest;
  for (size_t at = 0; at < data.size();) {
    TableEntry entry = *DecodeTableEntry(std::string_view(data).substr(at));
    const std::string key = BtreeKey(TableKeyHash(entry.key));
    newest.erase(key);
    if (entry.value.has_value()) newest[key] = static_cast<int64_t>(at);
    at += entry.size;
  }
  std::vector<BtreeLeafEntry> entries;
  for (const auto& [key, offset] : newest) entries.push_back({key, offset});
  return entries;
}

Attributes TableAttributes(const std::string& data, int64_t type) {
  const bool fixed = type == kTypeFixedKeyTable;
  return {{kSegmentType, type},
          {kRolloverSize, 16777216},
          {kIndexOffset, fixed ? 0 : static_cast<int64_t>(data.size())},
          {kCompactionOffset, 0},
          {kMinUtilization, 75}};
}

SmallCluster::SmallCluster(Layout l) : layout(l) {
  Add(kStream, std::string(100, 'e'), {{kSegmentType, 0}}).index =
      BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  TestSegment& sealed = Add("s/stream/1.#epoch.0", "0123456789", {{kSegmentType, 0}});
  sealed.record.sealed = sealed.sealed_in_storage = true;
  Add("s/empty/0.#epoch.0", "", {{kSegmentType, 0}});
  Add("_system/_RGscaleGroup/0.#epoch.0", "", {{kSegmentType, 0}});
  Add("s/stream/0.#epoch.0#transaction.00000000000000000000000000000007", "txn",
      {{kSegmentType, 0}});
  const std::string table =
      TableData({{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}, {"b", std::nullopt}});
  Add("_system/_tables/t", table, TableAttributes(table, kTypeTable)).index =
      BulkLoadBtree(HashIndexOf(table), {});
  const std::string fixed = TableData({{"aaaa", "1"}, {"bbbb", "2"}, {"aaaa", "3"}});
  TestSegment& kvt =
      Add("s/kvt_kvtable/0.#epoch.0", fixed, TableAttributes(fixed, kTypeFixedKeyTable));
  kvt.record.attributes[kAttributeIdLength] = 4;
  kvt.index = FixedIndexOf(fixed, 4);
  log.enabled = true;
  log.epoch = epoch;
  log.ledgers = {{kLedger, 1, LedgerStatus::kUnknown}};
  ledger_owner = {{"application", "Pravega"}, {"BookKeeperLogId", "0"}};
}

TestSegment& SmallCluster::Add(const std::string& name, std::string data, Attributes attributes) {
  TestSegment& segment = segments[name];
  segment.record.name = name;
  segment.record.length = static_cast<int64_t>(data.size());
  segment.record.attributes = std::move(attributes);
  segment.data = std::move(data);
  return segment;
}

std::string SmallCluster::NodePath() const {
  const Tier1Config config;
  return config.LogMetadataRoot() + LogMetadataPath(0, config.zk_metadata_depth);
}

std::string SmallCluster::CounterPath() const { return Tier1Config().Namespace() + "/counter"; }

// Two chunks for what is long enough, so that lists and headers have something in them.
void SmallCluster::Store(const std::string& name, const std::string& data, bool sealed,
                         std::map<std::string, TransactionData>& storage) {
  const size_t cut = data.size() >= 50 && !IsAttributeIndex(name) ? 20 : 0;
  if (layout == Layout::kRolling) {
    RollingHeader header;
    if (cut > 0) {
      header.chunks.push_back({0, RollingChunkName(name, 0)});
      disk.Put(header.chunks[0].name, data.substr(0, cut), 0444);
    }
    header.chunks.push_back({cut, RollingChunkName(name, cut)});
    disk.Put(header.chunks.back().name, data.substr(cut), sealed ? 0444 : 0644);
    disk.Put(HeaderName(name), EncodeRollingHeader(header), sealed ? 0444 : 0644);
    return;
  }
  const std::string last = ChunkName(name, 3, cut, NameUuid(name));
  const std::string first = cut > 0 ? ChunkName(name, 2, 0, NameUuid(name)) : last;
  SegmentMetadata m;
  m.name = name;
  m.length = data.size();
  m.chunk_count = cut > 0 ? 2 : 1;
  m.status = kStatusActive | kStatusAtomicWrites | (sealed ? kStatusSealed : 0);
  m.max_rolling_length = 1000;
  m.first_chunk = first;
  m.last_chunk = last;
  m.last_chunk_start_offset = cut;
  m.owner_epoch = 3;
  storage[name] = {1, name, m};
  storage[last] = {1, last, ChunkMetadata{last, data.size() - cut, "", kStatusActive}};
  disk.Put(last, data.substr(cut));
  const std::string block = BlockName(name, 0);
  storage[block] = {1, block, ReadIndexBlockMetadata{block, first, 0, kStatusActive}};
  if (cut == 0) return;
  storage[first] = {1, first, ChunkMetadata{first, cut, last, kStatusActive}};
  disk.Put(first, data.substr(0, cut));
}

SegmentSnapshot SmallCluster::SystemFile(const std::string& name, const std::string& data) {
  SegmentSnapshot s;
  const std::string chunk = ChunkName(name, epoch, 0, NameUuid(name));
  s.segment.name = name;
  s.segment.length = data.size();
  s.segment.chunk_count = 1;
  s.segment.status = 0x1d;
  s.segment.max_rolling_length = 134217728;
  s.segment.first_chunk = s.segment.last_chunk = chunk;
  s.segment.owner_epoch = epoch;
  s.chunks = {{chunk, data.size(), "", kStatusActive}};
  disk.Put(chunk, data);
  return s;
}

void SmallCluster::BuildTier1(const std::string& metadata, size_t index_bytes) {
  CheckpointSegment s;
  s.segment_id = 1;
  s.name = MetadataSegmentName(0);
  s.length = s.storage_length = static_cast<int64_t>(metadata.size());
  s.attributes = TableAttributes(metadata, kTypeSystemTable);
  if (layout == Layout::kChunked) {
    s.attributes[kSnapshotId] = 1;
    s.attributes[kSnapshotEpoch] = static_cast<int64_t>(epoch);
  } else {
    s.attributes[kIndexRootPointer] = static_cast<int64_t>(index_bytes - kBtreeFooterBytes);
  }
  MetadataCheckpoint checkpoint{0, {s}};
  change_checkpoint(checkpoint);
  std::vector<std::string> records = {
      EncodeOperation({10, MetadataCheckpointOperation{EncodeMetadataCheckpoint(checkpoint)}})};
  for (const Operation& op : later_operations) records.push_back(EncodeOperation(op));
  FakeCluster::FakeLedger& ledger = tier1.ledgers[kLedger];
  ledger.custom_metadata = ledger_owner;
  ledger.entries = BuildDataFrames(records);
  ledger.acknowledged = static_cast<int64_t>(ledger.entries.size()) - 1;
  ledger.closed = true;
  tier1.nodes[NodePath()].node.data = EncodeLogMetadata(log);
  ByteWriter counter;
  counter.I32(0).I64(10000);
  tier1.nodes[CounterPath()].node.data = counter.Take();
}

void SmallCluster::Build() {
  std::map<std::string, TransactionData> storage;
  std::string metadata;
  for (const auto& [name, segment] : segments) {
    if (segment.registered) AppendTableEntry(metadata, name, EncodeSegmentInfo(segment.record));
    if (!segment.data.empty()) Store(name, segment.data, segment.sealed_in_storage, storage);
    if (segment.index.has_value()) Store(AttributeIndexName(name), *segment.index, false, storage);
  }
  SystemSnapshot snapshot{epoch, 0, {}};
  if (layout == Layout::kChunked) {
    change_storage(storage);
    std::string table;
    for (const auto& [key, data] : storage) {
      AppendTableEntry(table, key, EncodeTransactionData(data));
    }
    change_storage_data(table);
    const std::string name = StorageMetadataSegmentName(0);
    snapshot.segments.push_back(SystemFile(name, table));
    snapshot.segments.push_back(
        SystemFile(AttributeIndexName(name), BulkLoadBtree(HashIndexOf(table), {})));
    SegmentInfo info;
    info.name = name;
    info.length = static_cast<int64_t>(table.size());
    info.attributes = TableAttributes(table, kTypeSystemTable);
    if (!segments.contains(name)) AppendTableEntry(metadata, name, EncodeSegmentInfo(info));
  }
  std::vector<BtreeLeafEntry> entries = HashIndexOf(metadata);
  change_metadata_index(entries);
  change_metadata_data(metadata);
  const std::string index = BulkLoadBtree(entries, {});
  const std::string name = MetadataSegmentName(0);
  if (layout == Layout::kChunked) {
    snapshot.segments.push_back(SystemFile(name, metadata));
    snapshot.segments.push_back(SystemFile(AttributeIndexName(name), index));
    change_snapshot(snapshot);
    disk.Put(SnapshotName(0, epoch, 1), EncodeSnapshotFile(snapshot));
  } else {
    Store(name, metadata, false, storage);
    Store(AttributeIndexName(name), index, false, storage);
  }
  BuildTier1(metadata, index.size());
}

VerifyReport SmallCluster::Verify(VerifyOptions options) {
  options.layout = layout;
  if (options.container_count == 0) options.container_count = 1;
  Tier1 opened = tier1.Open();
  StatusOr<VerifyReport> report = VerifyCluster(disk, opened, options, Progress::Silent());
  EXPECT_TRUE(report.ok()) << Message(report.status());
  return report.ok() ? std::move(report).value() : VerifyReport();
}

std::vector<std::string> SmallCluster::Codes() {
  std::vector<std::string> codes;
  for (const Finding& finding : Verify().findings) codes.push_back(finding.code);
  return codes;
}

}  // namespace pdr

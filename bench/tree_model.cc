#include "bench/tree_model.h"

#include <array>

#include "base/bytes.h"
#include "container/table_image.h"
#include "format/btree.h"
#include "format/controller_names.h"
#include "format/names.h"
#include "format/table_entry.h"
#include "recovery/testing/sample_controller.h"

namespace pdr::bench {
namespace {

constexpr int kStreamsPerScope = 100;
constexpr int kKvTablesPerScope = 4;
constexpr uint64_t kEmptyEvery = 8;    // created, never written
constexpr uint64_t kRolledEvery = 16;  // two chunks
constexpr uint64_t kBigEvery = 200;    // large events, mostly holes
constexpr uint64_t kWritersEvery = 4;  // with an attribute index of writers
constexpr int kBigEvents = 8;
constexpr int32_t kBigEventBytes = 4 << 20;
constexpr int64_t kFixedKeyBytes = 16;
constexpr int kKvKeys = 40;

// Six segments; then 0 and 1 become 6, 7 and 8; then 2 and 6 become 9, 10 and 11.
constexpr std::array<SegmentId, 12> kSegments = {{{0, 0},
                                                  {1, 0},
                                                  {2, 0},
                                                  {3, 0},
                                                  {4, 0},
                                                  {5, 0},
                                                  {6, 1},
                                                  {7, 1},
                                                  {8, 1},
                                                  {9, 2},
                                                  {10, 2},
                                                  {11, 2}}};
bool IsSealed(SegmentId id) { return id.number <= 2 || id.number == 6; }

// A number that looks random but is always the same for the same input (SplitMix64).
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

Attributes StreamAttributes(uint64_t seed) {
  return {{kCreationTime, 1700000000000 + static_cast<int64_t>(seed % 1000000)},
          {kSegmentType, 0},
          {kScalePolicyType, 2},
          {kScalePolicyRate, 1000},
          {kRolloverSize, 0}};
}

std::string EventHeader(int32_t length) { return ByteWriter().I32(0).I32(length).Take(); }

SparseBytes SmallEvents(uint64_t seed) {
  std::string bytes;
  for (uint64_t i = 0; i < 4 + seed % 6; ++i) {
    const auto length = static_cast<int32_t>(40 + Mix(seed + i) % 360);
    bytes += EventHeader(length) + std::string(static_cast<size_t>(length), 'e');
  }
  return {bytes.size(), {{0, std::move(bytes)}}};
}

SparseBytes BigEvents() {
  SparseBytes out;
  for (int i = 0; i < kBigEvents; ++i) {
    out.pieces.emplace_back(out.length, EventHeader(kBigEventBytes));
    out.length += 8 + uint64_t{kBigEventBytes};
  }
  return out;
}

std::string WriterIndex(uint64_t seed) {
  std::vector<BtreeLeafEntry> writers;
  for (int64_t i = 0; i < 4; ++i) {
    writers.push_back({BtreeKey({i, static_cast<int64_t>(seed >> 1)}), i + 1});
  }
  return BulkLoadBtree(writers, {});
}

ModelSegment StreamSegment(std::string name, bool sealed, uint64_t seed) {
  ModelSegment out;
  out.info.name = std::move(name);
  out.info.sealed = sealed;
  out.info.attributes = StreamAttributes(seed);
  if (seed % kEmptyEvery == 0) return out;
  out.data = seed % kBigEvery == 1 ? BigEvents() : SmallEvents(seed);
  if (seed % kRolledEvery == 1) out.rolled_at = out.data.length / 2;
  out.info.length = static_cast<int64_t>(out.data.length);
  if (seed % kWritersEvery == 1) out.index = WriterIndex(seed);
  return out;
}

// A hash table, as the controller's tables are.
ModelSegment HashTable(const std::string& name, const TableValues& values) {
  ModelSegment out;
  out.info.name = name;
  out.info.attributes = NewTableAttributes(kTypeTable);
  if (values.empty()) return out;
  std::vector<TableRow> rows;
  for (const auto& [key, value] : values) rows.push_back({key, value});
  TableImage image = BuildTableImage(rows);
  out.info.attributes = SystemTableAttributes(image.data.size(), image.entries);
  out.info.attributes[kSegmentType] = kTypeTable;
  out.info.length = static_cast<int64_t>(image.data.size());
  out.data = {image.data.size(), {{0, std::move(image.data)}}};
  out.index = std::move(image.index);
  return out;
}

ModelSegment FixedKeyTable(std::string name) {
  ModelSegment out;
  std::string data;
  std::vector<BtreeLeafEntry> offsets;
  for (int i = 0; i < kKvKeys; ++i) {
    const std::string key = fmt::format("{:0{}}", i, kFixedKeyBytes);
    offsets.push_back({key, static_cast<int64_t>(data.size())});
    AppendTableEntry(data, key, std::string(60, 'v'));
  }
  BtreeOptions options;
  options.key_length = kFixedKeyBytes;
  options.statistics = true;
  out.index = BulkLoadBtree(offsets, options);
  out.info.name = std::move(name);
  out.info.length = static_cast<int64_t>(data.size());
  out.info.attributes = NewTableAttributes(kTypeFixedKeyTable);
  out.info.attributes[kAttributeIdLength] = kFixedKeyBytes;
  out.info.attributes[kTotalEntryCount] = kKvKeys;
  out.data = {data.size(), {{0, std::move(data)}}};
  return out;
}

class Cluster {
 public:
  explicit Cluster(const std::function<Status(ModelSegment)>& visit) : visit_(visit) {}

  Status Run(uint64_t count) {
    for (uint64_t i = 0; segments_ < count; ++i) RETURN_IF_ERROR(Scope(i));
    return Visit(HashTable(std::string(kScopesTable), scopes_));
  }

 private:
  Status Visit(ModelSegment segment) {
    ++segments_;
    return visit_(std::move(segment));
  }

  Status Scope(uint64_t number) {
    SampleController controller;
    controller.scope = fmt::format("tenant-{:05}", number);
    controller.scope_id = {Mix(number), number};
    for (int i = 0; i < kStreamsPerScope; ++i) {
      const std::string name = fmt::format("orders-and-payments-{:03}", i);
      RETURN_IF_ERROR(Stream(controller.scope, name, controller.streams[name]));
    }
    for (int i = 0; i < kKvTablesPerScope; ++i) {
      controller.kv_tables.push_back(fmt::format("sessions-{}", i));
      RETURN_IF_ERROR(Visit(FixedKeyTable(
          KvTableSegmentName(controller.scope, controller.kv_tables.back(), {0, 0}))));
    }
    for (const auto& [name, values] : controller.Tables()) {
      if (name == kScopesTable) {
        scopes_.insert(values.begin(), values.end());
      } else {
        RETURN_IF_ERROR(Visit(HashTable(name, values)));
      }
    }
    return OkStatus();
  }

  Status Stream(const std::string& scope, const std::string& name, SampleStream& stream) {
    stream.epoch = 2;
    stream.epochs.clear();
    for (SegmentId id : kSegments) {
      ModelSegment segment =
          StreamSegment(StreamSegmentName(scope, name, id), IsSealed(id), Mix(segments_));
      if (IsSealed(id)) stream.sealed_sizes[id] = segment.info.length;
      RETURN_IF_ERROR(Visit(std::move(segment)));
      for (int32_t epoch = id.epoch; epoch <= 2; ++epoch) {
        const bool gone = (id.number <= 1 && epoch > 0) || (IsSealed(id) && epoch > 1);
        if (!gone) stream.epochs[epoch].push_back(id);
      }
    }
    return OkStatus();
  }

  const std::function<Status(ModelSegment)>& visit_;
  uint64_t segments_ = 0;
  TableValues scopes_;
};

}  // namespace

Status ForEachSegment(uint64_t count, const std::function<Status(ModelSegment)>& visit) {
  return Cluster(visit).Run(count);
}

}  // namespace pdr::bench

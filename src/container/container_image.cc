#include "container/container_image.h"

#include <algorithm>

#include "base/hash.h"
#include "container/table_image.h"
#include "format/checkpoint.h"
#include "format/data_frame.h"
#include "format/names.h"
#include "format/operation.h"
#include "format/rolling_header.h"
#include "format/system_journal.h"

namespace pdr {
namespace {

constexpr int64_t kMetadataSegmentId = 1;
// Any number above the segment id works; attribute 8 is dropped everywhere, so none must be
// exceeded.
constexpr int64_t kCheckpointSequenceNumber = 10;
constexpr uint64_t kSystemChunkBytes = 134217728;
constexpr uint64_t kRollingMetadataChunkBytes = 16777216;
constexpr uint64_t kSnapshotIndex = 1;

std::vector<TableRow> MetadataRows(const std::vector<SegmentInfo>& segments) {
  std::vector<TableRow> rows;
  rows.reserve(segments.size());
  for (const SegmentInfo& s : segments) rows.push_back({s.name, EncodeSegmentInfo(s)});
  return rows;
}

// One frame with one checkpoint that maps just the metadata segment: everything else is a record in
// that segment.
std::vector<std::string> CheckpointFrames(const ContainerState& state, const TableImage& table,
                                          const Attributes& extra) {
  CheckpointSegment segment;
  segment.segment_id = kMetadataSegmentId;
  segment.name = MetadataSegmentName(state.container);
  segment.length = static_cast<int64_t>(table.data.size());
  segment.storage_length = segment.length;
  segment.last_modified = state.last_modified_ms;
  segment.attributes = SystemTableAttributes(table.data.size(), table.entries);
  segment.attributes[kBucketCount] = static_cast<int64_t>(table.buckets);
  for (const auto& [id, value] : extra) segment.attributes[id] = value;
  Operation op{kCheckpointSequenceNumber,
               MetadataCheckpointOperation{EncodeMetadataCheckpoint({state.container, {segment}})}};
  return BuildDataFrames({EncodeOperation(op)});
}

ContainerImage LayOutRolling(const ContainerState& state) {
  const std::string name = MetadataSegmentName(state.container);
  TableImage table = BuildTableImage(MetadataRows(state.segments));
  ContainerImage image;
  LayOutRollingSegment(name, table.data, kRollingMetadataChunkBytes, image.files);
  LayOutRollingSegment(AttributeIndexName(name), table.index, kIndexChunkBytes, image.files);
  const auto footer = static_cast<int64_t>(table.index.size() - kBtreeFooterBytes);
  image.frames = CheckpointFrames(state, table, {{kIndexRootPointer, footer}});
  return image;
}

class ChunkedLayout {
 public:
  explicit ChunkedLayout(const ContainerState& state) : state_(state) {
    snapshot_.epoch = state.epoch;
    snapshot_.file_index = 0;
  }

  ContainerImage LayOut() {
    const std::string storage_name = StorageMetadataSegmentName(state_.container);
    const std::string metadata_name = MetadataSegmentName(state_.container);
    TableImage storage = BuildTableImage(StorageRows());
    TableImage metadata = BuildTableImage(MetadataRows(SegmentsWith(storage_name, storage)));
    AddSegment(storage_name, std::move(storage.data));
    AddSegment(AttributeIndexName(storage_name), std::move(storage.index));
    image_.frames = CheckpointFrames(state_, metadata,
                                     {{kSnapshotId, static_cast<int64_t>(kSnapshotIndex)},
                                      {kSnapshotEpoch, static_cast<int64_t>(state_.epoch)}});
    AddSegment(metadata_name, std::move(metadata.data));
    AddSegment(AttributeIndexName(metadata_name), std::move(metadata.index));
    image_.files.push_back({SnapshotName(state_.container, state_.epoch, kSnapshotIndex), kFileMode,
                            EncodeSnapshotFile(snapshot_)});
    return std::move(image_);
  }

 private:
  std::vector<TableRow> StorageRows() const {
    std::vector<TableRow> rows;
    rows.reserve(state_.storage_records.size());
    for (const auto& [key, bytes] : state_.storage_records.encoded()) {
      rows.push_back({std::string(key), std::string(bytes)});
    }
    return rows;
  }

  // The storage metadata segment is an ordinary record of the metadata table.
  std::vector<SegmentInfo> SegmentsWith(const std::string& name, const TableImage& table) const {
    SegmentInfo info;
    info.name = name;
    info.length = static_cast<int64_t>(table.data.size());
    info.attributes = SystemTableAttributes(table.data.size(), table.entries);
    info.attributes[kBucketCount] = static_cast<int64_t>(table.buckets);
    std::vector<SegmentInfo> out = state_.segments;
    out.insert(
        std::lower_bound(out.begin(), out.end(), name,
                         [](const SegmentInfo& s, const std::string& n) { return s.name < n; }),
        std::move(info));
    return out;
  }

  void AddSegment(const std::string& name, std::string content) {
    const uint64_t length = content.size();
    const std::string chunk =
        ChunkName(name, state_.epoch, 0, NameUuid(fmt::format("{}@{}", name, state_.epoch)));
    SegmentSnapshot s;
    s.segment.name = name;
    s.segment.length = length;
    s.segment.chunk_count = 1;
    s.segment.status =
        kStatusActive | kStatusAtomicWrites | kStatusOwnershipChanged | kStatusSystemSegment;
    s.segment.max_rolling_length = kSystemChunkBytes;
    s.segment.first_chunk = chunk;
    s.segment.last_chunk = chunk;
    s.segment.owner_epoch = state_.epoch;
    s.chunks.push_back({chunk, length, "", kStatusActive});
    snapshot_.segments.push_back(std::move(s));
    image_.files.push_back({chunk, kFileMode, std::move(content)});
  }

  const ContainerState& state_;
  SystemSnapshot snapshot_;
  ContainerImage image_;
};

}  // namespace

void LayOutRollingSegment(const std::string& name, std::string_view data, uint64_t max_bytes,
                          std::vector<ImageFile>& files) {
  RollingHeader header{max_bytes, {}, false};
  for (uint64_t at = 0; at < data.size() || at == 0; at += max_bytes) {
    const bool last = at + max_bytes >= data.size();
    header.chunks.push_back({at, RollingChunkName(name, at)});
    files.push_back({header.chunks.back().name, last ? kFileMode : kSealedFileMode,
                     std::string(data.substr(at, max_bytes))});
  }
  files.push_back({HeaderName(name), kFileMode, EncodeRollingHeader(header)});
}

ContainerImage LayOutContainer(const ContainerState& state) {
  return state.layout == Layout::kRolling ? LayOutRolling(state) : ChunkedLayout(state).LayOut();
}

}  // namespace pdr

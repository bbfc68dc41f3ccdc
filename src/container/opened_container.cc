#include "container/segment_container.h"
#include "format/btree_walk.h"
#include "format/names.h"
#include "format/rolling_header.h"
#include "format/system_journal.h"
#include "format/table_entry.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

constexpr uint64_t kMaxMetadataFileBytes = uint64_t{64} * 1024 * 1024;  // of a header or a snapshot

int64_t Get(const ReplayedSegment& segment, AttributeId id) {
  auto it = segment.attributes.find(id);
  return it == segment.attributes.end() ? kNullAttributeValue : it->second;
}

StoredSegment FromSnapshot(const SegmentSnapshot& snapshot) {
  StoredSegment out;
  out.name = snapshot.segment.name;
  out.length = snapshot.segment.length;
  out.start_offset = snapshot.segment.start_offset;
  uint64_t at = snapshot.segment.first_chunk_start_offset;
  for (const ChunkMetadata& chunk : snapshot.chunks) {
    StoredChunk c;
    c.path = chunk.name;
    c.start_offset = at;
    c.length = c.file_size = chunk.length;
    at += chunk.length;
    out.chunks.push_back(std::move(c));
  }
  return out;
}

StatusOr<ReplayedSegment> MetadataSegmentOf(const ReplayedContainer& log, int container) {
  for (const auto& [id, segment] : log.segments) {
    if (segment.name == MetadataSegmentName(container)) return segment;
  }
  return DataLoss("the log of container {} does not map its metadata segment", container);
}

}  // namespace

StatusOr<OpenedContainer> OpenedContainer::Open(const Disk& disk, Tier1& tier1, int container,
                                                Layout layout) {
  OpenedContainer opened(disk);
  DurableLog log(tier1, container);
  ASSIGN_OR_RETURN(ReplayedContainer replayed, ReplayLog(log));
  ASSIGN_OR_RETURN(ReplayedSegment metadata, MetadataSegmentOf(replayed, container));
  RETURN_IF_ERROR(layout == Layout::kChunked ? opened.FindChunked(container, metadata)
                                             : opened.FindRolling(container));
  if (opened.table_.length == static_cast<uint64_t>(metadata.length)) return opened;
  return DataLoss("container {}: the log says {} bytes of metadata, Tier-2 holds {}", container,
                  metadata.length, opened.table_.length);
}

Status OpenedContainer::FindChunked(int container, const ReplayedSegment& metadata) {
  const int64_t id = Get(metadata, kSnapshotId);
  const int64_t epoch = Get(metadata, kSnapshotEpoch);
  if (id <= 0 || epoch <= 0) return DataLoss("container {}: no snapshot pointer", container);
  ASSIGN_OR_RETURN(
      std::string bytes,
      ReadWholeFile(
          *disk_, SnapshotName(container, static_cast<uint64_t>(epoch), static_cast<uint64_t>(id)),
          kMaxMetadataFileBytes));
  ASSIGN_OR_RETURN(SystemSnapshot snapshot, DecodeSnapshotFile(bytes));
  RETURN_IF_ERROR(CheckSnapshotInvariants(snapshot));
  for (const SegmentSnapshot& s : snapshot.segments) {
    if (s.segment.name == metadata.name) table_ = FromSnapshot(s);
    if (s.segment.name == AttributeIndexName(metadata.name)) index_ = FromSnapshot(s);
  }
  return OkStatus();
}

StatusOr<StoredSegment> OpenedContainer::RollingSegment(const std::string& name) const {
  ASSIGN_OR_RETURN(std::string text,
                   ReadWholeFile(*disk_, HeaderName(name), kMaxMetadataFileBytes));
  ASSIGN_OR_RETURN(RollingHeader header, DecodeRollingHeader(text));
  StoredSegment out;
  out.name = name;
  for (const RollingChunk& chunk : header.chunks) {
    ASSIGN_OR_RETURN(FileStat stat, disk_->Stat(chunk.name));
    StoredChunk c;
    c.path = chunk.name;
    c.start_offset = chunk.start_offset;
    c.length = c.file_size = stat.size;
    out.length = c.start_offset + c.length;
    out.chunks.push_back(std::move(c));
  }
  return out;
}

Status OpenedContainer::FindRolling(int container) {
  const std::string name = MetadataSegmentName(container);
  ASSIGN_OR_RETURN(table_, RollingSegment(name));
  ASSIGN_OR_RETURN(index_, RollingSegment(AttributeIndexName(name)));
  return OkStatus();
}

StatusOr<SegmentInfo> OpenedContainer::GetSegmentInfo(const std::string& segment) const {
  if (index_.length < kBtreeFooterBytes) return NotFound("no segment {}", segment);
  ASSIGN_OR_RETURN(std::string bytes, ReadSegment(*disk_, index_, index_.length - kBtreeFooterBytes,
                                                  kBtreeFooterBytes));
  ASSIGN_OR_RETURN(BtreeFooter footer, DecodeBtreeFooter(bytes));
  const auto read = [&](int64_t offset, int32_t length) {
    return ReadSegment(*disk_, index_, static_cast<uint64_t>(offset), static_cast<size_t>(length));
  };
  AttributeId id = TableKeyHash(segment);
  while (true) {
    ASSIGN_OR_RETURN(std::optional<int64_t> offset, LookupBtree(read, footer, BtreeKey(id)));
    if (!offset) return NotFound("no segment {}", segment);
    const auto at = static_cast<uint64_t>(*offset);
    if (*offset < 0 || at >= table_.length) return DataLoss("{}: index beyond the data", segment);
    const size_t n = std::min<uint64_t>(kMaxTableEntryBytes, table_.length - at);
    ASSIGN_OR_RETURN(std::string entry_bytes, ReadSegment(*disk_, table_, at, n));
    ASSIGN_OR_RETURN(TableEntry entry, DecodeTableEntry(entry_bytes));
    if (entry.key == segment && entry.value) return DecodeSegmentInfo(*entry.value);
    id = TableBackPointer(*offset);  // another name with the same hash
  }
}

}  // namespace pdr

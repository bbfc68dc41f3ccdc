#include "tier2/metadata_records.h"

#include "format/names.h"
#include "tier2/classify.h"

namespace pdr {
namespace {

// Whether `bytes` begin with a put of a segment's own record: as good as proof of a boundary.
bool BeginsWithRecord(std::string_view bytes) {
  StatusOr<TableEntry> entry = DecodeTableEntry(bytes);
  if (!entry.ok() || !entry->value) return false;
  StatusOr<SegmentInfo> info = DecodeSegmentInfo(*entry->value);
  return info.ok() && info->name == entry->key;
}

// Rolling storage does not keep the start offset: a truncated metadata table begins with its first
// chunk, which rarely begins with an entry (recovery-semantics.md H3). Records skipped with the
// first, broken entry were compacted to later offsets before the truncation.
StatusOr<uint64_t> FirstEntryOffset(const Disk& disk, const StoredSegment& table) {
  SegmentReader reader(disk, table);
  const size_t most = 2 * (kMaxTableEntryBytes + kTableEntryHeaderBytes);
  ASSIGN_OR_RETURN(std::string head, reader.ReadSome(table.start_offset, most));
  for (size_t skip = 0; skip < head.size(); ++skip) {
    if (head[skip] == 0 && BeginsWithRecord(std::string_view(head).substr(skip))) {
      return table.start_offset + skip;
    }
  }
  return DataLoss("'{}': no record in the {} bytes after its start offset {}", table.name,
                  head.size(), table.start_offset);
}

// No segment comes near: what claims more was not written by Pravega, and must not be counted.
constexpr int64_t kMaxPlausibleLength = int64_t{1} << 56;

std::string WhyUnusable(const StatusOr<SegmentInfo>& info, std::string_view key) {
  if (!info.ok()) return std::string(Message(info.status()));
  if (info->name != key) return fmt::format("it describes '{}'", info->name);
  if (info->length <= kMaxPlausibleLength) return "";
  return fmt::format("a length of {} bytes, which no segment has", info->length);
}

}  // namespace

StatusOr<TableScan> ScanMetadataTable(const Disk& disk, const StoredSegment& table,
                                      ContainerView& container) {
  ASSIGN_OR_RETURN(TableScan scan, ScanTable(disk, table));
  const uint64_t unread = table.length - scan.end;
  switch (scan.tail.code()) {
    case StatusCode::kOk:
      break;
    case StatusCode::kNotFound:
      return DataLoss("container metadata cannot be read: {}", Message(scan.tail));
    case StatusCode::kOutOfRange:
      container.anomalies.push_back({"table-torn", container.container, table.name,
                                     fmt::format("{} ({} bytes)", Message(scan.tail), unread)});
      break;
    default:
      container.anomalies.push_back(
          {"table-damaged", container.container, table.name,
           fmt::format("{}; the last {} bytes are not used", Message(scan.tail), unread)});
  }
  return scan;
}

Status CheckOwner(std::string_view segment, int container, int container_count) {
  if (IsBackupSegment(segment)) return OkStatus();
  const int owner = ContainerOf(segment, container_count);
  if (owner == container) return OkStatus();
  return FailedPrecondition(
      "the metadata of container {} holds segment '{}', which belongs to container {} of {}: the "
      "container count found by names is wrong, or files of different clusters are mixed",
      container, segment, owner, container_count);
}

bool IsMetadataSegment(std::string_view segment) {
  if (IsAttributeIndex(segment)) segment.remove_suffix(kAttributeIndexSuffix.size());
  return MetadataSegmentContainer(segment).has_value();
}

Status VisitMetadataRecords(const Disk& disk, ContainerView& container, DecodeRecord& decode,
                            TakeRecord take) {
  const std::string name = MetadataSegmentName(container.container);
  auto found = container.system.find(name);
  if (found == container.system.end()) {
    return DataLoss("'{}' is missing or has no readable chunk list", name);
  }
  StoredSegment table = found->second;
  if (table.start_offset > 0 && table.record.name.empty() && table.start_offset < table.length) {
    ASSIGN_OR_RETURN(table.start_offset, FirstEntryOffset(disk, table));
  }
  ASSIGN_OR_RETURN(TableScan scan, ScanMetadataTable(disk, table, container));
  container.removed.insert(scan.removed.begin(), scan.removed.end());
  bool any = false;
  for (const LiveTableEntry& entry : scan.live) {
    StatusOr<SegmentInfo> info = decode(entry.value);
    if (const std::string why = WhyUnusable(info, entry.key); !why.empty()) {
      container.anomalies.push_back(
          {"record-damaged", container.container, std::string(entry.key),
           fmt::format("record at offset {} of '{}': {}", entry.offset, name, why)});
      continue;
    }
    RETURN_IF_ERROR(take(entry.key, *std::move(info), entry.offset));
    any = true;
  }
  if (!any) {
    container.anomalies.push_back({"metadata-empty", container.container, name,
                                   "no segment is recorded; a container that ever ran has some"});
  }
  return OkStatus();
}

Status ReadMetadataRecords(const Disk& disk, int container_count, ContainerView& container) {
  const auto keep = [&](std::string_view name, SegmentInfo info, int64_t entry_at) {
    auto& records = container.records;
    records.emplace_hint(records.end(), name, TableRecord{std::move(info), entry_at});
    return CheckOwner(name, container.container, container_count);
  };
  return VisitMetadataRecords(disk, container, DecodeSegmentInfo, keep);
}

}  // namespace pdr

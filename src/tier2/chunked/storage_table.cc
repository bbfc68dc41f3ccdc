#include "tier2/chunked/storage_table.h"

#include <variant>

#include "format/names.h"
#include "tier2/metadata_records.h"

namespace pdr {
namespace {

const std::string& NameOf(const StorageMetadata& record) {
  return std::visit([](const auto& r) -> const std::string& { return r.name; }, record);
}

}  // namespace

StatusOr<TableScan> ScanStorageTable(const Disk& disk, ContainerView& container) {
  const StoredSegment& table = container.system[StorageMetadataSegmentName(container.container)];
  ASSIGN_OR_RETURN(TableScan scan, ScanMetadataTable(disk, table, container));
  container.removed.insert(scan.removed.begin(), scan.removed.end());
  return scan;
}

bool ReadStorageRecord(const LiveTableEntry& entry, ContainerView& container,
                       TransactionData& data) {
  Status usable = DecodeTransactionDataInto(entry.value, data);
  if (usable.ok() && (data.key != entry.key || (data.value && NameOf(*data.value) != entry.key))) {
    usable = DataLoss("it describes '{}'", data.key);
  }
  if (usable.ok()) return true;
  container.anomalies.push_back(
      {"storage-record-damaged", container.container, std::string(entry.key),
       fmt::format("record at offset {} of '{}': {}", entry.offset,
                   StorageMetadataSegmentName(container.container), Message(usable))});
  return false;
}

bool IsActive(const TransactionData& data) {
  const auto status = [](const auto& record) { return record.status; };
  return data.value && (std::visit(status, *data.value) & kStatusActive) != 0;
}

bool IsSystemKey(std::string_view key) {
  const auto is_system = [](std::string_view segment) {
    if (IsMetadataSegment(segment)) return true;
    if (IsAttributeIndex(segment)) segment.remove_suffix(kAttributeIndexSuffix.size());
    return StorageMetadataSegmentContainer(segment).has_value();
  };
  if (!key.starts_with(kContainersDir)) return false;
  const auto chunk = ParseChunkName(key);
  return is_system(chunk ? chunk->segment : key);
}

}  // namespace pdr

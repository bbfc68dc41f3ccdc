#include "tier2/listing.h"

#include <algorithm>

#include "format/names.h"
#include "tier2/file_index.h"
#include "tier2/read_containers.h"

namespace pdr {
namespace {

// More would be faster only where there are more cores than that, and take more memory.
constexpr size_t kContainersAtOnce = 2;

bool IsListed(std::string_view segment) {
  return !IsAttributeIndex(segment) && !MetadataSegmentContainer(segment) &&
         !StorageMetadataSegmentContainer(segment) && !IsGcQueue(segment);
}

SegmentRow MakeRow(int container, const std::string& name, const StoredSegment* stored,
                   const SegmentInfo* record) {
  SegmentRow row{container, name, record != nullptr && record->sealed, 0, 0};
  if (stored == nullptr) return row;
  row.length = stored->length;
  row.sealed = row.sealed || stored->sealed;
  // Rolling storage knows only where the first chunk left begins; the record may know better.
  const uint64_t recorded = record == nullptr ? 0 : static_cast<uint64_t>(record->start_offset);
  row.start_offset = std::min(std::max(stored->start_offset, recorded), row.length);
  return row;
}

}  // namespace

std::vector<SegmentRow> ListContainer(const ContainerView& container) {
  std::vector<SegmentRow> rows;
  rows.reserve(std::max(container.stored.size(), container.records.size()));
  auto stored = container.stored.begin();
  auto record = container.records.begin();
  while (stored != container.stored.end() || record != container.records.end()) {
    const bool take_stored = record == container.records.end() ||
                             (stored != container.stored.end() && stored->first <= record->first);
    const bool take_record = stored == container.stored.end() ||
                             (record != container.records.end() && record->first <= stored->first);
    const std::string& name = take_stored ? stored->first : record->first;
    if (IsListed(name)) {
      rows.push_back(MakeRow(container.container, name, take_stored ? &stored->second : nullptr,
                             take_record ? &record->second : nullptr));
    }
    if (take_stored) ++stored;
    if (take_record) ++record;
  }
  return rows;
}

std::vector<SegmentRow> ListSegments(const Tier2View& view) {
  std::vector<SegmentRow> rows;
  for (const ContainerView& container : view.containers) {
    std::vector<SegmentRow> more = ListContainer(container);
    std::move(more.begin(), more.end(), std::back_inserter(rows));
  }
  return rows;
}

StatusOr<Listing> ListTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                            Progress& progress) {
  Listing out;
  out.containers.resize(static_cast<size_t>(inventory.container_count));
  ReadScope scope;
  scope.rows_only = true;
  scope.done = [&out](ContainerView& container) {
    out.containers[static_cast<size_t>(container.container)] = ListContainer(container);
    container.stored.clear();
    container.records.clear();
    container.system.clear();
    container.storage_records.clear();
    container.inactive.clear();
  };
  FileIndex files(inventory);
  ASSIGN_OR_RETURN(Tier2View view,
                   ReadContainers(disk, inventory, files, std::min(threads, kContainersAtOnce),
                                  scope, progress));
  out.anomalies = view.AllAnomalies().size();
  return out;
}

}  // namespace pdr

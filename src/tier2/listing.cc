#include "tier2/listing.h"

#include <algorithm>

#include "format/names.h"
#include "tier2/chunked/rows.h"
#include "tier2/metadata_records.h"
#include "tier2/rolling/rows.h"

namespace pdr {
namespace {

// Each holds a container's tables, and a list has little else in memory.
constexpr size_t kMostThreads = 2;

bool IsListed(std::string_view segment) {
  return !IsAttributeIndex(segment) && !MetadataSegmentContainer(segment) &&
         !StorageMetadataSegmentContainer(segment) && !IsGcQueue(segment);
}

bool NameLess(const SegmentRow& a, const SegmentRow& b) { return a.name < b.name; }

}  // namespace

SegmentRow RowOf(std::string_view name, const StoredSegment& segment) {
  return {name, segment.length, segment.start_offset, segment.sealed};
}

RowMerger::RowMerger(std::vector<SegmentRow> stored, TextArena& names)
    : stored_(std::move(stored)), names_(names) {
  if (!std::is_sorted(stored_.begin(), stored_.end(), NameLess)) {
    std::sort(stored_.begin(), stored_.end(), NameLess);
  }
  rows_.reserve(stored_.size());
}

bool RowMerger::AddRecord(std::string_view name, const SegmentInfo& record) {
  while (next_ < stored_.size() && stored_[next_].name < name) Add(stored_[next_++]);
  SegmentRow row{name, 0, 0, record.sealed};
  const bool is_stored = next_ < stored_.size() && stored_[next_].name == name;
  if (is_stored) {
    const SegmentRow& stored = stored_[next_++];
    row.length = stored.length;
    row.sealed = row.sealed || stored.sealed;
    // Rolling storage knows only where the first chunk left begins; the record may know better.
    row.start_offset = std::max(stored.start_offset, static_cast<uint64_t>(record.start_offset));
  }
  Add(row);
  return is_stored;
}

std::vector<SegmentRow> RowMerger::Take() {
  while (next_ < stored_.size()) Add(stored_[next_++]);
  rows_.shrink_to_fit();
  return std::move(rows_);
}

void RowMerger::Add(SegmentRow row) {
  if (!IsListed(row.name)) return;
  row.start_offset = std::min(row.start_offset, row.length);
  row.name = names_.Keep(row.name);
  rows_.push_back(row);
}

StatusOr<std::vector<SegmentRow>> MergeWithRecords(const Disk& disk, int container_count,
                                                   ContainerView& container,
                                                   std::vector<SegmentRow> stored,
                                                   TextArena& names) {
  RowMerger merger(std::move(stored), names);
  const auto add = [&](std::string_view name, const SegmentInfo& record, int64_t /*entry_at*/) {
    if (merger.AddRecord(name, record)) return OkStatus();
    return CheckOwner(name, container.container, container_count);
  };
  RETURN_IF_ERROR(VisitMetadataRecords(disk, container, DecodeWithoutAttributes, add));
  return merger.Take();
}

StatusOr<Listing> ListTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                            Progress& progress) {
  Listing out;
  out.names = std::make_unique<TextArena>();
  out.containers.resize(static_cast<size_t>(inventory.container_count));
  Tier2View view = EmptyView(inventory);  // for the system segments and the anomalies
  FileIndex files(inventory);
  threads = ContainersAtOnce(disk, inventory, std::min(threads, kMostThreads));
  auto* list = view.layout == Layout::kRolling ? ListRolling : ListChunked;
  RETURN_IF_ERROR(list(disk, inventory, files, threads, progress, view, out));
  out.anomalies = view.AllAnomalies().size() + files.ListedTwice().size();
  return out;
}

}  // namespace pdr

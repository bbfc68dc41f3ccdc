#include "tier2/chunked/rows.h"

#include <utility>
#include <variant>

#include "base/parallel.h"
#include "format/names.h"
#include "tier2/chunked/chunk_list.h"
#include "tier2/chunked/journal_reader.h"
#include "tier2/chunked/storage_table.h"
#include "tier2/metadata_records.h"

namespace pdr {
namespace {

// What the storage metadata table says of the segments of one container. Of the many records in it
// only those are decoded that a row needs.
class StoredRows {
 public:
  StoredRows(const TableScan& table, int container_count, FileIndex& files, ContainerView& view)
      : table_(table), container_count_(container_count), cursor_(files), view_(view) {}

  StatusOr<std::vector<SegmentRow>> Run() {
    for (; at_ < table_.live.size(); ++at_) {
      const LiveTableEntry& entry = table_.live[at_];
      if (IsAttributeIndex(entry.key) || !MayBeOfSegment(entry.value)) continue;
      RETURN_IF_ERROR(AddSegment(entry));
    }
    return std::move(rows_);
  }

 private:
  Status AddSegment(const LiveTableEntry& entry) {
    TransactionData data;
    if (!ReadStorageRecord(entry, view_, data)) return OkStatus();
    if (!IsActive(data) || IsSystemKey(entry.key)) return OkStatus();
    auto* segment = std::get_if<SegmentMetadata>(&*data.value);
    if (segment == nullptr) return OkStatus();
    RETURN_IF_ERROR(CheckOwner(entry.key, view_.container, container_count_));
    const auto find = [this](const std::string& chunk) { return FindChunk(chunk); };
    rows_.push_back(RowOf(entry.key, AssembleChunked(std::move(*segment), data.version, find,
                                                     view_.container, cursor_, view_.anomalies)));
    return OkStatus();
  }

  // Valid until the next call. The chunks of a segment stand beside it: their names begin with its.
  const ChunkMetadata* FindChunk(const std::string& name) {
    const LiveTableEntry* entry = table_.Find(name, at_);
    if (entry == nullptr || IsSystemKey(name)) return nullptr;
    if (!ReadStorageRecord(*entry, view_, chunk_) || !IsActive(chunk_)) return nullptr;
    return std::get_if<ChunkMetadata>(&*chunk_.value);
  }

  const TableScan& table_;
  int container_count_;
  FileCursor cursor_;
  ContainerView& view_;
  size_t at_ = 0;
  TransactionData chunk_;
  std::vector<SegmentRow> rows_;
};

}  // namespace

Status ListChunked(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   Progress& progress, Tier2View& view, Listing& out) {
  progress.Phase("reading storage metadata", view.containers.size());
  const std::vector<SystemFiles> system = GroupSystemFiles(inventory);
  const auto list = [&](ContainerView& container) -> StatusOr<std::vector<SegmentRow>> {
    RETURN_IF_ERROR(
        ReadSystem(disk, system[static_cast<size_t>(container.container)], files, container));
    ASSIGN_OR_RETURN(const TableScan table, ScanStorageTable(disk, container));
    ASSIGN_OR_RETURN(std::vector<SegmentRow> stored,
                     StoredRows(table, inventory.container_count, files, container).Run());
    return MergeWithRecords(disk, inventory.container_count, container, std::move(stored),
                            *out.names);
  };
  return ParallelFor(view.containers.size(), threads, [&](size_t i) {
    StatusOr<std::vector<SegmentRow>> rows = list(view.containers[i]);
    progress.Advance(1);
    RETURN_IF_ERROR(Annotate(rows.status(), fmt::format("container {}", i)));
    out.containers[i] = *std::move(rows);
    return OkStatus();
  });
}

}  // namespace pdr

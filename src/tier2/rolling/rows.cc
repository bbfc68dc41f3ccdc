#include "tier2/rolling/rows.h"

#include "base/parallel.h"
#include "tier2/metadata_records.h"
#include "tier2/rolling/headers.h"

namespace pdr {

Status ListRolling(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   Progress& progress, Tier2View& view, Listing& out) {
  const auto take = [&](ContainerView& container, std::string_view name, StoredSegment segment) {
    if (IsMetadataSegment(name)) {
      container.system.emplace(name, std::move(segment));
    } else {
      out.containers[static_cast<size_t>(container.container)].push_back(RowOf(name, segment));
    }
    return OkStatus();
  };
  RETURN_IF_ERROR(
      ReadRollingSegments(disk, inventory, files, /*indexes=*/false, progress, view, take));
  return ParallelFor(view.containers.size(), threads, [&](size_t c) {
    std::vector<SegmentRow>& rows = out.containers[c];
    ASSIGN_OR_RETURN(rows, MergeWithRecords(disk, inventory.container_count, view.containers[c],
                                            std::move(rows), *out.names));
    progress.ContainerDone();
    return OkStatus();
  });
}

}  // namespace pdr

#include "tier2/rolling/reader.h"

#include "base/parallel.h"
#include "tier2/metadata_records.h"
#include "tier2/rolling/headers.h"

namespace pdr {

Status ReadRolling(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   Progress& progress, Tier2View& view) {
  const auto take = [](ContainerView& container, std::string_view name, StoredSegment segment) {
    auto& into = IsMetadataSegment(name) ? container.system : container.stored;
    into.emplace_hint(into.end(), name, std::move(segment));
  };
  RETURN_IF_ERROR(
      ReadRollingSegments(disk, inventory, files, /*indexes=*/true, progress, view, take));
  return ParallelFor(view.containers.size(), threads, [&](size_t c) {
    RETURN_IF_ERROR(ReadMetadataRecords(disk, inventory.container_count, view.containers[c]));
    progress.ContainerDone();
    return OkStatus();
  });
}

}  // namespace pdr

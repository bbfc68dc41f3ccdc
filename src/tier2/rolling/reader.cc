#include "tier2/rolling/reader.h"

#include <utility>

#include "base/parallel.h"
#include "tier2/metadata_records.h"
#include "tier2/rolling/headers.h"

namespace pdr {

Status ReadRolling(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   Progress& progress, Tier2View& view, ContainerTaker& taker) {
  uint64_t segments = 0;  // that are in the view
  const auto take = [&](ContainerView& container, std::string_view name,
                        StoredSegment segment) -> Status {
    auto& into = IsMetadataSegment(name) ? container.system : container.stored;
    into.emplace_hint(into.end(), name, std::move(segment));
    if (++segments < taker.most_segments()) return OkStatus();
    segments = 0;
    for (ContainerView& part : view.containers) {
      const int own = part.container;
      RETURN_IF_ERROR(taker.TakePart(std::exchange(part, ContainerView())));
      part.container = own;
    }
    return OkStatus();
  };
  RETURN_IF_ERROR(
      ReadRollingSegments(disk, inventory, files, /*indexes=*/true, progress, view, take));
  return ParallelFor(view.containers.size(), threads, [&](size_t c) -> Status {
    ContainerView container = std::exchange(view.containers[c], ContainerView());
    RETURN_IF_ERROR(taker.Complete(container));
    RETURN_IF_ERROR(ReadMetadataRecords(disk, inventory.container_count, container));
    progress.ContainerDone();
    return taker.Take(std::move(container));
  });
}

}  // namespace pdr

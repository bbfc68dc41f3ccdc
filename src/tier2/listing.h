// `storage list-segments`: the rows of view.h for a whole Tier-2, holding no more of it in memory
// than the containers that are being read.
#pragma once

#include <vector>

#include "base/progress.h"
#include "base/status.h"
#include "tier2/view.h"

namespace pdr {

struct Listing {
  std::vector<std::vector<SegmentRow>> containers;  // index = container id; rows sorted by name
  size_t anomalies = 0;                             // met on the way to the rows
};

StatusOr<Listing> ListTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                            Progress& progress);

// The rows of one container.
std::vector<SegmentRow> ListContainer(const ContainerView& container);

}  // namespace pdr

// Reading every container of a Tier-2, in the layout that the inventory found.
#pragma once

#include "base/progress.h"
#include "base/status.h"
#include "tier2/file_index.h"
#include "tier2/read_scope.h"

namespace pdr {

// The view as `scope` leaves it, with "chunk-shared" among its anomalies.
StatusOr<Tier2View> ReadContainers(const Disk& disk, const Inventory& inventory, FileIndex& files,
                                   size_t threads, const ReadScope& scope, Progress& progress);

}  // namespace pdr

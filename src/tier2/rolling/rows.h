// The rows of a list of segments in the rolling layout.
#pragma once

#include "base/status.h"
#include "tier2/file_index.h"
#include "tier2/listing.h"
#include "tier2/view.h"

namespace pdr {

// Leaves system segments and anomalies in `view`.
Status ListRolling(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   Progress& progress, Tier2View& view, Listing& out);

}  // namespace pdr

// Reading the chunked layout. docs/formats/lts-chunked.md, recovery-image-chunked.md section 1.
#pragma once

#include "base/progress.h"
#include "base/status.h"
#include "tier2/file_index.h"
#include "tier2/view.h"

namespace pdr {

// What is not about one container goes into `view`, all else to the taker.
Status ReadChunked(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   Progress& progress, Tier2View& view, ContainerTaker& taker);

}  // namespace pdr

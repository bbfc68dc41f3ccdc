// Reading the chunked layout. docs/formats/lts-chunked.md, recovery-image-chunked.md section 1.
#pragma once

#include "base/status.h"
#include "tier2/file_index.h"
#include "tier2/read_scope.h"

namespace pdr {

Status ReadChunked(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   const ReadScope& scope, Progress& progress, Tier2View& view);

}  // namespace pdr

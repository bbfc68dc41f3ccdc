// The file steps of a container, forwards and backwards. A step that is already done is recognised
// by what is on disk. Directories are synced between the three kinds of steps, so that no new file
// can be durable while its original still stands under the same name.
#pragma once

#include <vector>

#include "base/status.h"
#include "recovery/manifest.h"
#include "tier2/disk.h"

namespace pdr {

Status DoFileSteps(Disk& disk, const std::vector<FileStep>& steps);
// Puts originals and modes back. New files return to where they waited.
Status UndoFileSteps(Disk& disk, const std::vector<FileStep>& steps);

}  // namespace pdr

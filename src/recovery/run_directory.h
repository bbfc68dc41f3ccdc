// The run's own directory, <root>/.pravega-dr/<run id>.
#pragma once

#include <string>

#include "base/status.h"
#include "tier2/disk.h"

namespace pdr {

// Removes the new files that wait there, then whatever directories are empty; originals that are
// set aside stay. Only for a run that is taken back or was never carried out.
Status CleanRunDir(Disk& disk, const std::string& run_id);

}  // namespace pdr

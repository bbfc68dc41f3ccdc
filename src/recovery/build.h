// Builds a container: stages its new files in the run's directory and returns what the commit does.
// Originals are read, never touched.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "recovery/manifest.h"
#include "recovery/plan.h"
#include "tier2/disk.h"

namespace pdr {

struct BuildOptions {
  Layout layout = Layout::kChunked;
  uint64_t epoch = 1;  // of the plan
  std::string run_id;
  int64_t last_modified_ms = 0;  // stamped on the metadata segment; part of the bytes
  // Where new files wait, below the root. Builds of one container that may be under way at the same
  // time, on hosts that do not know of each other, must not share it.
  std::string staging;
};

// Staged files of an earlier, interrupted build of the same run are replaced.
StatusOr<ContainerManifest> BuildContainer(Disk& disk, const ContainerPlan& container,
                                           const BuildOptions& options);

// The controller's nodes as they are to be written, with their whole paths.
std::vector<NodeWrite> ControllerNodes(const ControllerPlan& controller, const std::string& root);

}  // namespace pdr

// A published run, read back from the mount.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "recovery/share_records.h"
#include "tier2/disk.h"

namespace pdr {

// FailedPrecondition when nothing of it is there: another file system is mounted.
StatusOr<SharedRun> LoadSharedRun(const Disk& disk, const std::string& run_id);
// All containers' plans; DataLoss when they are not what was decided.
StatusOr<Plan> LoadSharedPlan(const Disk& disk, const SharedRun& run,
                              std::shared_ptr<Scratch> scratch);
// NotFound when not all containers are built.
StatusOr<Manifest> LoadWholeManifest(const Disk& disk, const SharedRun& run);
StatusOr<ContainerManifest> LoadSharedManifest(const Disk& disk, const std::string& run_id,
                                               size_t container);

}  // namespace pdr

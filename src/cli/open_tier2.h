// The first step of every command that looks at Tier-2.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/progress.h"
#include "base/status.h"
#include "tier2/disk.h"
#include "tier2/inventory.h"
#include "tier2/posix_disk.h"
#include "tier2/view.h"

namespace pdr {

struct OpenedTier2 {
  std::unique_ptr<Disk> disk;
  Inventory inventory;
};

// Errors say what is wrong with the tree, and lead to kTier2Unreadable or kNotAvailable.
StatusOr<OpenedTier2> OpenTier2(const std::string& root, DiskAccess access, Progress& progress);
StatusOr<Tier2View> ReadOpened(const OpenedTier2& tier2, Progress& progress);

// FailedPrecondition when what was configured is not what the tree says.
Status CheckConfigured(const Inventory& inventory, std::optional<int> container_count,
                       std::optional<Layout> layout);

size_t WorkerThreads();

}  // namespace pdr

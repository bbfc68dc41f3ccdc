// The first step of every command that looks at Tier-2.
#pragma once

#include <CLI/CLI.hpp>
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

// --io-depth N, --no-io-uring
void AddReadingOptions(CLI::App& command, DiskReading& reading);

// InvalidArgument when `path`, which the option named, is the root or below it: what this program
// keeps would be mixed with Tier-2.
Status CheckOutside(const std::string& root, const std::string& path, std::string_view option);

// The directory alone, whatever is in it.
StatusOr<std::unique_ptr<Disk>> OpenRoot(const std::string& root, DiskAccess access,
                                         const DiskReading& reading = {});

// Errors say what is wrong with the tree, and lead to kTier2Unreadable or kNotAvailable.
StatusOr<OpenedTier2> OpenTier2(const std::string& root, const DiskReading& reading,
                                Progress& progress);
StatusOr<Tier2View> ReadOpened(const OpenedTier2& tier2, Progress& progress);

size_t WorkerThreads();

}  // namespace pdr

#include "cli/open_tier2.h"

#include <algorithm>
#include <thread>

namespace pdr {
namespace {

// Reading waits for the file system more than for a core.
constexpr size_t kMinThreads = 4;

// Wherever the tree is not as it must be, the tree is what cannot be used.
Status AboutTree(const Status& status) {
  if (status.code() != StatusCode::kFailedPrecondition) return status;
  return DataLoss("{}", Message(status));
}

}  // namespace

size_t WorkerThreads() {
  return std::max<size_t>(kMinThreads, std::thread::hardware_concurrency());
}

StatusOr<OpenedTier2> OpenTier2(const std::string& root, DiskAccess access, Progress& progress) {
  OpenedTier2 out;
  StatusOr<std::unique_ptr<Disk>> disk = OpenPosixDisk(root, access);
  if (!disk.ok()) return AboutTree(disk.status());
  out.disk = std::move(disk).value();
  StatusOr<Inventory> inventory = ScanTier2(*out.disk, progress);
  if (!inventory.ok()) return Annotate(AboutTree(inventory.status()), root);
  out.inventory = std::move(inventory).value();
  return out;
}

StatusOr<Tier2View> ReadOpened(const OpenedTier2& tier2, Progress& progress) {
  StatusOr<Tier2View> view = ReadTier2(*tier2.disk, tier2.inventory, WorkerThreads(), progress);
  if (!view.ok()) return AboutTree(view.status());
  return view;
}

Status CheckConfigured(const Inventory& inventory, std::optional<int> container_count,
                       std::optional<Layout> layout) {
  if (container_count && *container_count != inventory.container_count) {
    return FailedPrecondition("{} containers are configured, Tier-2 holds {}", *container_count,
                              inventory.container_count);
  }
  if (layout && *layout != inventory.layout) {
    return FailedPrecondition("the {} layout is configured, Tier-2 holds the {} layout",
                              LayoutName(*layout), LayoutName(inventory.layout));
  }
  return OkStatus();
}

}  // namespace pdr

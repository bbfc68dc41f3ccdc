#include "cli/open_tier2.h"

#include <algorithm>
#include <thread>

namespace pdr {
namespace {

// Reading waits for the file system more than for a core.
constexpr size_t kMinThreads = 4;

}  // namespace

size_t WorkerThreads() {
  return std::max<size_t>(kMinThreads, std::thread::hardware_concurrency());
}

StatusOr<std::unique_ptr<Disk>> OpenRoot(const std::string& root, DiskAccess access) {
  StatusOr<std::unique_ptr<Disk>> disk = OpenPosixDisk(root, access);
  if (!disk.ok()) return AboutTree(disk.status());
  return disk;
}

StatusOr<OpenedTier2> OpenTier2(const std::string& root, DiskAccess access, Progress& progress) {
  OpenedTier2 out;
  ASSIGN_OR_RETURN(out.disk, OpenRoot(root, access));
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

}  // namespace pdr

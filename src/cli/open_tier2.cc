#include "cli/open_tier2.h"

#include <algorithm>
#include <filesystem>
#include <thread>

namespace pdr {
namespace {

namespace fs = std::filesystem;

// Reading waits for the file system more than for a core.
constexpr size_t kMinThreads = 4;

}  // namespace

size_t WorkerThreads() {
  return std::max<size_t>(kMinThreads, std::thread::hardware_concurrency());
}

void AddReadingOptions(CLI::App& command, DiskReading& reading) {
  command
      .add_option("--io-depth", reading.depth,
                  "threads that read Tier-2; more where each call takes long")
      ->type_name("N")
      ->check(CLI::Range(size_t{1}, size_t{1024}))
      ->capture_default_str();
  command.add_flag(
      "--no-io-uring", [&reading](int64_t) { reading.io_uring = false; },
      "read small files by plain calls only, as where the kernel has no io_uring");
}

Status CheckOutside(const std::string& root, const std::string& path, std::string_view option) {
  std::error_code error;
  const fs::path real_root = fs::canonical(root, error);
  if (error) return OkStatus();  // there is no such root, which is told by who opens it
  const fs::path real = fs::weakly_canonical(fs::absolute(path, error), error);
  const auto differs =
      std::mismatch(real_root.begin(), real_root.end(), real.begin(), real.end()).first;
  if (error || differs != real_root.end()) return OkStatus();
  return InvalidArgument("{} {} is in Tier-2, below {}; name a directory elsewhere", option, path,
                         real_root.string());
}

StatusOr<std::unique_ptr<Disk>> OpenRoot(const std::string& root, DiskAccess access,
                                         const DiskReading& reading) {
  StatusOr<std::unique_ptr<Disk>> disk = OpenPosixDisk(root, access, reading);
  if (!disk.ok()) return AboutTree(disk.status());
  return disk;
}

StatusOr<OpenedTier2> OpenTier2(const std::string& root, const DiskReading& reading,
                                Progress& progress) {
  OpenedTier2 out;
  ASSIGN_OR_RETURN(out.disk, OpenRoot(root, DiskAccess::kReadOnly, reading));
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

#include <algorithm>
#include <array>
#include <set>

#include "format/names.h"
#include "tier2/classify.h"
#include "tier2/inventory.h"

namespace pdr {
namespace {

class Scanner {
 public:
  Scanner(const Disk& disk, Progress& progress) : disk_(disk), progress_(progress) {}

  StatusOr<Inventory> Run() {
    progress_.Phase("scanning Tier-2", 0);
    RETURN_IF_ERROR(Walk());
    RETURN_IF_ERROR(CheckMetadataReadable());
    RETURN_IF_ERROR(DetectLayout());
    DemoteOtherLayout();
    std::sort(inventory_.files.begin(), inventory_.files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(inventory_);
  }

 private:
  Status Walk() {
    std::vector<std::string> directories = {""};
    while (!directories.empty()) {
      const std::string directory = std::move(directories.back());
      directories.pop_back();
      StatusOr<std::vector<ListedEntry>> entries = disk_.ListStats(directory);
      if (!entries.ok()) {
        if (directory.empty()) return entries.status();
        AddUnreadable(directory, entries.status());
        continue;
      }
      for (const ListedEntry& entry : *entries) {
        Visit(JoinPath(directory, entry.name), entry.stat, directories);
      }
      progress_.Advance(entries->size());
    }
    std::sort(inventory_.unreadable.begin(), inventory_.unreadable.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return OkStatus();
  }

  void Visit(std::string path, const StatusOr<FileStat>& stat,
             std::vector<std::string>& directories) {
    if (Status safe = CheckDiskPath(path); !safe.ok()) return AddUnreadable(path, safe);
    if (!stat.ok()) return AddUnreadable(path, stat.status());
    if (stat->kind == FileKind::kDirectory) return directories.push_back(std::move(path));
    InventoryFile file{std::move(path), stat->size, stat->mode, stat->mtime_ns, {}};
    if (stat->kind == FileKind::kRegular) {
      const NameClass name = ClassifyName(file.path);
      file.file_class = name.file_class;
      if (name.container && name.layout) containers_[Index(*name.layout)].insert(*name.container);
      if (name.layout) named_by_.push_back({inventory_.files.size(), *name.layout});
    } else {
      file.file_class = FileClass::kSpecial;
    }
    inventory_.files.push_back(std::move(file));
  }

  // Metadata that cannot be looked at must never count as absent (recovery-semantics.md H32).
  Status CheckMetadataReadable() const {
    for (const Unreadable& entry : inventory_.unreadable) {
      const std::string below = entry.path + "/";
      if (below.starts_with(kContainersDir) || kContainersDir.starts_with(below)) {
        return PermissionDenied("container metadata cannot be read: {}", entry.reason);
      }
    }
    return OkStatus();
  }

  Status DetectLayout() {
    const std::set<int>& rolling = containers_[Index(Layout::kRolling)];
    const std::set<int>& chunked = containers_[Index(Layout::kChunked)];
    if (rolling.empty() && chunked.empty()) {
      return NotFound(
          "no Pravega container metadata below the root: looked for {0}metadata_<n>$header "
          "(rolling "
          "layout) and {0}metadata_<n>.E-<epoch>-O-<offset>.<uuid> or {0}_sysjournal.* (chunked "
          "layout)",
          kContainersDir);
    }
    if (!rolling.empty() && !chunked.empty()) {
      return DataLoss(
          "{} holds the metadata of both layouts: rolling for {} containers, chunked for {}; move "
          "the files of the one that was not in use out of the root",
          kContainersDir, rolling.size(), chunked.size());
    }
    inventory_.layout = rolling.empty() ? Layout::kChunked : Layout::kRolling;
    const std::set<int>& found = rolling.empty() ? chunked : rolling;
    int expected = 0;
    for (int container : found) {
      if (container == expected++) continue;
      return DataLoss(
          "the metadata of container {} is missing although container {} has some: the Tier-2 tree "
          "is incomplete",
          expected - 1, container);
    }
    inventory_.container_count = expected;
    return OkStatus();
  }

  // Names that only the other layout writes mean nothing here.
  void DemoteOtherLayout() {
    for (const auto& [index, layout] : named_by_) {
      if (layout != inventory_.layout) inventory_.files[index].file_class = FileClass::kForeign;
    }
  }

  void AddUnreadable(std::string path, const Status& status) {
    inventory_.unreadable.push_back({std::move(path), std::string(Message(status))});
  }

  static size_t Index(Layout layout) { return static_cast<size_t>(layout); }

  const Disk& disk_;
  Progress& progress_;
  Inventory inventory_;
  std::array<std::set<int>, 2> containers_;          // with metadata, by layout
  std::vector<std::pair<size_t, Layout>> named_by_;  // before sorting
};

}  // namespace

StatusOr<Inventory> ScanTier2(const Disk& disk, Progress& progress) {
  return Scanner(disk, progress).Run();
}

}  // namespace pdr

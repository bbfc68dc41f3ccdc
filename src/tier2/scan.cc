#include <set>

#include "format/names.h"
#include "tier2/classify.h"
#include "tier2/inventory.h"
#include "tier2/tree_walk.h"

namespace pdr {
namespace {

class Scanner {
 public:
  Scanner(const Disk& disk, Progress& progress) : disk_(disk), progress_(progress) {}

  StatusOr<Inventory> Run() {
    progress_.Begin({"scanning Tier-2", "file"});
    ASSIGN_OR_RETURN(tree_, WalkTree(disk_, progress_));
    RETURN_IF_ERROR(CheckMetadataReadable());
    RETURN_IF_ERROR(DetectLayout());
    DemoteOtherLayout();
    inventory_.files = std::move(tree_.files);
    inventory_.names = std::move(tree_.names);
    inventory_.unreadable = std::move(tree_.unreadable);
    return std::move(inventory_);
  }

 private:
  // Metadata that cannot be looked at must never count as absent (recovery-semantics.md H32).
  Status CheckMetadataReadable() const {
    for (const Unreadable& entry : tree_.unreadable) {
      const std::string below = entry.path + "/";
      if (below.starts_with(kContainersDir) || kContainersDir.starts_with(below)) {
        return PermissionDenied("container metadata cannot be read: {}", entry.reason);
      }
    }
    return OkStatus();
  }

  Status DetectLayout() {
    const std::set<int>& rolling = tree_.containers[Index(Layout::kRolling)];
    const std::set<int>& chunked = tree_.containers[Index(Layout::kChunked)];
    if (rolling.empty() && chunked.empty()) {
      return NotFound(
          "no Pravega container metadata below the root: looked for {0}metadata_<n>$header "
          "(rolling layout) and {0}metadata_<n>.E-<epoch>-O-<offset>.<uuid> or {0}_sysjournal.* "
          "(chunked layout); the root is what filesystem.root is for the segment stores",
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
    const Layout other =
        inventory_.layout == Layout::kRolling ? Layout::kChunked : Layout::kRolling;
    if (tree_.named[Index(other)] == 0) return;
    for (InventoryFile& file : tree_.files) {
      if (file.file_class == FileClass::kSpecial) continue;
      if (ClassifyName(file.path).layout == other) file.file_class = FileClass::kForeign;
    }
  }

  static size_t Index(Layout layout) { return static_cast<size_t>(layout); }

  const Disk& disk_;
  Progress& progress_;
  WalkedTree tree_;
  Inventory inventory_;
};

}  // namespace

StatusOr<Inventory> ScanTier2(const Disk& disk, Progress& progress) {
  return Scanner(disk, progress).Run();
}

}  // namespace pdr

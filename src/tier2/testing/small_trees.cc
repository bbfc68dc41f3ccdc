#include "tier2/testing/small_trees.h"

#include "base/progress.h"
#include "tier2/testing/sample_tree.h"
#include "tier2/testing/tar_fixture.h"
#include "tier2/view.h"

namespace pdr {
namespace {

constexpr std::string_view kTables = "_system/_tables/";

bool IsChosenTable(std::string_view name) {  // below kTables
  if (name.find('/') == name.npos) return true;
  for (const char* part : {"InScope", "dr/scaled/", "dr/truncated/", "dr/transactions/"}) {
    if (name.find(part) != name.npos) return true;
  }
  return name.starts_with("dr/table");
}

// One of each kind and no more: every user of these trees reads all of them again and again.
bool IsChosen(std::string_view name) {
  if (name.starts_with(kTables)) return IsChosenTable(name.substr(kTables.size()));
  for (const char* prefix :
       {"dr/table", "dr/truncated/", "dr/transactions/", "dr/scaled/", "_system/_RGscaleGroup/"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

FileTree SmallChunkedTree(const std::string& testdata, int epoch) {
  MemoryDisk disk;
  LoadChunkedSample(testdata, epoch, disk);
  return disk.Files();
}

StatusOr<FileTree> SmallRollingTree(const std::string& testdata) {
  MemoryDisk whole;
  RETURN_IF_ERROR(LoadFixture(testdata, "rolling-flushed", whole));
  ASSIGN_OR_RETURN(const Inventory inventory, ScanTier2(whole, Progress::Silent()));
  ASSIGN_OR_RETURN(const Tier2View view, ReadTier2(whole, inventory, 1, Progress::Silent()));
  MemoryDisk part;
  std::vector<SegmentInfo> records;
  for (const ContainerView& container : view.containers) {
    for (const auto& [name, record] : container.records) {
      if (IsChosen(name)) records.push_back(record);
    }
  }
  for (const auto& [path, file] : whole.Files()) {
    if (IsChosen(path)) part.Put(path, file.bytes, file.mode);
  }
  PutRollingMetadata(part, 0, records);
  return part.Files();
}

}  // namespace pdr

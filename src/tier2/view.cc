#include "tier2/view.h"

#include <algorithm>
#include <tuple>

#include "tier2/chunked/reader.h"
#include "tier2/classify.h"
#include "tier2/rolling/reader.h"

namespace pdr {
namespace {

// While a container is read, its metadata tables are in memory.
constexpr uint64_t kMetadataBytesAtOnce = uint64_t{16} << 20;

void SortAnomalies(std::vector<Anomaly>& anomalies) {
  std::sort(anomalies.begin(), anomalies.end(), [](const Anomaly& a, const Anomaly& b) {
    return std::tie(a.subject, a.code, a.message) < std::tie(b.subject, b.code, b.message);
  });
}

void AddListedTwice(const FileIndex& files, Tier2View& view) {
  for (const std::string& path : files.ListedTwice()) {
    view.anomalies.push_back({"chunk-shared", -1, path, "more than one segment lists this file"});
  }
}

// A link in place of a chunk must not look like a chunk that is gone: it says where the bytes are.
void AddSpecial(const Inventory& inventory, Tier2View& view) {
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class != FileClass::kSpecial) continue;
    const FileClass wanted = ClassifyName(file.path).file_class;
    if (wanted == FileClass::kForeign || wanted == FileClass::kOwn) continue;
    view.anomalies.push_back(
        {"special-file", -1, std::string(file.path),
         fmt::format("by its name a {} file, but it is a link, fifo, socket or device, which is "
                     "neither followed nor read",
                     FileClassName(wanted))});
  }
}

// What cannot be looked at never counts as absent.
void AddUnreadable(const Inventory& inventory, Tier2View& view) {
  for (const Unreadable& entry : inventory.unreadable) {
    view.anomalies.push_back({"unreadable", -1, entry.path, entry.reason});
  }
}

}  // namespace

Tier2View EmptyView(const Inventory& inventory) {
  Tier2View view;
  view.layout = inventory.layout;
  view.containers.resize(static_cast<size_t>(inventory.container_count));
  for (int i = 0; i < inventory.container_count; ++i) {
    view.containers[static_cast<size_t>(i)].container = i;
  }
  return view;
}

size_t ContainersAtOnce(const Disk& disk, const Inventory& inventory, size_t threads) {
  uint64_t bytes = 1;
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class == FileClass::kMetadataChunk) bytes += file.size;
  }
  const auto containers = static_cast<uint64_t>(std::max(inventory.container_count, 1));
  const uint64_t fit = std::min(containers, kMetadataBytesAtOnce / (bytes / containers + 1));
  return std::min(disk.read_depth(), std::max(threads, static_cast<size_t>(fit)));
}

StatusOr<Tier2View> ReadTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                              Progress& progress) {
  Tier2View view = EmptyView(inventory);
  FileIndex files(inventory);
  threads = ContainersAtOnce(disk, inventory, threads);
  auto* read = view.layout == Layout::kRolling ? ReadRolling : ReadChunked;
  RETURN_IF_ERROR(read(disk, inventory, files, threads, progress, view));
  AddListedTwice(files, view);
  view.unreferenced = files.UnlistedChunks();
  AddSpecial(inventory, view);
  AddUnreadable(inventory, view);
  SortAnomalies(view.anomalies);
  for (ContainerView& container : view.containers) {
    for (const auto& [name, record] : container.records) {
      auto epoch = record.attributes.find(kCreationEpoch);
      if (epoch == record.attributes.end() || epoch->second < 0) continue;
      view.max_epoch = std::max(view.max_epoch, static_cast<uint64_t>(epoch->second));
    }
    SortAnomalies(container.anomalies);
  }
  return view;
}

std::vector<Anomaly> Tier2View::AllAnomalies() const {
  std::vector<Anomaly> out = anomalies;
  for (const ContainerView& container : containers) {
    out.insert(out.end(), container.anomalies.begin(), container.anomalies.end());
  }
  return out;
}

}  // namespace pdr

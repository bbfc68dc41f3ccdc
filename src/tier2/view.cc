#include "tier2/view.h"

#include <algorithm>
#include <tuple>

#include "tier2/chunked/reader.h"
#include "tier2/read_containers.h"
#include "tier2/rolling/reader.h"

namespace pdr {
namespace {

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

}  // namespace

StatusOr<Tier2View> ReadContainers(const Disk& disk, const Inventory& inventory, FileIndex& files,
                                   size_t threads, const ReadScope& scope, Progress& progress) {
  Tier2View view;
  view.layout = inventory.layout;
  view.containers.resize(static_cast<size_t>(inventory.container_count));
  for (int i = 0; i < inventory.container_count; ++i) {
    view.containers[static_cast<size_t>(i)].container = i;
  }
  threads = std::min(threads, disk.read_depth());
  auto* read = view.layout == Layout::kRolling ? ReadRolling : ReadChunked;
  RETURN_IF_ERROR(read(disk, inventory, files, threads, scope, progress, view));
  AddListedTwice(files, view);
  return view;
}

StatusOr<Tier2View> ReadTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                              Progress& progress) {
  FileIndex files(inventory);
  ASSIGN_OR_RETURN(Tier2View view,
                   ReadContainers(disk, inventory, files, threads, ReadScope(), progress));
  view.unreferenced = files.UnlistedChunks();
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

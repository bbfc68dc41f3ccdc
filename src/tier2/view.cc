#include "tier2/view.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <mutex>
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

void AddListedTwice(const FileIndex& files, Tier2Whole& view) {
  for (const std::string& path : files.ListedTwice()) {
    view.anomalies.push_back({"chunk-shared", -1, path, "more than one segment lists this file"});
  }
}

// A link in place of a chunk must not look like a chunk that is gone: it says where the bytes are.
void AddSpecial(const Inventory& inventory, Tier2Whole& view) {
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
void AddUnreadable(const Inventory& inventory, Tier2Whole& view) {
  for (const Unreadable& entry : inventory.unreadable) {
    view.anomalies.push_back({"unreadable", -1, entry.path, entry.reason});
  }
}

// Looks at every container when all of it is there.
class Finisher : public ContainerTaker {
 public:
  explicit Finisher(ContainerTaker& next) : next_(next) {}

  Status Take(ContainerView container) override {
    uint64_t newest = 0;
    for (const auto& [name, record] : container.records) {
      auto epoch = record.attributes.find(kCreationEpoch);
      if (epoch == record.attributes.end() || epoch->second < 0) continue;
      newest = std::max(newest, static_cast<uint64_t>(epoch->second));
    }
    SortAnomalies(container.anomalies);
    {
      const std::lock_guard lock(mutex_);
      max_epoch_ = std::max(max_epoch_, newest);
    }
    return next_.Take(std::move(container));
  }
  uint64_t most_segments() const override { return next_.most_segments(); }
  Status TakePart(ContainerView part) override { return next_.TakePart(std::move(part)); }
  Status Complete(ContainerView& container) override { return next_.Complete(container); }

  uint64_t max_epoch() const { return max_epoch_; }

 private:
  ContainerTaker& next_;
  std::mutex mutex_;
  uint64_t max_epoch_ = 0;
};

class Keeper : public ContainerTaker {
 public:
  explicit Keeper(std::vector<ContainerView>& containers) : containers_(containers) {}

  Status Take(ContainerView container) override {
    const auto own = static_cast<size_t>(container.container);
    containers_[own] = std::move(container);
    return OkStatus();
  }
  // Without an end, so that there are no parts.
  uint64_t most_segments() const override { return std::numeric_limits<uint64_t>::max(); }
  Status TakePart(ContainerView /*part*/) override { return Internal("a part of a container"); }
  Status Complete(ContainerView& /*container*/) override { return OkStatus(); }

 private:
  std::vector<ContainerView>& containers_;
};

}  // namespace

Tier2View EmptyView(const Inventory& inventory) {
  Tier2View view;
  view.layout = inventory.layout;
  view.container_count = inventory.container_count;
  view.containers.resize(static_cast<size_t>(inventory.container_count));
  for (int i = 0; i < inventory.container_count; ++i) {
    view.containers[static_cast<size_t>(i)].container = i;
  }
  return view;
}

uint64_t MetadataBytes(const Inventory& inventory) {
  uint64_t bytes = 0;
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class == FileClass::kMetadataChunk) bytes += file.size;
  }
  return bytes;
}

size_t ContainersAtOnce(const Disk& disk, const Inventory& inventory, size_t threads) {
  const uint64_t bytes = MetadataBytes(inventory);
  const auto containers = static_cast<uint64_t>(std::max(inventory.container_count, 1));
  const uint64_t fit = std::min(containers, kMetadataBytesAtOnce / (bytes / containers + 1));
  return std::min(disk.read_depth(), std::max(threads, static_cast<size_t>(fit)));
}

StatusOr<Tier2Whole> ReadTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                               Progress& progress, ContainerTaker& taker) {
  Tier2View view = EmptyView(inventory);
  FileIndex files(inventory);
  threads = ContainersAtOnce(disk, inventory, threads);
  Finisher finisher(taker);
  auto* read = view.layout == Layout::kRolling ? ReadRolling : ReadChunked;
  RETURN_IF_ERROR(read(disk, inventory, files, threads, progress, view, finisher));
  view.max_epoch = std::max(view.max_epoch, finisher.max_epoch());
  AddListedTwice(files, view);
  view.unreferenced = files.UnlistedChunks();
  AddSpecial(inventory, view);
  AddUnreadable(inventory, view);
  SortAnomalies(view.anomalies);
  return static_cast<Tier2Whole>(std::move(view));
}

StatusOr<Tier2View> ReadTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                              Progress& progress) {
  Tier2View view = EmptyView(inventory);
  Keeper keeper(view.containers);
  ASSIGN_OR_RETURN(static_cast<Tier2Whole&>(view),
                   ReadTier2(disk, inventory, threads, progress, keeper));
  return view;
}

void ContainerView::AddSegments(ContainerView part) {
  stored.merge(part.stored);
  system.merge(part.system);
  std::move(part.anomalies.begin(), part.anomalies.end(), std::back_inserter(anomalies));
}

std::vector<Anomaly> Tier2View::AllAnomalies() const {
  std::vector<Anomaly> out = anomalies;
  for (const ContainerView& container : containers) {
    out.insert(out.end(), container.anomalies.begin(), container.anomalies.end());
  }
  return out;
}

}  // namespace pdr

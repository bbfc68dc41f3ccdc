#include "tier2/view.h"

#include <algorithm>
#include <tuple>

#include "format/names.h"
#include "tier2/chunked/reader.h"
#include "tier2/file_index.h"
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

bool IsListed(std::string_view segment) {
  return !IsAttributeIndex(segment) && !MetadataSegmentContainer(segment) &&
         !StorageMetadataSegmentContainer(segment) && !IsGcQueue(segment);
}

SegmentRow MakeRow(int container, const std::string& name, const StoredSegment* stored,
                   const SegmentInfo* record) {
  SegmentRow row{container, name, record != nullptr && record->sealed, 0, 0};
  if (stored == nullptr) return row;
  row.length = stored->length;
  row.sealed = row.sealed || stored->sealed;
  // Rolling storage knows only where the first chunk left begins; the record may know better.
  const uint64_t recorded = record == nullptr ? 0 : static_cast<uint64_t>(record->start_offset);
  row.start_offset = std::min(std::max(stored->start_offset, recorded), row.length);
  return row;
}

}  // namespace

StatusOr<Tier2View> ReadTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                              Progress& progress) {
  Tier2View view;
  view.layout = inventory.layout;
  view.containers.resize(static_cast<size_t>(inventory.container_count));
  for (int i = 0; i < inventory.container_count; ++i) {
    view.containers[static_cast<size_t>(i)].container = i;
  }
  FileIndex files(inventory);
  auto* read = view.layout == Layout::kRolling ? ReadRolling : ReadChunked;
  RETURN_IF_ERROR(read(disk, inventory, files, threads, progress, view));
  view.unreferenced = files.UnlistedChunks();
  AddListedTwice(files, view);
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

std::vector<SegmentRow> ListSegments(const Tier2View& view) {
  std::vector<SegmentRow> rows;
  for (const ContainerView& container : view.containers) {
    auto stored = container.stored.begin();
    auto record = container.records.begin();
    while (stored != container.stored.end() || record != container.records.end()) {
      const bool take_stored = record == container.records.end() ||
                               (stored != container.stored.end() && stored->first <= record->first);
      const bool take_record =
          stored == container.stored.end() ||
          (record != container.records.end() && record->first <= stored->first);
      const std::string& name = take_stored ? stored->first : record->first;
      if (IsListed(name)) {
        rows.push_back(MakeRow(container.container, name, take_stored ? &stored->second : nullptr,
                               take_record ? &record->second : nullptr));
      }
      if (take_stored) ++stored;
      if (take_record) ++record;
    }
  }
  return rows;
}

}  // namespace pdr

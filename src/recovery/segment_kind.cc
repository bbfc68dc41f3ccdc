#include "recovery/segment_kind.h"

#include <algorithm>
#include <array>

namespace pdr {
namespace {

constexpr std::array<std::string_view, 4> kControllerReaderGroups = {
    "_system/_RGabortStreamReaders/0.#epoch.0",
    "_system/_RGcommitStreamReaders/0.#epoch.0",
    "_system/_RGkvtStreamReaders/0.#epoch.0",
    "_system/_RGscaleGroup/0.#epoch.0",
};
constexpr int64_t kTableRolloverBytes = 16777216;
constexpr int64_t kDefaultMinUtilization = 75;  // percent

int64_t TypeOf(const Attributes& attributes) {
  auto it = attributes.find(kSegmentType);
  if (it != attributes.end()) return it->second;
  // Segments from before the type attribute: a table is what has an index offset.
  return attributes.contains(kIndexOffset) ? kTypeTable : 0;
}

Attributes NewTable(int64_t type) {
  Attributes a = {{kRolloverSize, kTableRolloverBytes}, {kSegmentType, type}};
  for (AttributeId id : {kIndexOffset, kEntryCount, kBucketCount, kTotalEntryCount,
                         kCompactionOffset, kTableRetired}) {
    a[id] = 0;
  }
  a[kMinUtilization] = kDefaultMinUtilization;
  return a;
}

}  // namespace

Attributes DefaultAttributes(std::string_view segment) {
  if (segment.find("_kvtable/") != std::string_view::npos) return NewTable(kTypeFixedKeyTable);
  if (segment.find("/_tables/") != std::string_view::npos) return NewTable(kTypeTable);
  return {{kSegmentType, 0}};
}

bool IsControllerReaderGroup(std::string_view segment) {
  return std::find(kControllerReaderGroups.begin(), kControllerReaderGroups.end(), segment) !=
         kControllerReaderGroups.end();
}

bool IsTable(const Attributes& attributes) { return (TypeOf(attributes) & kTypeTable) != 0; }

bool IsFixedKeyTable(const Attributes& attributes) {
  return (TypeOf(attributes) & kTypeFixedKeyTable) == kTypeFixedKeyTable;
}

}  // namespace pdr

#include "recovery/segment_kind.h"

#include <algorithm>
#include <array>

#include "container/table_image.h"
#include "format/controller_names.h"

namespace pdr {
namespace {

constexpr std::array<std::string_view, 4> kControllerReaderGroups = {
    "_system/_RGabortStreamReaders/0.#epoch.0",
    "_system/_RGcommitStreamReaders/0.#epoch.0",
    "_system/_RGkvtStreamReaders/0.#epoch.0",
    "_system/_RGscaleGroup/0.#epoch.0",
};

int64_t TypeOf(const Attributes& attributes) {
  auto it = attributes.find(kSegmentType);
  if (it != attributes.end()) return it->second;
  // Segments from before the type attribute: a table is what has an index offset.
  return attributes.contains(kIndexOffset) ? kTypeTable : 0;
}

}  // namespace

Attributes DefaultAttributes(std::string_view segment) {
  if (segment.find("_kvtable/") != std::string_view::npos)
    return NewTableAttributes(kTypeFixedKeyTable);
  if (segment.find("/_tables/") != std::string_view::npos || segment == kDeletingScopesTable) {
    return NewTableAttributes(kTypeTable);
  }
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

#include "tier2/testing/list_view.h"

#include <tuple>

namespace pdr {

Listing ListView(const Tier2View& view) {
  Listing out;
  out.names = std::make_unique<TextArena>();
  for (const ContainerView& container : view.containers) {
    std::vector<SegmentRow> stored;
    for (const auto& [name, segment] : container.stored) stored.push_back(RowOf(name, segment));
    RowMerger merger(std::move(stored), *out.names);
    for (const auto& [name, record] : container.records) {
      std::ignore = merger.AddRecord(name, record);
    }
    out.containers.push_back(merger.Take());
  }
  return out;
}

}  // namespace pdr

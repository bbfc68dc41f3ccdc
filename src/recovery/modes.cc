#include "recovery/modes.h"

namespace pdr {
namespace {

struct ModeCounts {
  uint64_t segments = 0;
  uint64_t sealed = 0;         // by their header
  uint64_t recorded = 0;       // by their record, with data
  uint64_t writable_full = 0;  // chunks before a last one, all of which should be read-only
};

void Count(const ContainerView& container, ModeCounts& counts) {
  for (const auto& [name, segment] : container.stored) {
    ++counts.segments;
    if (segment.sealed) ++counts.sealed;
    auto record = container.records.find(name);
    if (record != container.records.end() && record->second.sealed) ++counts.recorded;
    for (size_t i = 0; i + 1 < segment.chunks.size(); ++i) {
      const StoredChunk& chunk = segment.chunks[i];
      if (chunk.exists && (chunk.mode & kOwnerWrite) != 0) ++counts.writable_full;
    }
  }
}

}  // namespace

bool ModesAreLost(const Tier2View& view) {
  if (view.layout != Layout::kRolling) return false;
  ModeCounts counts;
  for (const ContainerView& container : view.containers) Count(container, counts);
  if (counts.segments == 0) return false;
  if (counts.sealed == counts.segments) return true;
  return counts.sealed == 0 && (counts.recorded > 0 || counts.writable_full > 0);
}

}  // namespace pdr

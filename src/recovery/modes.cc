#include "recovery/modes.h"

namespace pdr {

void ModeJudge::Add(const ContainerView& container) {
  for (const auto& [name, segment] : container.stored) {
    ++segments_;
    if (segment.sealed) ++sealed_;
    auto record = container.records.find(name);
    if (record != container.records.end() && record->second.sealed) ++recorded_;
    for (size_t i = 0; i + 1 < segment.chunks.size(); ++i) {
      const StoredChunk& chunk = segment.chunks[i];
      if (chunk.exists && (chunk.mode & kOwnerWrite) != 0) ++writable_full_;
    }
  }
}

bool ModeJudge::AreLost() const {
  if (segments_ == 0) return false;
  if (sealed_ == segments_) return true;
  return sealed_ == 0 && (recorded_ > 0 || writable_full_ > 0);
}

}  // namespace pdr

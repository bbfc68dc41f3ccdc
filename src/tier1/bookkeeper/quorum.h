// Which bookies of an ensemble hold an entry, and when enough of them have answered.
// docs/formats/bookkeeper-wire.md section 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pdr {

// The ensemble index of copy `copy` of an entry.
inline size_t ReplicaIndex(int64_t entry, size_t copy, size_t ensemble_size) {
  return (static_cast<uint64_t>(entry) + copy) % ensemble_size;
}

inline bool HoldsEntry(int64_t entry, size_t index, size_t write_quorum, size_t ensemble_size) {
  size_t first = ReplicaIndex(entry, 0, ensemble_size);
  return (index + ensemble_size - first) % ensemble_size < write_quorum;
}

// Whether no ack quorum can hide among the bookies that have not answered: every window of
// write-quorum neighbours has fewer than ack_quorum of those.
inline bool Covered(const std::vector<bool>& answered, size_t write_quorum, size_t ack_quorum) {
  for (size_t start = 0; start < answered.size(); ++start) {
    size_t unknown = 0;
    for (size_t i = 0; i < write_quorum; ++i) {
      if (!answered[(start + i) % answered.size()]) ++unknown;
    }
    if (unknown >= ack_quorum) return false;
  }
  return true;
}

}  // namespace pdr

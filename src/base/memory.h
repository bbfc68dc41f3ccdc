// How memory is bounded.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pdr {

// How many things that take `each` bytes while they are worked on to work on side by side in so
// much memory, up to `threads`: two in any case, so that one can wait for the disk.
inline size_t FitAtOnce(size_t threads, uint64_t memory, uint64_t each) {
  const uint64_t fit = memory / std::max<uint64_t>(each, 1);
  return std::min(threads, static_cast<size_t>(std::max<uint64_t>(fit, 2)));
}

// Gives free memory back to the system. After a pass over a large cluster, on many threads, glibc
// holds as much as the pass took, in pieces that the next pass does not fit into.
inline void ReturnFreeMemory() { malloc_trim(0); }

}  // namespace pdr

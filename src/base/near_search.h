// Searching a sorted range from a place that is probably near: who asks in the order of the range,
// or for neighbours, gets an answer after a few comparisons, from memory that is near.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pdr {

// std::lower_bound over `sorted` by `less(element, wanted)`: the index of the first element that is
// not less. Steps of doubling width lead from `at` towards it, then the last step is searched.
template <typename Element, typename Wanted, typename Less>
size_t LowerBoundFrom(const std::vector<Element>& sorted, size_t at, const Wanted& wanted,
                      Less less) {
  size_t from = std::min(at, sorted.size());
  size_t to = from;  // the answer is in [from, to]
  if (to < sorted.size() && less(sorted[to], wanted)) {
    for (size_t step = 1; to < sorted.size() && less(sorted[to], wanted); step *= 2) {
      from = to + 1;
      to = std::min(sorted.size(), to + step);
    }
  } else {
    for (size_t step = 1; from > 0 && !less(sorted[from - 1], wanted); step *= 2) {
      to = from - 1;
      from -= std::min(from, step);
    }
  }
  const auto begin = sorted.begin() + static_cast<ptrdiff_t>(from);
  const auto end = sorted.begin() + static_cast<ptrdiff_t>(to);
  return static_cast<size_t>(std::lower_bound(begin, end, wanted, less) - sorted.begin());
}

}  // namespace pdr

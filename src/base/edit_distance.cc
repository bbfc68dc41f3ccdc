#include "base/edit_distance.h"

#include <algorithm>

namespace pdr {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto nearest = std::min_element(candidates.begin(), candidates.end(),
                                        [&](std::string_view a, std::string_view b) {
                                          return EditDistance(word, a) < EditDistance(word, b);
                                        });
  return nearest == candidates.end() ? std::string_view() : *nearest;
}

std::string_view Meant(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view nearest = Nearest(word, candidates);
  const size_t far = std::max<size_t>(2, word.size() / 3);
  return EditDistance(word, nearest) <= far ? nearest : std::string_view();
}

}  // namespace pdr

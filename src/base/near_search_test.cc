#include "base/near_search.h"

#include <gtest/gtest.h>

namespace pdr {
namespace {

TEST(NearSearchTest, FindsFromEveryPlaceWhatALowerBoundFinds) {
  for (size_t size : {0, 1, 2, 3, 17, 64}) {
    std::vector<int> sorted;
    for (size_t i = 0; i < size; ++i) sorted.push_back(static_cast<int>(i / 2 * 4));
    for (size_t from = 0; from <= size + 1; ++from) {
      for (int wanted = -1; wanted < static_cast<int>(2 * size) + 4; ++wanted) {
        const auto want = std::lower_bound(sorted.begin(), sorted.end(), wanted);
        EXPECT_EQ(LowerBoundFrom(sorted, from, wanted, std::less<>()),
                  static_cast<size_t>(want - sorted.begin()))
            << size << " " << from << " " << wanted;
      }
    }
  }
}

}  // namespace
}  // namespace pdr

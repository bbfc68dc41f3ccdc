#include "base/text_arena.h"

#include <gtest/gtest.h>

#include <string>

namespace pdr {
namespace {

TEST(TextArenaTest, KeepsEveryTextApartWhateverItsLength) {
  TextArena arena;
  std::vector<std::string> texts = {"", "a"};
  for (size_t i = 0; i < 2000; ++i) texts.push_back(std::string(i % 700, 'a' + i % 26));
  for (size_t size : {size_t{60} << 10, size_t{64} << 10, size_t{65} << 10, size_t{1} << 20}) {
    texts.push_back(std::string(size, 'x'));
    texts.push_back("after");
  }
  std::vector<std::string_view> kept;
  for (const std::string& text : texts) kept.push_back(arena.Keep(text));
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(kept[i], texts[i]) << i;
}

}  // namespace
}  // namespace pdr

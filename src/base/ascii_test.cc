#include "base/ascii.h"

#include <gtest/gtest.h>

#include <string>

namespace pdr {
namespace {

TEST(AsciiTest, EveryByteInEveryPlaceStopsItOrDoesNot) {
  for (const auto& [lowest, highest] : {std::pair(0x20, 0x7e), std::pair(0x01, 0x7f)}) {
    for (int byte = 0; byte < 256; ++byte) {
      for (size_t at = 0; at < 19; ++at) {
        std::string text(19, 'a');
        text[at] = static_cast<char>(byte);
        const bool plain = byte >= lowest && byte <= highest;
        const size_t expected = plain ? 19 : at / 8 * 8;
        EXPECT_EQ(AsciiPrefix(text, static_cast<uint8_t>(lowest), static_cast<uint8_t>(highest)),
                  expected)
            << byte << " at " << at;
      }
    }
  }
  EXPECT_EQ(AsciiPrefix("", 1, 0x7f), 0u);
  EXPECT_EQ(AsciiPrefix("1234567", 1, 0x7f), 0u);
}

TEST(AsciiTest, LastPositionIsThatOfRfind) {
  for (const std::string_view text :
       {"", "/", "a", "a/b", "/a/b/", "no slash in all of this text"}) {
    EXPECT_EQ(LastPosition(text, '/'), text.rfind('/')) << text;
  }
  EXPECT_EQ(LastPosition(std::string_view(), '/'), std::string_view::npos);
}

}  // namespace
}  // namespace pdr

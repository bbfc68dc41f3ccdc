// An attribute index in memory, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "format/btree_walk.h"

namespace pdr {

// Reads from `image`, whose first byte is at segment offset `base`.
inline BtreeRead ReadFrom(const std::string& image, int64_t base = 0) {
  return [&image, base](int64_t offset, int32_t length) -> StatusOr<std::string> {
    const auto size = static_cast<int64_t>(image.size());
    if (offset < base || offset - base > size - length) {
      return DataLoss("{} bytes at {} are outside the index", length, offset);
    }
    return image.substr(static_cast<size_t>(offset - base), static_cast<size_t>(length));
  };
}

inline BtreeFooter FooterOf(const std::string& image) {
  const size_t at = image.size() - kBtreeFooterBytes;
  const auto footer = DecodeBtreeFooter(std::string_view(image).substr(at));
  EXPECT_TRUE(footer.ok()) << Message(footer.status());
  return footer.ok() ? *footer : BtreeFooter{};
}

inline std::vector<BtreeLeafEntry> Walked(const std::string& image, size_t key_length,
                                          int64_t base = 0) {
  std::vector<BtreeLeafEntry> entries;
  const Status status = WalkBtree(ReadFrom(image, base), FooterOf(image), key_length,
                                  [&entries](std::string_view key, int64_t value) {
                                    entries.push_back({std::string(key), value});
                                    return OkStatus();
                                  });
  EXPECT_TRUE(status.ok()) << Message(status);
  return entries;
}

}  // namespace pdr

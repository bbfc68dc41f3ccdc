// Looking through text eight bytes at a time: nearly all names are plain ASCII.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace pdr {

// How many bytes at the front, in steps of eight, are all from `lowest` to `highest`, which are
// ASCII.
inline size_t AsciiPrefix(std::string_view text, uint8_t lowest, uint8_t highest) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighBits = kOnes << 7;
  size_t at = 0;
  for (; text.size() - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const uint64_t below = bytes - kOnes * lowest;
    const uint64_t above = bytes + kOnes * (0x7fU - highest);
    if (((bytes | below | above) & kHighBits) != 0) break;
  }
  return at;
}

}  // namespace pdr

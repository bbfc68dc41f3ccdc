// Looking through text many bytes at a time: nearly all names are plain ASCII.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace pdr {

// How many bytes at the front, in steps of eight or to the end, are all from `lowest` to `highest`,
// which are ASCII.
inline size_t AsciiPrefix(std::string_view text, uint8_t lowest, uint8_t highest) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighBits = kOnes << 7;
  constexpr size_t kStep = sizeof(uint64_t);
  const auto is_within = [&](size_t at) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const uint64_t below = bytes - kOnes * lowest;
    const uint64_t above = bytes + kOnes * (0x7fU - highest);
    return ((bytes | below | above) & kHighBits) == 0;
  };
  size_t at = 0;
  for (; text.size() - at >= kStep; at += kStep) {
    if (!is_within(at)) return at;
  }
  return at >= kStep && is_within(text.size() - kStep) ? text.size() : at;
}

// Where the last `c` is, or npos: string_view::rfind goes byte by byte.
inline size_t LastPosition(std::string_view text, char c) {
  // An empty text may have no address.
  const void* found = text.empty() ? nullptr : memrchr(text.data(), c, text.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace pdr

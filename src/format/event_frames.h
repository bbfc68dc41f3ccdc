// The framing of events in a stream segment: int32 type 0, int32 payload length, payload.
// docs/formats/recovery-semantics.md H1.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace pdr {

// Calls visit(uint64_t at, std::string_view payload) for every whole event of `bytes`, which begin
// on an event. Returns how many bytes they take; what is left is a torn event, or no event.
template <typename Visit>
uint64_t ForEachEvent(std::string_view bytes, Visit&& visit) {
  constexpr size_t kHeaderBytes = 8;
  size_t at = 0;
  while (bytes.size() - at >= kHeaderBytes) {
    ByteReader header(bytes.substr(at, kHeaderBytes));
    const int32_t type = header.I32();
    const int32_t length = header.I32();
    if (type != 0 || length < 0) break;
    if (bytes.size() - at - kHeaderBytes < static_cast<size_t>(length)) break;
    visit(at, bytes.substr(at + kHeaderBytes, static_cast<size_t>(length)));
    at += kHeaderBytes + static_cast<size_t>(length);
  }
  return at;
}

}  // namespace pdr

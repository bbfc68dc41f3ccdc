// The text of a rolling "$header" file. docs/formats/lts-rolling.md section 3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace pdr {

inline constexpr uint64_t kNoRolling = 4611686018427387902;

struct RollingChunk {
  uint64_t start_offset = 0;  // in the segment that lists it
  std::string name;           // relative to the root; may carry another segment's name
  bool operator==(const RollingChunk&) const = default;
};
struct RollingHeader {
  uint64_t max_length = kNoRolling;
  std::vector<RollingChunk> chunks;
  // The last record is `concat=` with fewer chunk records after it than it announces.
  bool dangling_concat = false;
};

StatusOr<RollingHeader> DecodeRollingHeader(std::string_view text);
std::string EncodeRollingHeader(const RollingHeader& header);  // flat: never writes concat records

}  // namespace pdr

// What the pages of an attribute index are made of. docs/formats/attribute-index.md section 1.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pdr {

inline constexpr size_t kPageBytesBesidesEntries = 14;
inline constexpr size_t kLeafValueBytes = 8;
inline constexpr size_t kChildBytes = 18;
inline constexpr uint8_t kIndexPageFlag = 0x01;

}  // namespace pdr

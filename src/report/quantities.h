// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace pdr {

std::string HumanBytes(uint64_t bytes);                  // "12.3 MiB"; below 1 KiB "12 bytes"
std::string HumanMillis(int64_t millis);                 // "1 h 02 min", "3.4 s"
std::string Count(uint64_t n, const std::string& noun);  // "1 segment", "2 segments"
std::string ContainerText(int64_t container);            // "-" for none, which is -1

}  // namespace pdr

// What this program is, and what it can read.
#pragma once

#include <string>

namespace pdr {

std::string VersionNumber();  // "0.1.0"
// Version, build, and the versions of Pravega that are supported, on two lines.
std::string VersionText();

}  // namespace pdr

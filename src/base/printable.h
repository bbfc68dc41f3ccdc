// Names come from files, and files from anybody: what goes to a terminal goes through here.
#pragma once

#include <string>
#include <string_view>

namespace pdr {

// Text for a terminal: control characters and backslashes as \xNN.
std::string Printable(std::string_view text);
// The same, but what is on several lines stays so.
std::string PrintableLines(std::string_view text);

}  // namespace pdr

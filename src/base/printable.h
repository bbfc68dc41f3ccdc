// Hostile names made safe for where they are shown.
#pragma once

#include <string>
#include <string_view>

namespace pdr {

// Text for a terminal: control characters and backslashes as \xNN.
std::string Printable(std::string_view text);
// The same, but what is on several lines stays so.
std::string PrintableLines(std::string_view text);
// As a CSV field, quoted when it must be (RFC 4180).
void AppendCsvField(std::string& out, std::string_view text);

}  // namespace pdr

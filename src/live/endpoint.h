// Where a server listens.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace pdr {

struct Endpoint {
  std::string host;
  uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
  std::string ToString() const { return fmt::format("{}:{}", host, port); }
};

// A controller's URI as Pravega's clients take it: tcp:// or pravega:// and one or more HOST:PORT,
// separated by commas. InvalidArgument for anything else; the message names the encrypted schemes
// (tls://, pravegas://), which are not supported.
StatusOr<std::vector<Endpoint>> ParseControllerUri(std::string_view uri);

}  // namespace pdr

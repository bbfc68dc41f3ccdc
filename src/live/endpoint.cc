#include "live/endpoint.h"

#include <charconv>

namespace pdr {
namespace {

StatusOr<Endpoint> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  Endpoint endpoint;
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    endpoint.host = host;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (error != std::errc() || stop != end) endpoint.port = 0;
  }
  if (endpoint.host.empty() || endpoint.port == 0) {
    return InvalidArgument("'{}' in the controller URI is not HOST:PORT", text);
  }
  return endpoint;
}

}  // namespace

StatusOr<std::vector<Endpoint>> ParseControllerUri(std::string_view uri) {
  constexpr std::string_view kSchemeEnd = "://";
  const size_t colon = uri.find(kSchemeEnd);
  const std::string_view scheme = colon == std::string_view::npos ? "" : uri.substr(0, colon);
  if (scheme == "tls" || scheme == "pravegas") {
    return InvalidArgument("controller URI {}: encrypted connections are not supported", uri);
  }
  if (scheme != "tcp" && scheme != "pravega") {
    return InvalidArgument("controller URI '{}' does not look like tcp://HOST:9090", uri);
  }
  std::vector<Endpoint> endpoints;
  std::string_view rest = uri.substr(colon + kSchemeEnd.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  for (;;) {
    const size_t comma = rest.find(',');
    ASSIGN_OR_RETURN(Endpoint endpoint, ParseHostPort(rest.substr(0, comma)));
    endpoints.push_back(std::move(endpoint));
    if (comma == std::string_view::npos) return endpoints;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace pdr

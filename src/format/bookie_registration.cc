#include "format/bookie_registration.h"

#include <charconv>

#include "proto/ledger.pb.h"

namespace pdr {
namespace {

constexpr std::string_view kClientProtocol = "bookie-rpc";
constexpr int32_t kMaxPort = 65535;

}  // namespace

std::string BookieAddress::ToString() const { return fmt::format("{}:{}", host, port); }

StatusOr<BookieAddress> ParseBookieAddress(std::string_view host_port) {
  size_t colon = host_port.rfind(':');
  uint16_t port = 0;
  const char* end = host_port.data() + host_port.size();
  if (colon != std::string_view::npos && colon > 0) {
    auto [stop, error] = std::from_chars(host_port.data() + colon + 1, end, port);
    if (error != std::errc() || stop != end) port = 0;
  }
  if (port == 0) return InvalidArgument("\"{}\" is not host:port", host_port);
  return BookieAddress{std::string(host_port.substr(0, colon)), port};
}

StatusOr<BookieAddress> DecodeBookieRegistration(std::string_view bookie_id,
                                                 std::string_view payload) {
  if (payload.empty()) return ParseBookieAddress(bookie_id);
  proto::BookieService service;
  if (!service.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return DataLoss("the registration of bookie {} does not parse", bookie_id);
  }
  for (const auto& endpoint : service.endpoints()) {
    if (endpoint.protocol() != kClientProtocol) continue;
    if (endpoint.host().empty() || endpoint.port() <= 0 || endpoint.port() > kMaxPort) {
      return DataLoss("bookie {} is registered at \"{}:{}\"", bookie_id, endpoint.host(),
                      endpoint.port());
    }
    return BookieAddress{endpoint.host(), static_cast<uint16_t>(endpoint.port())};
  }
  return DataLoss("the registration of bookie {} has no {} endpoint", bookie_id, kClientProtocol);
}

std::string EncodeBookieRegistration(std::string_view bookie_id, const BookieAddress& address) {
  proto::BookieService service;
  auto* endpoint = service.add_endpoints();
  endpoint->set_id(std::string(bookie_id));
  endpoint->set_port(address.port);
  endpoint->set_host(address.host);
  endpoint->set_protocol(std::string(kClientProtocol));
  return service.SerializeAsString();
}

}  // namespace pdr

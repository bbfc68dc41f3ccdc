// Where a registered bookie listens. docs/formats/zookeeper-layout.md section 6.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr {

struct BookieAddress {
  std::string host;
  uint16_t port = 0;
  auto operator<=>(const BookieAddress&) const = default;
  std::string ToString() const;
};

// "host:port", which is what classic bookie ids are.
StatusOr<BookieAddress> ParseBookieAddress(std::string_view host_port);
// The endpoint for clients in a registration's payload; an empty payload means the id is the
// address.
StatusOr<BookieAddress> DecodeBookieRegistration(std::string_view bookie_id,
                                                 std::string_view payload);
// The registration of a bookie that listens at one address, as bookies write it.
std::string EncodeBookieRegistration(std::string_view bookie_id, const BookieAddress& address);

}  // namespace pdr

// Connection strings as Pravega's configuration has them.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr {

// "h1:2181,h2:2181/chroot" for ZooKeeper's C client, from hosts separated by comma or semicolon,
// each with or without a port (2181), and an optional chroot. InvalidArgument if it is none.
StatusOr<std::string> NormalizeZooKeeperUri(std::string_view uri);

}  // namespace pdr

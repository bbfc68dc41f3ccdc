// The cluster's and the controller's nodes in ZooKeeper that recovery reads or writes.
// docs/formats/zookeeper-layout.md section 3, recovery-image-*.md sections 6 and 7.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/uuid.h"

namespace pdr {

struct Host {
  std::string ip;
  int32_t port = 0;
  std::string endpoint_id;
  bool operator==(const Host&) const = default;
};
StatusOr<Host> DecodeHost(std::string_view bytes);
std::string EncodeHost(const Host& host);
std::string HostNodeName(const Host& host);  // <ip>:<port>:<endpoint id>

struct HostContainers {
  Host host;
  std::vector<int32_t> containers;
  bool operator==(const HostContainers&) const = default;
};
// In the order written, which is arbitrary.
using HostContainerMap = std::vector<HostContainers>;
StatusOr<HostContainerMap> DecodeHostContainerMap(std::string_view bytes);
std::string EncodeHostContainerMap(const HostContainerMap& map);

// `counter`: the highest transaction counter handed out so far.
StatusOr<TransactionCounter> DecodeTransactionCounter(std::string_view bytes);
std::string EncodeTransactionCounter(const TransactionCounter& counter);

// eventProcessors/<process>/<group>: Java's serialization of a reader group without readers,
// identical to what controllers 0.12 and 0.13 write.
std::string EmptyReaderGroupData();

}  // namespace pdr

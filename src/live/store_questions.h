// Asks one segment store about many segments: one connection, many requests under way.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/wire_command.h"
#include "live/endpoint.h"

namespace pdr {

struct StoreQuestion {
  WireType type = WireType::kGetStreamSegmentInfo;
  std::string segment;
};

// `answer(i, reply)` is called once for each question, in the order the answers come; a reply is a
// WireSegmentInfo, a WireTableInfo or a WireRefusal. Unavailable when the store cannot be reached,
// closes the connection, is silent for `timeout`, does not serve the container of a segment that it
// is asked about, or does not keep to the protocol;
// FailedPrecondition when it wants a token or speaks only other versions of the protocol.
using StoreAnswer = std::function<void(size_t index, const WireReply& reply)>;
Status AskStore(const Endpoint& store, const std::vector<StoreQuestion>& questions,
                std::chrono::milliseconds timeout, const StoreAnswer& answer);

}  // namespace pdr

// A controller that answers getURI over HTTP/2. Tests only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "live/testing/fake_server.h"

namespace pdr {

// What the controller does with one call: a gRPC status, and for status 0 a message.
struct GrpcAnswer {
  std::string status = "0";
  std::string message;   // protobuf bytes
  bool hang_up = false;  // instead of an answer
};

GrpcAnswer NamesStore(const Endpoint& store);

class FakeController {
 public:
  // `segment` is the qualified name of the segment asked for: scope/stream/number.
  using Script = std::function<GrpcAnswer(const std::string& segment)>;

  explicit FakeController(Script script);
  // Names the same store for everything.
  explicit FakeController(const Endpoint& store);
  Endpoint endpoint() const { return server_->endpoint(); }

 private:
  struct Session;

  Script script_;
  std::unique_ptr<FakeServer> server_;  // last: its thread uses the rest
};

}  // namespace pdr

// Unary gRPC calls over one plain HTTP/2 connection. nghttp2 does the framing; a gRPC message is
// one flag byte (0: not compressed), a 4-byte length and a protobuf message.
// docs/formats/segment-store-wire.md section 4.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "live/timed_socket.h"

namespace pdr {

class GrpcChannel {
 public:
  static StatusOr<std::unique_ptr<GrpcChannel>> Connect(const Endpoint& endpoint,
                                                        std::chrono::milliseconds timeout);
  ~GrpcChannel();
  GrpcChannel(const GrpcChannel&) = delete;
  GrpcChannel& operator=(const GrpcChannel&) = delete;

  // `method` is "/package.Service/Method"; returns the reply's message. Unavailable when the call
  // could not be made or was refused, or when the server wants credentials.
  StatusOr<std::string> Call(const std::string& method, std::string_view request);

 private:
  struct Callbacks;

  GrpcChannel(const Endpoint& endpoint, std::chrono::milliseconds timeout);
  Status Open();
  Status Submit(const std::string& method);
  // Sends what nghttp2 has to send, reads what comes, until the call's stream is closed.
  Status Exchange();
  Status SendPending();
  StatusOr<std::string> Result() const;

  TimedSocket socket_;
  std::string authority_;
  nghttp2_session* session_ = nullptr;
  // The call under way.
  int32_t stream_ = -1;
  bool closed_ = false;
  std::string request_;  // framed
  size_t sent_ = 0;
  std::string reply_;
  bool too_long_ = false;
  std::map<std::string, std::string> headers_;  // and trailers
};

}  // namespace pdr

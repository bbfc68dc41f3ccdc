// A TCP connection on which every wait is bounded. One thread at a time.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "base/status.h"
#include "live/endpoint.h"

namespace pdr {

class TimedSocket {
 public:
  // `what` names the peer in messages: "segment store", "controller".
  TimedSocket(std::string what, Endpoint endpoint, std::chrono::milliseconds timeout);

  // Each: Unavailable, naming the peer, when it fails or takes longer than the timeout.
  Status Connect();
  Status Write(std::string_view bytes);
  // At least one byte, appended to `input`. Unavailable also when the peer closed the connection.
  Status ReadSome(std::string& input);

  std::string peer() const { return fmt::format("{} {}", what_, endpoint_.ToString()); }

 private:
  // Runs what was started until it is done; closes the socket when the time is up.
  Status Wait(std::string_view doing, const bool& done, const asio::error_code& error);

  std::string what_;
  Endpoint endpoint_;
  std::chrono::milliseconds timeout_;
  asio::io_context io_{1};
  asio::ip::tcp::resolver resolver_{io_};
  asio::ip::tcp::socket socket_{io_};
  std::string buffer_;
};

}  // namespace pdr

#include "live/timed_socket.h"

#include <asio/connect.hpp>
#include <asio/write.hpp>

namespace pdr {
namespace {

constexpr size_t kReadBytes = 1 << 16;

}  // namespace

TimedSocket::TimedSocket(std::string what, Endpoint endpoint, std::chrono::milliseconds timeout)
    : what_(std::move(what)),
      endpoint_(std::move(endpoint)),
      timeout_(timeout),
      buffer_(kReadBytes, '\0') {}

Status TimedSocket::Connect() {
  bool done = false;
  asio::error_code result;
  auto finish = [&](const asio::error_code& error) {
    result = error;
    done = true;
  };
  resolver_.async_resolve(endpoint_.host, std::to_string(endpoint_.port),
                          [&](const asio::error_code& error, const auto& addresses) {
                            if (error) return finish(error);
                            asio::async_connect(
                                socket_, addresses,
                                [&](const asio::error_code& e, const auto&) { finish(e); });
                          });
  RETURN_IF_ERROR(Wait("connecting", done, result));
  asio::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  return OkStatus();
}

Status TimedSocket::Write(std::string_view bytes) {
  bool done = false;
  asio::error_code result;
  asio::async_write(socket_, asio::buffer(bytes), [&](const asio::error_code& error, size_t) {
    result = error;
    done = true;
  });
  return Wait("writing", done, result);
}

Status TimedSocket::ReadSome(std::string& input) {
  bool done = false;
  asio::error_code result;
  size_t got = 0;
  socket_.async_read_some(asio::buffer(buffer_), [&](const asio::error_code& error, size_t n) {
    result = error;
    got = n;
    done = true;
  });
  RETURN_IF_ERROR(Wait("reading", done, result));
  input.append(buffer_, 0, got);
  return OkStatus();
}

Status TimedSocket::Wait(std::string_view doing, const bool& done, const asio::error_code& error) {
  io_.restart();
  io_.run_for(timeout_);
  if (!done) {  // the handlers refer to the caller's variables: they must run before it returns
    asio::error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
    io_.restart();
    io_.run();
    return Unavailable("{}: {}: no answer within {} ms", peer(), doing, timeout_.count());
  }
  if (error) return Unavailable("{}: {}: {}", peer(), doing, error.message());
  return OkStatus();
}

}  // namespace pdr

// A server on loopback, in this process: one thread, one connection after the other. Tests only.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "live/endpoint.h"

namespace pdr {

class FakeServer {
 public:
  using Serve = std::function<void(asio::ip::tcp::socket&)>;

  explicit FakeServer(Serve serve);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  Endpoint endpoint() const { return endpoint_; }

 private:
  void Run();

  Serve serve_;
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_,
                                    asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  Endpoint endpoint_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// False at the end of the connection.
bool ReadExactly(asio::ip::tcp::socket& socket, std::string& out, size_t n);
bool WriteAll(asio::ip::tcp::socket& socket, const std::string& bytes);

}  // namespace pdr

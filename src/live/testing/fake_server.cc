#include "live/testing/fake_server.h"

#include <asio/connect.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

namespace pdr {

FakeServer::FakeServer(Serve serve) : serve_(std::move(serve)) {
  endpoint_ = {"127.0.0.1", acceptor_.local_endpoint().port()};
  thread_ = std::thread([this] { Run(); });
}

FakeServer::~FakeServer() {
  stop_ = true;
  asio::ip::tcp::socket wake(io_);
  asio::error_code ignored;
  wake.connect(acceptor_.local_endpoint(ignored), ignored);
  thread_.join();
}

void FakeServer::Run() {
  for (;;) {
    asio::error_code error;
    asio::ip::tcp::socket socket(io_);
    acceptor_.accept(socket, error);
    if (stop_) return;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    if (!error) serve_(socket);
  }
}

bool ReadExactly(asio::ip::tcp::socket& socket, std::string& out, size_t n) {
  out.resize(n);
  asio::error_code error;
  asio::read(socket, asio::buffer(out), error);
  return !error;
}

bool WriteAll(asio::ip::tcp::socket& socket, const std::string& bytes) {
  asio::error_code error;
  asio::write(socket, asio::buffer(bytes), error);
  return !error;
}

}  // namespace pdr

#include "tier1/bookkeeper/bookie_client.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <map>
#include <thread>
#include <utility>

#include "tier1/bookkeeper/bookie_connection.h"

namespace pdr {

struct BookieClient::Impl {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  std::map<BookieAddress, std::shared_ptr<BookieConnection>> connections;  // of the io thread
  bool closed = false;                                                     // of the io thread
  std::thread thread{[this] { io.run(); }};
};

BookieClient::BookieClient() : impl_(std::make_unique<Impl>()) {}

BookieClient::~BookieClient() {
  asio::post(impl_->io, [impl = impl_.get()] {
    impl->closed = true;
    for (auto& [address, connection] : std::exchange(impl->connections, {})) {
      connection->Fail(Unavailable("the bookie client was closed"));
    }
    impl->work.reset();
  });
  impl_->thread.join();
}

void BookieClient::Send(const BookieAddress& address, BookieCall call, BookieCallback done) {
  asio::post(impl_->io, [impl = impl_.get(), address, call = std::move(call),
                         done = std::move(done)]() mutable {
    if (impl->closed) return done(Unavailable("the bookie client was closed"));
    std::shared_ptr<BookieConnection>& connection = impl->connections[address];
    if (connection == nullptr || connection->failed()) {
      connection = std::make_shared<BookieConnection>(impl->io, address);
      connection->Connect();
    }
    std::shared_ptr<BookieConnection> keep = connection;  // a callback may drop the map's
    keep->Send(std::move(call), std::move(done));
  });
}

}  // namespace pdr

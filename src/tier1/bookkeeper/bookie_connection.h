// One connection to a bookie. Lives on the thread of its io_context.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "tier1/bookkeeper/bookie_client.h"

namespace pdr {

class BookieConnection : public std::enable_shared_from_this<BookieConnection> {
 public:
  BookieConnection(asio::io_context& io, BookieAddress address);

  void Connect();
  void Send(BookieCall call, BookieCallback done);
  // Closes the connection; all requests under way fail with `why`.
  void Fail(const Status& why);
  bool failed() const { return !status_.ok(); }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Pending {
    BookieOperation operation;
    int timeout_ms;
    TimePoint deadline;
    BookieCallback done;
  };
  struct Frame {
    std::string head;
    std::shared_ptr<const std::string> body;
  };

  void ReadFrame();
  void OnFrame();
  void WriteQueued();
  void WatchDeadline(TimePoint deadline);
  void OnTimer();
  void FailWith(std::string_view what, const std::string& why);

  BookieAddress address_;
  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  TimePoint timer_at_ = TimePoint::max();
  Status status_;
  bool connected_ = false;
  TimePoint connect_deadline_;
  uint64_t last_txn_ = 0;
  std::map<uint64_t, Pending> pending_;
  std::deque<Frame> queued_;
  std::deque<Frame> writing_;
  std::string input_;
};

}  // namespace pdr

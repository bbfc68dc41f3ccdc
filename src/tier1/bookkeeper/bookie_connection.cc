#include "tier1/bookkeeper/bookie_connection.h"

#include <algorithm>
#include <asio/connect.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <utility>
#include <vector>

namespace pdr {
namespace {

constexpr std::chrono::seconds kConnectTimeout(10);

// How much is handed over to the kernel at a time; by itself, asio would stop at 64 KiB.
size_t MoreToWrite(const asio::error_code& error, size_t /*written*/) {
  constexpr size_t kBytes = 1 << 20;
  return error ? 0 : kBytes;
}

}  // namespace

BookieConnection::BookieConnection(asio::io_context& io, BookieAddress address)
    : address_(std::move(address)), resolver_(io), socket_(io), timer_(io) {}

void BookieConnection::Connect() {
  auto self = shared_from_this();
  connect_deadline_ = std::chrono::steady_clock::now() + kConnectTimeout;
  WatchDeadline(connect_deadline_);
  auto on_connected = [this, self](const asio::error_code& error, const auto&) {
    if (failed()) return;
    if (error) return FailWith("cannot be reached", error.message());
    connected_ = true;
    asio::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    WriteQueued();
    ReadFrame();
  };
  resolver_.async_resolve(
      address_.host, std::to_string(address_.port),
      [this, self, on_connected](const asio::error_code& error, const auto& endpoints) {
        if (failed()) return;
        if (error) return FailWith("has an unknown host name", error.message());
        asio::async_connect(socket_, endpoints, on_connected);
      });
}

void BookieConnection::Send(BookieCall call, BookieCallback done) {
  if (failed()) return done(status_);
  uint64_t txn = ++last_txn_;
  std::string head = EncodeRequestHead(call.operation, txn, call.priority, call.body->size());
  TimePoint deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(call.timeout_ms);
  pending_.emplace(txn, Pending{call.operation, call.timeout_ms, deadline, std::move(done)});
  queued_.push_back({std::move(head), std::move(call.body)});
  WatchDeadline(deadline);
  WriteQueued();
}

void BookieConnection::Fail(const Status& why) {
  if (failed()) return;
  status_ = why;
  asio::error_code ignored;
  socket_.close(ignored);
  resolver_.cancel();
  timer_.cancel();
  queued_.clear();
  auto pending = std::exchange(pending_, {});
  for (auto& [txn, call] : pending) call.done(status_);
}

void BookieConnection::FailWith(std::string_view what, const std::string& why) {
  Fail(Unavailable("bookie {} {}: {}", address_.ToString(), what, why));
}

void BookieConnection::WriteQueued() {
  if (!connected_ || !writing_.empty() || queued_.empty()) return;
  writing_.swap(queued_);
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(writing_.size() * 2);
  for (const Frame& frame : writing_) {
    buffers.push_back(asio::buffer(frame.head));
    buffers.push_back(asio::buffer(*frame.body));
  }
  asio::async_write(socket_, buffers, MoreToWrite,
                    [this, self = shared_from_this()](const asio::error_code& error, size_t) {
                      if (failed()) return;
                      if (error) return FailWith("broke the connection", error.message());
                      writing_.clear();
                      WriteQueued();
                    });
}

void BookieConnection::ReadFrame() {
  auto self = shared_from_this();
  input_.resize(kBookieFramePrefix);
  auto on_frame = [this, self](const asio::error_code& error, size_t) {
    if (failed()) return;
    if (error) return FailWith("broke the connection", error.message());
    OnFrame();
  };
  auto on_length = [this, self, on_frame](const asio::error_code& error, size_t) {
    if (failed()) return;
    if (error) return FailWith("broke the connection", error.message());
    StatusOr<size_t> length = DecodeFrameLength(input_);
    if (!length.ok()) {
      return Fail(Annotate(length.status(), fmt::format("bookie {} sent", address_.ToString())));
    }
    input_.resize(*length);
    asio::async_read(socket_, asio::buffer(input_), on_frame);
  };
  asio::async_read(socket_, asio::buffer(input_), on_length);
}

void BookieConnection::OnFrame() {
  StatusOr<proto::Response> response = DecodeResponse(input_);
  if (!response.ok()) {
    return Fail(Annotate(response.status(), fmt::format("bookie {} sent", address_.ToString())));
  }
  auto found = pending_.find(response->header().txn_id());
  if (found == pending_.end() ||
      static_cast<int32_t>(found->second.operation) != response->header().operation()) {
    return Fail(DataLoss("bookie {} answered a request that was not made", address_.ToString()));
  }
  BookieCallback done = std::move(found->second.done);
  pending_.erase(found);
  done(std::move(response));
  if (!failed()) ReadFrame();
}

// One timer for all requests; it is set to the earliest deadline, or to an earlier one that has
// gone since.
void BookieConnection::WatchDeadline(TimePoint deadline) {
  if (deadline >= timer_at_) return;
  timer_at_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([this, self = shared_from_this()](const asio::error_code& error) {
    if (!error && !failed()) OnTimer();
  });
}

void BookieConnection::OnTimer() {
  const TimePoint now = std::chrono::steady_clock::now();
  timer_at_ = TimePoint::max();
  if (!connected_ && connect_deadline_ <= now) {
    return FailWith("cannot be reached",
                    fmt::format("no connection within {} s", kConnectTimeout.count()));
  }
  TimePoint next = connected_ ? TimePoint::max() : connect_deadline_;
  for (const auto& [txn, call] : pending_) {
    if (call.deadline <= now) {
      return FailWith("does not answer", fmt::format("nothing within {} ms", call.timeout_ms));
    }
    next = std::min(next, call.deadline);
  }
  if (next != TimePoint::max()) WatchDeadline(next);
}

}  // namespace pdr

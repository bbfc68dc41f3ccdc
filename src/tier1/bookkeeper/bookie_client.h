// Requests to bookies: one connection to each, any number of requests under way on it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "format/bookie_message.h"
#include "format/bookie_registration.h"

namespace pdr {

struct BookieCall {
  BookieOperation operation = BookieOperation::kReadEntry;
  uint32_t priority = kNormalPriority;
  std::shared_ptr<const std::string> body;  // EncodeRequestBody; shared by the bookies it goes to
  int timeout_ms = 0;
};

// Runs exactly once, on the client's thread, and must not wait. Any answer of the bookie arrives as
// a response, whatever its code. Unavailable when there was none; DataLoss when it was no answer
// in the protocol. After either of these the bookie's connection is closed, and all its other
// requests have failed too.
using BookieCallback = std::function<void(StatusOr<proto::Response>)>;

class BookieClient {
 public:
  BookieClient();
  // Fails everything that is under way.
  ~BookieClient();
  BookieClient(const BookieClient&) = delete;
  BookieClient& operator=(const BookieClient&) = delete;

  void Send(const BookieAddress& address, BookieCall call, BookieCallback done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pdr

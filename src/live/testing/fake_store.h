// A segment store that answers from a table, in the order asked or backwards. Tests only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "format/wire_command.h"
#include "live/testing/fake_server.h"

namespace pdr {

struct StoreRequest {
  WireType type;
  int64_t id;
  std::string segment;
};

// Answers as bytes of the protocol.
std::string InfoReply(const StoreRequest& request, const WireSegmentInfo& info);
std::string TableReply(const StoreRequest& request, const WireTableInfo& info);
std::string RefusalReply(const StoreRequest& request, WireType type);

class FakeStore {
 public:
  // The bytes to send for a request; "" closes the connection.
  using Script = std::function<std::string(const StoreRequest&)>;

  FakeStore();  // every segment is unknown
  Endpoint endpoint() const { return server_->endpoint(); }
  // What it answers without a script.
  std::string FromTable(const StoreRequest& request) const;

  // Set before the first connection.
  WireHello hello;
  Script script;
  bool backwards = false;  // answers what has come in at once in the opposite order
  bool silent = false;     // says hello, then nothing
  std::map<std::string, WireSegmentInfo> segments;
  std::map<std::string, WireTableInfo> tables;

 private:
  void Serve(asio::ip::tcp::socket& socket);

  std::unique_ptr<FakeServer> server_;  // last: its thread uses the rest
};

}  // namespace pdr

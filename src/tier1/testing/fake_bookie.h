// A bookie on loopback, in this process, with a script for its failures. Tests only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "format/bookie_message.h"
#include "format/bookie_registration.h"

namespace pdr {

// What a bookie does with a request.
struct FakeReply {
  enum Kind { kServe, kIgnore, kHangUp, kCode, kRaw };
  Kind kind = kServe;
  BookieCode code = BookieCode::kOk;  // of kCode
  std::string raw;                    // of kRaw: these bytes instead of a frame
};

class FakeBookie {
 public:
  using Script = std::function<FakeReply(const proto::Request&)>;

  FakeBookie();
  ~FakeBookie();
  FakeBookie(const FakeBookie&) = delete;
  FakeBookie& operator=(const FakeBookie&) = delete;

  BookieAddress address() const { return address_; }
  std::string id() const { return address_.ToString(); }
  void Obey(Script script);
  // Stops listening and breaks all connections.
  void Die();

  std::vector<int64_t> Entries(int64_t ledger);
  std::optional<std::string> Stored(int64_t ledger, int64_t entry);
  void Store(int64_t ledger, int64_t entry, std::optional<std::string> body);
  void Fence(int64_t ledger);
  int64_t free_bytes = int64_t{1} << 40;
  bool fenced(int64_t ledger);
  int requests(BookieOperation operation);

 private:
  struct Server;
  struct Session;
  struct Ledger {
    std::string master_key;
    bool fenced = false;
    std::map<int64_t, std::string> entries;
  };

  // The frame to send; nothing to stay silent.
  std::optional<std::string> Answer(const proto::Request& request, bool& hang_up);
  int32_t Add(const proto::AddRequest& add);
  int32_t Read(const proto::ReadRequest& read, std::string& body);
  int32_t ReadLac(int64_t ledger, std::string& body);

  BookieAddress address_;
  std::mutex mutex_;
  Script script_;
  std::map<int64_t, Ledger> ledgers_;
  std::map<int32_t, int> requests_;
  std::unique_ptr<Server> server_;
};

}  // namespace pdr

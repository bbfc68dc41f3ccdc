// MetadataStore on ZooKeeper, over its own C client.
//
// Reads are repeated over connection losses, effects are sent once. A lost session is not replaced:
// its ephemeral nodes (the lock) are gone, so nothing may go on as if it still had them.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tier1/metadata_store.h"

struct _zhandle;  // NOLINT(bugprone-reserved-identifier): the C client calls it so

namespace pdr {

class ZooKeeperStore : public MetadataStore {
 public:
  // Waits for the session, at most `session_timeout_ms`; every later call is bounded by it too.
  static StatusOr<std::unique_ptr<ZooKeeperStore>> Connect(std::string_view uri,
                                                           int session_timeout_ms);
  ~ZooKeeperStore() override;

  StatusOr<Node> Get(const std::string& path) override;
  StatusOr<std::vector<std::string>> Children(const std::string& path) override;
  Status Create(const std::string& path, std::string_view data, bool ephemeral) override;
  StatusOr<std::string> CreateSequential(const std::string& path) override;
  StatusOr<int32_t> Set(const std::string& path, std::string_view data,
                        int32_t expected_version) override;
  Status Delete(const std::string& path, int32_t expected_version) override;

 private:
  struct Answer;
  struct Callbacks;
  // Starts one asynchronous operation with the given completion context; a ZOO_ERRORS code.
  using Start = std::function<int(_zhandle* handle, const void* context)>;
  enum class Kind { kRead, kEffect };

  explicit ZooKeeperStore(std::string uri, int session_timeout_ms)
      : uri_(std::move(uri)), timeout_ms_(session_timeout_ms) {}
  Status AwaitConnected();
  StatusOr<Answer> Call(Kind kind, const std::string& path, const Start& start);
  StatusOr<Answer> CallOnce(const std::string& path, const Start& start);
  // Creates the node; and its parents, if it turns out that they are missing.
  StatusOr<std::string> CreateNode(const std::string& path, std::string_view data, int mode);
  Status ToStatus(int code, const std::string& path) const;

  std::string uri_;
  int timeout_ms_;
  _zhandle* handle_ = nullptr;
  std::mutex mutex_;
  std::condition_variable changed_;
  int state_ = 0;  // of the session, as the client last reported it
};

}  // namespace pdr

#include "tier1/bookkeeper/zookeeper_store.h"

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "tier1/bookkeeper/zookeeper_uri.h"

namespace pdr {
namespace {

using SteadyClock = std::chrono::steady_clock;

bool ConnectionLost(int code) { return code == ZCONNECTIONLOSS || code == ZOPERATIONTIMEOUT; }

bool SessionOver(int state) {
  return state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE;
}

}  // namespace

// The outcome of one operation. Shared with the completion, which may come after the caller has
// given up waiting.
struct ZooKeeperStore::Answer {
  struct Signal {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  int code = ZOK;
  std::string value;
  std::vector<std::string> children;
  Stat stat = {};
  std::shared_ptr<Signal> signal = std::make_shared<Signal>();
};

struct ZooKeeperStore::Callbacks {
  using Holder = std::shared_ptr<Answer>;

  static void Watch(zhandle_t*, int type, int state, const char*, void* context) {
    if (type != ZOO_SESSION_EVENT) return;
    auto* store = static_cast<ZooKeeperStore*>(context);
    std::lock_guard lock(store->mutex_);
    store->state_ = state;
    store->changed_.notify_all();
  }

  template <typename Fill>
  static void Complete(int code, const void* context, const Fill& fill) {
    std::unique_ptr<const Holder> holder(static_cast<const Holder*>(context));
    Answer& answer = **holder;
    std::shared_ptr<Answer::Signal> signal = answer.signal;  // outlives the caller's last look
    std::lock_guard lock(signal->mutex);
    answer.code = code;
    if (code == ZOK) fill(answer);
    signal->done = true;
    signal->changed.notify_all();
  }

  static void Data(int code, const char* value, int length, const Stat* stat, const void* context) {
    Complete(code, context, [&](Answer& answer) {
      if (length > 0) answer.value.assign(value, static_cast<size_t>(length));
      answer.stat = *stat;
    });
  }
  static void Strings(int code, const String_vector* strings, const void* context) {
    Complete(code, context, [&](Answer& answer) {
      answer.children.assign(strings->data, strings->data + strings->count);
    });
  }
  static void String(int code, const char* value, const void* context) {
    Complete(code, context, [&](Answer& answer) { answer.value = value; });
  }
  static void Stats(int code, const Stat* stat, const void* context) {
    Complete(code, context, [&](Answer& answer) { answer.stat = *stat; });
  }
  static void Void(int code, const void* context) {
    Complete(code, context, [](Answer&) {});
  }
};

StatusOr<std::unique_ptr<ZooKeeperStore>> ZooKeeperStore::Connect(std::string_view uri,
                                                                  int session_timeout_ms) {
  ASSIGN_OR_RETURN(std::string hosts, NormalizeZooKeeperUri(uri));
  zoo_set_debug_level(static_cast<ZooLogLevel>(0));  // what matters comes back as a Status
  std::unique_ptr<ZooKeeperStore> store(new ZooKeeperStore(hosts, session_timeout_ms));
  errno = 0;
  store->handle_ = zookeeper_init2(hosts.c_str(), Callbacks::Watch, session_timeout_ms, nullptr,
                                   store.get(), ZOO_NO_LOG_CLIENTENV, nullptr);
  if (store->handle_ == nullptr) {
    return Unavailable("ZooKeeper address \"{}\" cannot be used ({}); check the host names", uri,
                       std::strerror(errno));
  }
  RETURN_IF_ERROR(store->AwaitConnected());
  return store;
}

ZooKeeperStore::~ZooKeeperStore() {
  if (handle_ != nullptr) zookeeper_close(handle_);
}

Status ZooKeeperStore::AwaitConnected() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms_),
                    [this] { return state_ == ZOO_CONNECTED_STATE || SessionOver(state_); });
  if (state_ == ZOO_CONNECTED_STATE) return OkStatus();
  if (SessionOver(state_)) return ToStatus(ZSESSIONEXPIRED, "/");
  return Unavailable("no ZooKeeper session at {} within {} ms; check that it runs and is reachable",
                     uri_, timeout_ms_);
}

StatusOr<ZooKeeperStore::Answer> ZooKeeperStore::CallOnce(const std::string& path,
                                                          const Start& start) {
  auto answer = std::make_shared<Answer>();
  auto holder = std::make_unique<Callbacks::Holder>(answer);
  int code = start(handle_, holder.get());
  if (code != ZOK) {
    if (ConnectionLost(code))
      answer->code = code;
    else
      return ToStatus(code, path);
    return std::move(*answer);
  }
  // The completion owns it now.
  static_cast<void>(holder.release());  // NOLINT(bugprone-unused-return-value)
  std::shared_ptr<Answer::Signal> signal = answer->signal;
  std::unique_lock lock(signal->mutex);
  bool done = signal->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms_),
                                       [&] { return signal->done; });
  if (!done) {
    return Unavailable("ZooKeeper at {} did not answer within {} ms ({})", uri_, timeout_ms_, path);
  }
  return std::move(*answer);
}

StatusOr<ZooKeeperStore::Answer> ZooKeeperStore::Call(Kind kind, const std::string& path,
                                                      const Start& start) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(timeout_ms_);
  for (;;) {
    RETURN_IF_ERROR(AwaitConnected());
    ASSIGN_OR_RETURN(Answer answer, CallOnce(path, start));
    if (answer.code == ZOK) return answer;
    if (!ConnectionLost(answer.code) || kind == Kind::kEffect || SteadyClock::now() > deadline) {
      return ToStatus(answer.code, path);
    }
    // The loss is reported to operations before the session's state changes.
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
}

Status ZooKeeperStore::ToStatus(int code, const std::string& path) const {
  switch (code) {
    case ZOK:
      return OkStatus();
    case ZNONODE:
      return NotFound("no ZooKeeper node {}", path);
    case ZNODEEXISTS:
      return AlreadyExists("ZooKeeper node {} exists", path);
    case ZBADVERSION:
      return Aborted("ZooKeeper node {} was changed by someone else", path);
    case ZNOTEMPTY:
      return FailedPrecondition("ZooKeeper node {} has children", path);
    case ZNOCHILDRENFOREPHEMERALS:
      return FailedPrecondition("the parent of ZooKeeper node {} is ephemeral", path);
    case ZNOAUTH:
      return PermissionDenied("ZooKeeper at {} refuses access to {}", uri_, path);
    case ZBADARGUMENTS:
      return InvalidArgument("\"{}\" is not a ZooKeeper path", path);
    case ZSESSIONEXPIRED:
    case ZINVALIDSTATE:
      return Unavailable("the ZooKeeper session at {} has expired; run again", uri_);
    default:
      return Unavailable("ZooKeeper at {}: {} ({})", uri_, zerror(code), path);
  }
}

StatusOr<Node> ZooKeeperStore::Get(const std::string& path) {
  ASSIGN_OR_RETURN(Answer answer, Call(Kind::kRead, path, [&](zhandle_t* zh, const void* context) {
                     return zoo_aget(zh, path.c_str(), 0, Callbacks::Data, context);
                   }));
  return Node{std::move(answer.value), answer.stat.version, answer.stat.ephemeralOwner != 0};
}

StatusOr<std::vector<std::string>> ZooKeeperStore::Children(const std::string& path) {
  ASSIGN_OR_RETURN(Answer answer, Call(Kind::kRead, path, [&](zhandle_t* zh, const void* context) {
                     return zoo_aget_children(zh, path.c_str(), 0, Callbacks::Strings, context);
                   }));
  std::sort(answer.children.begin(), answer.children.end());
  return std::move(answer.children);
}

StatusOr<std::string> ZooKeeperStore::CreateNode(const std::string& path, std::string_view data,
                                                 int mode) {
  auto create = [&](zhandle_t* zh, const void* context) {
    return zoo_acreate(zh, path.c_str(), data.data() == nullptr ? "" : data.data(),
                       static_cast<int>(data.size()), &ZOO_OPEN_ACL_UNSAFE, mode, Callbacks::String,
                       context);
  };
  StatusOr<Answer> answer = Call(Kind::kEffect, path, create);
  size_t slash = path.rfind('/');
  if (answer.status().code() == StatusCode::kNotFound && slash != 0 && slash != std::string::npos) {
    std::string parent = path.substr(0, slash);
    Status made = CreateNode(parent, "", ZOO_PERSISTENT).status();
    if (!made.ok() && made.code() != StatusCode::kAlreadyExists) return made;
    answer = Call(Kind::kEffect, path, create);
  }
  if (!answer.ok()) return answer.status();
  return std::move(answer->value);
}

Status ZooKeeperStore::Create(const std::string& path, std::string_view data, bool ephemeral) {
  return CreateNode(path, data, ephemeral ? ZOO_EPHEMERAL : ZOO_PERSISTENT).status();
}

StatusOr<std::string> ZooKeeperStore::CreateSequential(const std::string& path) {
  return CreateNode(path, "", ZOO_EPHEMERAL_SEQUENTIAL);
}

StatusOr<int32_t> ZooKeeperStore::Set(const std::string& path, std::string_view data,
                                      int32_t expected_version) {
  ASSIGN_OR_RETURN(
      Answer answer, Call(Kind::kEffect, path, [&](zhandle_t* zh, const void* context) {
        return zoo_aset(zh, path.c_str(), data.data() == nullptr ? "" : data.data(),
                        static_cast<int>(data.size()), expected_version, Callbacks::Stats, context);
      }));
  return answer.stat.version;
}

Status ZooKeeperStore::Delete(const std::string& path, int32_t expected_version) {
  return Call(Kind::kEffect, path,
              [&](zhandle_t* zh, const void* context) {
                return zoo_adelete(zh, path.c_str(), expected_version, Callbacks::Void, context);
              })
      .status();
}

}  // namespace pdr

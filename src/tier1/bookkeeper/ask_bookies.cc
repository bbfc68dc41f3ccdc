#include "tier1/bookkeeper/ask_bookies.h"

#include <algorithm>
#include <future>
#include <memory>

#include "format/bookie_message.h"
#include "tier1/bookkeeper/bookie_client.h"
#include "tier1/bookkeeper/bookie_directory.h"
#include "tier1/bookkeeper/zookeeper_store.h"

namespace pdr {
namespace {

constexpr int kAskTimeoutMillis = 5000;
using Reply = StatusOr<proto::Response>;

std::future<Reply> Ask(BookieClient& client, const StatusOr<BookieAddress>& address,
                       const BookieCall& call) {
  auto answer = std::make_shared<std::promise<Reply>>();
  std::future<Reply> future = answer->get_future();
  if (address.ok()) {
    client.Send(*address, call, [answer](Reply got) { answer->set_value(std::move(got)); });
  } else {
    answer->set_value(address.status());
  }
  return future;
}

BookieState ToState(const std::string& id, const Reply& answer) {
  BookieState state{id, answer.status(), std::nullopt};
  // One that refuses the question is alive all the same.
  if (!answer.ok() || ResponseCode(*answer) != 0 || !answer->info().has_free_disk()) return state;
  state.free_bytes = static_cast<uint64_t>(std::max<int64_t>(answer->info().free_disk(), 0));
  return state;
}

}  // namespace

StatusOr<std::vector<BookieState>> AskBookies(const Tier1Config& config) {
  ASSIGN_OR_RETURN(auto store,
                   ZooKeeperStore::Connect(config.bookkeeper_zk_uri, config.zk_session_timeout_ms));
  return AskBookies(*store, config);
}

StatusOr<std::vector<BookieState>> AskBookies(MetadataStore& store, const Tier1Config& config) {
  BookieDirectory directory(store, config.LedgerRoot());
  ASSIGN_OR_RETURN(std::vector<std::string> ids, directory.Writable());
  proto::Request request;
  request.mutable_info()->set_requested(kFreeDiskFlag);
  BookieCall call;
  call.operation = BookieOperation::kInfo;
  call.body = std::make_shared<const std::string>(EncodeRequestBody(request));
  call.timeout_ms = std::min(config.read_timeout_ms, kAskTimeoutMillis);
  BookieClient client;
  std::vector<std::future<Reply>> answers;
  answers.reserve(ids.size());
  for (const std::string& id : ids) answers.push_back(Ask(client, directory.Resolve(id), call));
  std::vector<BookieState> out;
  out.reserve(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) out.push_back(ToState(ids[i], answers[i].get()));
  return out;
}

}  // namespace pdr

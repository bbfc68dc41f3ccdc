#include "tier1/bookkeeper/bookie_directory.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <random>

namespace pdr {
namespace {

constexpr std::string_view kReadOnly = "readonly";

}  // namespace

Status BookieDirectory::Read(const std::string& parent, bool writable) {
  StatusOr<std::vector<std::string>> ids = store_.Children(parent);
  if (ids.status().code() == StatusCode::kNotFound) return OkStatus();
  RETURN_IF_ERROR(ids.status());
  for (const std::string& id : *ids) {
    if (id == kReadOnly) continue;
    StatusOr<Node> node = store_.Get(fmt::format("{}/{}", parent, id));
    if (node.status().code() == StatusCode::kNotFound) continue;  // went away just now
    RETURN_IF_ERROR(node.status());
    StatusOr<BookieAddress> address = DecodeBookieRegistration(id, node->data);
    if (!address.ok()) continue;  // cannot be talked to, so it is as good as not registered
    addresses_[id] = std::move(*address);
    if (writable) writable_.push_back(id);
  }
  return OkStatus();
}

Status BookieDirectory::Refresh() {
  addresses_.clear();
  writable_.clear();
  RETURN_IF_ERROR(Read(root_ + "/available", true));
  return Read(fmt::format("{}/available/{}", root_, kReadOnly), false);
}

StatusOr<std::vector<std::string>> BookieDirectory::Writable() {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Refresh());
  return writable_;
}

StatusOr<std::vector<std::string>> BookieDirectory::Pick(size_t count,
                                                         const std::set<std::string>& exclude) {
  ASSIGN_OR_RETURN(std::vector<std::string> ids, Writable());
  std::string registered = fmt::format("{}", fmt::join(ids, ", "));
  std::erase_if(ids, [&](const std::string& id) { return exclude.contains(id); });
  if (ids.size() < count) {
    return Unavailable(
        "not enough bookies: {} more needed; writable below {}/available: {}; already used or "
        "failed: {}. Start more bookies",
        count, root_, registered.empty() ? "none" : registered,
        exclude.empty() ? "none" : fmt::format("{}", fmt::join(exclude, ", ")));
  }
  std::mt19937_64 random(std::random_device{}());
  std::shuffle(ids.begin(), ids.end(), random);
  ids.resize(count);
  return ids;
}

StatusOr<BookieAddress> BookieDirectory::Resolve(const std::string& bookie_id) {
  std::lock_guard lock(mutex_);
  if (!addresses_.contains(bookie_id)) RETURN_IF_ERROR(Refresh());
  if (auto found = addresses_.find(bookie_id); found != addresses_.end()) return found->second;
  StatusOr<BookieAddress> address = ParseBookieAddress(bookie_id);
  if (!address.ok()) return Unavailable("bookie {} is not registered; start it", bookie_id);
  return address;
}

}  // namespace pdr

#include "verify/controller_check.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/bytes.h"

namespace pdr::verify {
namespace {

constexpr std::string_view kControllerGroups[] = {"scaleGroup", "commitStreamReaders",
                                                  "abortStreamReaders", "kvtStreamReaders"};
constexpr size_t kCounterBytes = 12;

// A repeated id either collides with what is left of the old transaction, or never commits.
Status CheckCounter(Tier1& tier1, const TransactionNumber& highest, Findings& findings) {
  const std::string path = tier1.config.Namespace() + "/counter";
  StatusOr<Node> node = tier1.metadata->Get(path);
  if (node.status().code() == StatusCode::kNotFound) {
    findings.Add("transaction-counter-missing", "",
                 "{} does not exist, transaction ids up to {}:{} were in use", path, highest.first,
                 highest.second);
    return OkStatus();
  }
  if (!node.ok()) return Annotate(node.status(), path);
  ByteReader r(node->data);
  TransactionNumber counter;
  counter.first = r.I32();
  counter.second = r.I64();
  if (!r.ok() || node->data.size() != kCounterBytes) {
    findings.Add("transaction-counter-low", "", "{} has {} bytes instead of {}", path,
                 node->data.size(), kCounterBytes);
  } else if (counter < highest) {
    findings.Add("transaction-counter-low", "", "{} is {}:{}, ids up to {}:{} were in use", path,
                 counter.first, counter.second, highest.first, highest.second);
  }
  return OkStatus();
}

// The groups that some controller's checkpoint store knows: a new controller takes over from it.
StatusOr<std::set<std::string>> ReleasedGroups(Tier1& tier1) {
  const std::string root = tier1.config.Namespace() + "/eventProcessors";
  std::set<std::string> result;
  ASSIGN_OR_RETURN(std::vector<std::string> processes, ChildrenOrNone(*tier1.metadata, root));
  for (const std::string& process : processes) {
    ASSIGN_OR_RETURN(std::vector<std::string> groups,
                     ChildrenOrNone(*tier1.metadata, root + "/" + process));
    result.insert(groups.begin(), groups.end());
  }
  return result;
}

}  // namespace

Status CheckController(Tier1& tier1, const std::optional<TransactionNumber>& highest_transaction,
                       const std::map<std::string, int64_t>& reader_group_bytes,
                       Findings& findings) {
  if (highest_transaction.has_value()) {
    RETURN_IF_ERROR(CheckCounter(tier1, *highest_transaction, findings));
  }
  ASSIGN_OR_RETURN(std::set<std::string> released, ReleasedGroups(tier1));
  for (std::string_view group : kControllerGroups) {
    if (released.contains(std::string(group))) continue;
    const std::string prefix = fmt::format("_system/_RG{}/", group);
    for (auto it = reader_group_bytes.lower_bound(prefix);
         it != reader_group_bytes.end() && it->first.starts_with(prefix); ++it) {
      if (it->second <= 0) continue;
      findings.Add("controller-readers-assigned", it->first,
                   "{} bytes of state still assign segments to readers that are gone, and no node "
                   "under {}/eventProcessors releases them: no commit, abort or scale would be "
                   "served",
                   it->second, tier1.config.Namespace());
    }
  }
  return OkStatus();
}

}  // namespace pdr::verify

#include "verify/controller_needs.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "format/controller_nodes.h"
#include "format/controller_stream_records.h"
#include "format/controller_transaction_records.h"

namespace pdr::verify {
namespace {

using Values = std::map<std::string, std::string>;

// _system/_tables/<scope>/<stream>/<kind>.#.<id>, or without the stream.
struct TableName {
  std::string scope;
  std::string stream;
  std::string kind;
  Uuid id;
};

std::optional<TableName> ParseTableName(std::string_view segment) {
  constexpr std::string_view kSeparator = ".#.";
  if (!segment.starts_with(kControllerTablesDir)) return std::nullopt;
  segment.remove_prefix(kControllerTablesDir.size());
  const size_t id_at = segment.rfind(kSeparator);
  if (id_at == std::string_view::npos) return std::nullopt;
  const auto id = ParseUuidText(segment.substr(id_at + kSeparator.size()));
  const std::string_view path = segment.substr(0, id_at);
  const size_t first = path.find('/');
  const size_t last = path.rfind('/');
  if (!id || first == std::string_view::npos) return std::nullopt;
  TableName name{std::string(path.substr(0, first)), "", std::string(path.substr(last + 1)), *id};
  if (last > first) name.stream = path.substr(first + 1, last - first - 1);
  return name;
}

template <typename Record>
std::optional<Record> Decoded(const Values& values, std::string_view key,
                              StatusOr<Record> (*decode)(std::string_view)) {
  const auto value = values.find(std::string(key));
  if (value == values.end()) return std::nullopt;
  StatusOr<Record> record = decode(value->second);
  if (!record.ok()) return std::nullopt;
  return *std::move(record);
}

void NoteStream(const TableName& name, const Values& values, ControllerNeeds& needs) {
  ControllerNeeds::Stream& stream = needs.streams[name.id];
  stream.scope = name.scope;
  stream.name = name.stream;
  const auto state = Decoded(values, kStateKey, DecodeStreamState).value_or(StreamState::kUnknown);
  const auto configuration = Decoded(values, kConfigurationKey, DecodeStreamConfiguration);
  const auto truncation = Decoded(values, kTruncationKey, DecodeTruncationRecord);
  const auto transition = Decoded(values, kEpochTransitionKey, DecodeEpochTransition);
  const auto committing = Decoded(values, kCommittingTransactionsKey, DecodeCommittingTransactions);
  stream.retention = configuration && configuration->retention;
  const auto need = [&](RequestType type, bool when) {
    if (when && state != StreamState::kCreating) stream.unfinished.push_back(type);
  };
  const bool closed = state == StreamState::kSealing || state == StreamState::kSealed;
  need(RequestType::kSealStream, state == StreamState::kSealing);
  need(RequestType::kUpdateStream,
       state == StreamState::kUpdating || (configuration && configuration->updating));
  need(RequestType::kTruncateStream,
       state == StreamState::kTruncating || (truncation && truncation->updating));
  need(RequestType::kScale,
       !closed && (state == StreamState::kScaling || (transition && transition->in_progress())));
  if (!committing) return;
  needs.committing.insert(committing->transactions.begin(), committing->transactions.end());
}

void NoteTransactions(const TableName& name, const Values& values, ControllerNeeds& needs) {
  for (const auto& [key, value] : values) {
    const auto id = ParseUuidText(key);
    const auto record = DecodeActiveTransaction(value);
    if (!id || !record.ok()) continue;
    const bool committing = record->status == TransactionStatus::kCommitting;
    const bool aborting = record->status == TransactionStatus::kAborting;
    if (!committing && !aborting && record->status != TransactionStatus::kOpen) continue;
    const RequestType asks = committing ? RequestType::kCommitTransactions
                             : aborting ? RequestType::kAbortTransaction
                                        : RequestType::kAutomaticScale;
    needs.transactions[name.id][*id] = {name.scope, name.stream,
                                        committing && record->commit_order.has_value(), asks};
  }
}

// Calls visit(path) for every node two levels below `root`.
template <typename Visit>
Status ForEachGrandchild(Tier1& tier1, const std::string& root, Visit&& visit) {
  ASSIGN_OR_RETURN(std::vector<std::string> children, ChildrenOrNone(*tier1.metadata, root));
  for (const std::string& child : children) {
    const std::string path = root + "/" + child;
    ASSIGN_OR_RETURN(std::vector<std::string> names, ChildrenOrNone(*tier1.metadata, path));
    for (const std::string& name : names) RETURN_IF_ERROR(visit(path + "/" + name));
  }
  return OkStatus();
}

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

class NeedsCheck {
 public:
  NeedsCheck(Tier1& tier1, const ControllerNeeds& needs, Findings& findings)
      : tier1_(tier1), root_(tier1.config.Namespace()), needs_(needs), findings_(findings) {}

  Status Run() {
    RETURN_IF_ERROR(ReadNodes());
    for (const auto& [id, stream] : needs_.streams) {
      if (needs_.listed.contains(id)) CheckStream(stream);
    }
    for (const auto& [stream, transactions] : needs_.transactions) {
      if (!needs_.listed.contains(stream)) continue;
      for (const auto& [id, t] : transactions) RETURN_IF_ERROR(CheckTransaction(id, t));
    }
    CheckMembers(needs_.members, asked_, needs_.posted,
                 needs_.request_streams.contains("_kvTableStream"), findings_);
    return OkStatus();
  }

 private:
  // Whatever the number of buckets, and whichever process is to be taken over from.
  Status ReadNodes() {
    RETURN_IF_ERROR(ForEachGrandchild(tier1_, root_ + "/buckets", [&](const std::string& path) {
      retained_.insert(std::string(NameOf(path)));
      return OkStatus();
    }));
    const std::string transactions = root_ + std::string(kTransactionIndex);
    RETURN_IF_ERROR(ForEachGrandchild(tier1_, transactions, [&](const std::string& path) {
      indexed_.insert(std::string(NameOf(path)));
      return OkStatus();
    }));
    const std::string requests = root_ + std::string(kRequestIndex);
    return ForEachGrandchild(tier1_, requests, [&](const std::string& path) -> Status {
      ASSIGN_OR_RETURN(Node node, tier1_.metadata->Get(path));
      StatusOr<RequestHead> head = DecodeRequestHead(node.data);
      if (head.ok()) {
        asked_.emplace(head->type, head->scope, head->name);
      } else {
        findings_.Add("request-unreadable", "", "{}: {}", path, Message(head.status()));
      }
      return OkStatus();
    });
  }

  void CheckStream(const ControllerNeeds::Stream& stream) {
    const std::string name = stream.scope + "/" + stream.name;
    const std::string node = RetentionNode(stream.scope, stream.name, 1);
    if (stream.retention && !retained_.contains(std::string(NameOf(node)))) {
      findings_.Add("retention-bucket-missing", name,
                    "it has a retention policy, and no node below {}/buckets: its old data would "
                    "never be removed",
                    root_);
    }
    for (const RequestType type : stream.unfinished) {
      if (asked_.contains({type, stream.scope, stream.name})) continue;
      findings_.Add("workflow-forgotten", name,
                    "request {} is unfinished, and no node below {}{} has it: the stream would "
                    "stay as it is",
                    static_cast<int>(type), root_, kRequestIndex);
    }
  }

  Status CheckTransaction(const Uuid& id, const ControllerNeeds::Transaction& transaction) {
    const std::string stream = transaction.scope + "/" + transaction.stream;
    const std::string node = TransactionIndexNode("any", transaction.scope, transaction.stream, id);
    if (!indexed_.contains(std::string(NameOf(node)))) {
      findings_.Add("transaction-forgotten", stream,
                    "transaction {} is not finished, and no node below {}{} has it: it would "
                    "never time out",
                    id.Text(), root_, kTransactionIndex);
    }
    const bool commits = transaction.asks == RequestType::kCommitTransactions;
    const bool asks = transaction.asks != RequestType::kAutomaticScale;
    if (asks && needs_.request_streams.contains(commits ? "_commitStream" : "_abortStream") &&
        !needs_.posted.contains({transaction.asks, transaction.scope, transaction.stream})) {
      findings_.Add("transaction-forgotten", stream,
                    "transaction {}: no request '{}' of its stream is in the controller's streams",
                    id.Text(), RequestTypeName(transaction.asks));
    }
    if (!transaction.committing || needs_.committing.contains(id)) return OkStatus();
    ASSIGN_OR_RETURN(const bool ordered, InCommitOrder(transaction, id));
    if (ordered) return OkStatus();
    findings_.Add("transaction-forgotten", stream,
                  "transaction {} is to be committed, and is not in the stream's commit order",
                  id.Text());
    return OkStatus();
  }

  StatusOr<bool> InCommitOrder(const ControllerNeeds::Transaction& transaction, const Uuid& id) {
    const std::string collections = fmt::format("{}/txnCommitOrderer/{}/{}/collections", root_,
                                                transaction.scope, transaction.stream);
    ASSIGN_OR_RETURN(std::vector<std::string> numbers,
                     ChildrenOrNone(*tier1_.metadata, collections));
    for (const std::string& number : numbers) {
      const std::string entities = fmt::format("{}/{}/entities", collections, number);
      ASSIGN_OR_RETURN(std::vector<std::string> names, ChildrenOrNone(*tier1_.metadata, entities));
      for (const std::string& name : names) {
        ASSIGN_OR_RETURN(Node node, tier1_.metadata->Get(entities + "/" + name));
        if (node.data == id.Text()) return true;
      }
    }
    return false;
  }

  Tier1& tier1_;
  const std::string root_;
  const ControllerNeeds& needs_;
  Findings& findings_;
  std::set<std::string> retained_;
  std::set<std::string> indexed_;
  std::set<RequestKey> asked_;
};

}  // namespace

void ControllerNeeds::Merge(ControllerNeeds other) {
  listed.merge(other.listed);
  streams.merge(other.streams);
  committing.merge(other.committing);
  members.Merge(std::move(other.members));
  posted.merge(other.posted);
  request_streams.merge(other.request_streams);
  for (auto& [stream, some] : other.transactions) transactions[stream].merge(some);
}

void NoteNeeds(std::string_view segment, const Values& values, ControllerNeeds& needs) {
  NoteScopes(segment, values, needs.members);
  const auto name = ParseTableName(segment);
  if (!name) return;
  if (name->stream.empty()) {
    NoteListed(name->kind, name->scope, values, needs.members);
    if (name->kind != "streamsInScope") return;
    for (const auto& [stream, value] : values) {
      if (const auto id = DecodeUuid(value); id.ok()) needs.listed.insert(*id);
    }
  } else if (name->kind == "metadata" && values.contains(std::string(kEpochTransitionKey))) {
    NoteStream(*name, values, needs);
  } else if (name->kind == "metadata") {
    NoteMember(name->id, values, needs.members);
  } else if (name->kind.starts_with("transactionsInEpoch-")) {
    NoteTransactions(*name, values, needs);
  }
}

void NoteSegment(std::string_view segment, ControllerNeeds& needs) {
  const auto parsed = ParseStreamSegmentName(segment);
  if (!parsed) return;
  if (parsed->kv_table) needs.members.with_segments.emplace(parsed->scope, parsed->name);
  if (HoldsRequests(segment)) needs.request_streams.insert(parsed->name);
}

void NoteRequest(std::string_view request, ControllerNeeds& needs) {
  const StatusOr<RequestHead> head = DecodeRequestHead(request);
  if (head.ok()) needs.posted.emplace(head->type, head->scope, head->name);
}

Status CheckNeeds(Tier1& tier1, const ControllerNeeds& needs, Findings& findings) {
  return NeedsCheck(tier1, needs, findings).Run();
}

}  // namespace pdr::verify

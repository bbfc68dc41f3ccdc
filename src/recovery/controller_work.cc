#include "recovery/controller_work.h"

#include <algorithm>

#include "format/controller_events.h"
#include "format/controller_nodes.h"
#include "recovery/controller_handover.h"

namespace pdr {
namespace {

bool IsPending(TransactionStatus status) {
  return status == TransactionStatus::kOpen || status == TransactionStatus::kCommitting ||
         status == TransactionStatus::kAborting;
}

class WorkPlanner {
 public:
  WorkPlanner(const ControllerEvidence& evidence, const PlanOptions& options)
      : evidence_(evidence),
        options_(options),
        handover_(evidence, work_),
        first_marks_(FirstMarks()) {}

  ControllerWork Run() {
    for (const auto& [scope_name, scope] : evidence_.scopes) {
      for (const auto& [name, stream] : scope.streams) PlanStream(stream);
    }
    if (evidence_.first_batch_unlisted) ListFirstBatch();
    PlanMembers(evidence_, handover_);
    NoteReplay();
    std::sort(work_.nodes.begin(), work_.nodes.end(),
              [](const NodeWrite& a, const NodeWrite& b) { return a.path < b.path; });
    return std::move(work_);
  }

 private:
  template <typename... Args>
  void Note(std::string_view code, const StreamEvidence& about, fmt::format_string<Args...> format,
            Args&&... args) {
    handover_.Note(code, about.scope + "/" + about.name, format, std::forward<Args>(args)...);
  }

  // The controller begins with this batch, lists it when it makes its table, and finds what became
  // of a transaction by that list only.
  void ListFirstBatch() {
    handover_.Put(std::string(kCompletedTransactionBatchesTable), kFirstTransactionBatch, "");
  }

  void PlanStream(const StreamEvidence& stream) {
    PlanBuckets(stream);
    PlanTables(stream);
    PlanTransactions(stream);
    // A scope's deletion seals and deletes each stream, and waits for what is under way.
    if (!evidence_.IsScopeDeleted(stream.scope)) {
      if (IsMadeOrDeleted(stream)) return;
      if (MarksUnrecorded(stream)) ReopenCreation(stream);
    }
    PlanRequests(stream);
  }

  bool IsMadeOrDeleted(const StreamEvidence& stream) {
    if (evidence_.IsDeleted(stream)) {
      Note("workflow-unfinished", stream,
           "the stream was being deleted; the controller reads the request again");
    } else if (stream.state == StreamState::kCreating) {
      Note("creation-unfinished", stream,
           "the stream was being created: create it again, with the same configuration, "
           "before it is used (the answer is that it exists), or delete it");
    } else if (stream.readable && stream.state == StreamState::kUnknown &&
               !stream.name.starts_with('_')) {
      Note("creation-unfinished", stream,
           "the stream was being created or deleted, and nothing is recorded of it but its name: "
           "create it, or delete it");
    } else {
      return false;
    }
    return true;
  }

  const StreamEvidence* MarksOf(const StreamEvidence& stream) const {
    return evidence_.FindStream(stream.scope, fmt::format("{}{}", kMarkStreamPrefix, stream.name));
  }

  // When the first stream was created that has a mark stream: all later ones had one, too.
  int64_t FirstMarks() const {
    int64_t first = INT64_MAX;
    for (const auto& [scope_name, scope] : evidence_.scopes) {
      for (const auto& [name, stream] : scope.streams) {
        if (stream.creation_time <= 0 || MarksOf(stream) == nullptr) continue;
        first = std::min(first, stream.creation_time);
      }
    }
    return first;
  }

  // A stream is active once its mark stream was made; readers of a stream fail without it. Streams
  // from before there were watermarks have none: none is listed, and there is nothing of it.
  bool MarksUnrecorded(const StreamEvidence& stream) const {
    if (stream.state == StreamState::kUnknown) return false;
    const StreamEvidence* marks = MarksOf(stream);
    if (marks != nullptr) return marks->unrecorded;
    return stream.has_marks ||
           (!stream.name.starts_with('_') && stream.creation_time > first_marks_);
  }

  // Only the creation of a stream makes its mark stream, and only while that is going on. Requests
  // wait until it is over.
  void ReopenCreation(const StreamEvidence& stream) {
    const bool sealed = stream.state == StreamState::kSealed;
    handover_.Put(StreamMetadataTable(stream.scope, stream.name, stream.id), kStateKey,
                  EncodeStreamState(StreamState::kCreating));
    Note("creation-unfinished", stream,
         "the controller's records of its watermarks never reached Tier-2, and without them "
         "nobody can read it: create it again, with the same configuration{}, before it is "
         "used (the answer is that it exists){}",
         sealed ? " and seal it" : "", sealed ? ", or delete it if it was to be deleted" : "");
  }

  void PlanBuckets(const StreamEvidence& stream) {
    if (stream.configuration && stream.configuration->retention) {
      handover_.Node(RetentionNode(stream.scope, stream.name, options_.retention_buckets), "");
    }
    if (stream.has_writer_marks) {
      handover_.Node(WatermarkNode(stream.scope, stream.name, options_.watermark_buckets), "");
    }
  }

  // Tables that come with a stream and with each original epoch, and are not made when they are
  // used: without them transactions cannot begin, or a commit never ends.
  void PlanTables(const StreamEvidence& stream) {
    const bool used = stream.complete && stream.state != StreamState::kCreating &&
                      stream.state != StreamState::kSealed && !stream.name.starts_with('_');
    if (!used || evidence_.IsDeleted(stream)) return;
    const auto expect = [&](const std::string& table) {
      if (stream.missing_tables.contains(table)) handover_.Expect(table);
    };
    const std::string list = EpochsWithTransactionsTable(stream.scope, stream.name, stream.id);
    expect(list);
    expect(WritersPositionsTable(stream.scope, stream.name, stream.id));
    std::set<int32_t> epochs = {stream.epochs.at(stream.current_epoch).reference_epoch};
    if (stream.committing.in_progress()) epochs.insert(stream.committing.epoch);
    for (const int32_t epoch : epochs) {
      expect(TransactionsInEpochTable(stream.scope, stream.name, epoch, stream.id));
      if (!stream.transaction_epochs || stream.transaction_epochs->contains(epoch)) continue;
      handover_.Put(list, fmt::format("{}", epoch), "");
    }
  }

  // ---- transactions

  void PlanTransactions(const StreamEvidence& stream) {
    bool commit =
        stream.committing.in_progress() || stream.state == StreamState::kCommittingTransactions;
    std::optional<int32_t> epoch;
    for (const auto& [id, transaction] : stream.transactions) {
      // One that is completed may still be listed as active: until the controller has finished it
      // off, it stands in the way of sealing its stream.
      const TransactionStatus status =
          transaction.completed ? transaction.active.status : transaction.status;
      if (!IsPending(status)) continue;
      handover_.Node(TransactionIndexNode(Handover::kProcess, stream.scope, stream.name, id),
                     TransactionIndexData());
      switch (status) {
        case TransactionStatus::kCommitting:
          commit = true;
          epoch = std::min(epoch.value_or(transaction.epoch), transaction.epoch);
          PutInCommitOrder(stream, id, transaction);
          break;
        case TransactionStatus::kAborting:
          Post("_abortStream", EncodeAbortRequest(stream.scope, stream.name, id));
          break;
        default:
          if (!transaction.completed) PlanOpen(stream, id, transaction);
      }
    }
    if (!commit) return;
    Post("_commitStream",
         EncodeCommitRequest(stream.scope, stream.name, epoch.value_or(stream.current_epoch)));
    if (stream.state == StreamState::kCommittingTransactions) {
      Note("workflow-unfinished", stream, "transactions were being committed");
    }
  }

  void PlanOpen(const StreamEvidence& stream, const Uuid& id,
                const TransactionEvidence& transaction) {
    if (!options_.abort_open_transactions) {
      Note("transaction-open", stream,
           "transaction {} is open: its writer may commit or abort it; otherwise it times "
           "out",
           id.Text());
      return;
    }
    ActiveTransactionRecord aborting = transaction.active;
    aborting.status = TransactionStatus::kAborting;
    handover_.Put(TransactionsInEpochTable(stream.scope, stream.name, transaction.epoch, stream.id),
                  id.Text(), EncodeActiveTransaction(aborting));
    Post("_abortStream", EncodeAbortRequest(stream.scope, stream.name, id));
    Note("transaction-ended", stream, "transaction {} was open; aborted, as asked for", id.Text());
  }

  // What the commit under way lists was taken out of the order before.
  void PutInCommitOrder(const StreamEvidence& stream, const Uuid& id,
                        const TransactionEvidence& transaction) {
    const auto& order = transaction.active.commit_order;
    if (transaction.committing || !order) return;
    handover_.Node(CommitOrderNode(stream.scope, stream.name, *order), id.Text());
    // ZooKeeper would number the next ones from 1 on, before those that are there.
    const std::string seal = CommitOrderSealNode(stream.scope, stream.name, *order);
    if (!handover_.HasNode(seal)) handover_.Node(seal, "");
  }

  // ---- requests

  void Post(std::string_view stream, const std::string& request) {
    handover_.Post(stream, request);
  }

  void Ask(const StreamEvidence& about, std::string_view what, std::string_view meaning,
           std::string request) {
    handover_.Ask(fmt::format("{}_%_{}_%_{}", what, about.scope, about.name), std::move(request));
    Note("workflow-unfinished", about, "{}", meaning);
  }

  void PlanRequests(const StreamEvidence& stream) {
    const auto ask = [&](std::string_view what, std::string_view meaning, RequestType type) {
      Ask(stream, what, meaning, EncodeStreamRequest(type, stream.scope, stream.name));
    };
    const StreamState state = stream.state;
    if (state == StreamState::kSealing) {
      ask("seal", "the stream was being sealed", RequestType::kSealStream);
    }
    if (state == StreamState::kUpdating ||
        (stream.configuration && stream.configuration->updating)) {
      ask("update", "the stream's configuration was being updated", RequestType::kUpdateStream);
    }
    if (state == StreamState::kTruncating || stream.truncation.updating) {
      ask("truncate", "the stream was being truncated", RequestType::kTruncateStream);
    }
    // A sealed stream cannot be scaled: the request would be put off for ever.
    const bool closed = state == StreamState::kSealing || state == StreamState::kSealed;
    if (!closed && (state == StreamState::kScaling || stream.transition.in_progress())) {
      Ask(stream, "scale", "the stream was being scaled", EncodeScaleRequest(ScaleOf(stream)));
    }
  }

  static ScaleRequest ScaleOf(const StreamEvidence& stream) {
    const EpochTransition& transition = stream.transition;
    return {stream.scope,
            stream.name,
            {transition.to_seal.begin(), transition.to_seal.end()},
            transition.ranges,
            transition.time};
  }

  // What the emptied reader groups make the controller read again: no more than was posted since
  // it last truncated its streams, which it does every ten minutes.
  void NoteReplay() {
    for (const auto& [segment, waiting] : evidence_.requests.segments) {
      std::vector<std::string> kinds;
      uint64_t count = waiting.unknown;
      for (const auto& [type, n] : waiting.requests) {
        kinds.push_back(fmt::format("{} {}", n, RequestTypeName(type)));
        count += n;
      }
      if (waiting.unknown > 0) kinds.push_back(fmt::format("{} unknown", waiting.unknown));
      handover_.Note("requests-replayed", segment, "{} request{}, {} bytes: {}", count,
                     count == 1 ? "" : "s", waiting.bytes, fmt::join(kinds, ", "));
    }
  }

  const ControllerEvidence& evidence_;
  const PlanOptions& options_;
  ControllerWork work_;
  Handover handover_;
  const int64_t first_marks_;  // ms
};

}  // namespace

ControllerWork PlanControllerWork(const ControllerEvidence& evidence, const PlanOptions& options) {
  return WorkPlanner(evidence, options).Run();
}

}  // namespace pdr

#include "recovery/controller_work.h"

#include <algorithm>

#include "format/controller_events.h"
#include "format/controller_nodes.h"
#include "format/table_entry.h"

namespace pdr {
namespace {

constexpr std::string_view kSystemScope = "_system";
// A process id that no controller has: theirs are host names with a UUID.
constexpr std::string_view kProcess = "pravega-dr";

bool IsPending(TransactionStatus status) {
  return status == TransactionStatus::kOpen || status == TransactionStatus::kCommitting ||
         status == TransactionStatus::kAborting;
}

class WorkPlanner {
 public:
  WorkPlanner(const ControllerEvidence& evidence, const PlanOptions& options)
      : evidence_(evidence), options_(options) {}

  ControllerWork Run() {
    for (const auto& [scope_name, scope] : evidence_.scopes) {
      for (const auto& [name, stream] : scope.streams) PlanStream(stream);
      for (const auto& [name, table] : scope.kv_tables) PlanKvTable(table);
      for (const auto& [name, group] : scope.reader_groups) PlanReaderGroup(group);
    }
    if (evidence_.first_batch_unlisted) ListFirstBatch();
    std::sort(work_.nodes.begin(), work_.nodes.end(),
              [](const NodeWrite& a, const NodeWrite& b) { return a.path < b.path; });
    return std::move(work_);
  }

 private:
  template <typename Evidence, typename... Args>
  void AddAnomaly(std::string_view code, const Evidence& about, fmt::format_string<Args...> format,
                  Args&&... args) {
    work_.anomalies.push_back({std::string(code), -1, fmt::format("{}/{}", about.scope, about.name),
                               fmt::format(format, std::forward<Args>(args)...)});
  }

  // The controller begins with this batch, lists it when it makes its table, and finds what became
  // of a transaction by that list only.
  void ListFirstBatch() {
    Addition& list = work_.additions[std::string(kCompletedTransactionBatchesTable)];
    AppendTableEntry(list.bytes, kFirstTransactionBatch, "");
    ++list.table_entries;
  }

  void PlanStream(const StreamEvidence& stream) {
    PlanBuckets(stream);
    PlanTransactions(stream);
    if (stream.state == StreamState::kCreating) {
      AddAnomaly("creation-unfinished", stream,
                 "the stream was being created: create it again, with the same configuration, "
                 "before it is used");
      return;
    }
    const bool sealed = stream.state == StreamState::kSealed;
    if ((sealed || stream.state == StreamState::kActive) && MarksUnrecorded(stream)) {
      ReopenCreation(stream, sealed ? " and seal it" : "");
    }
    PlanRequests(stream);
  }

  // A stream is active once its mark stream was made; readers of a stream fail without it. Streams
  // from before there were watermarks have none, and none is listed.
  bool MarksUnrecorded(const StreamEvidence& stream) const {
    const StreamEvidence* marks =
        evidence_.FindStream(stream.scope, fmt::format("{}{}", kMarkStreamPrefix, stream.name));
    return marks != nullptr && marks->unrecorded;
  }

  // Only the creation of a stream makes its mark stream, and only while that is going on.
  void ReopenCreation(const StreamEvidence& stream, std::string_view then) {
    Addition& table = work_.additions[StreamMetadataTable(stream.scope, stream.name, stream.id)];
    AppendTableEntry(table.bytes, kStateKey, EncodeStreamState(StreamState::kCreating));
    ++table.table_entries;
    AddAnomaly("creation-unfinished", stream,
               "the controller's records of its watermarks never reached Tier-2, and without them "
               "nobody can read it: create it again, with the same configuration{}, before it is "
               "used",
               then);
  }

  void PlanBuckets(const StreamEvidence& stream) {
    if (stream.configuration && stream.configuration->retention) {
      work_.nodes.push_back(
          {RetentionNode(stream.scope, stream.name, options_.retention_buckets), ""});
    }
    if (stream.has_writer_marks) {
      work_.nodes.push_back(
          {WatermarkNode(stream.scope, stream.name, options_.watermark_buckets), ""});
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
      work_.nodes.push_back(
          {TransactionIndexNode(kProcess, stream.scope, stream.name, id), TransactionIndexData()});
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
      AddAnomaly("workflow-unfinished", stream, "transactions were being committed");
    }
  }

  void PlanOpen(const StreamEvidence& stream, const Uuid& id,
                const TransactionEvidence& transaction) {
    if (!options_.abort_open_transactions) {
      AddAnomaly("transaction-open", stream,
                 "transaction {} is open: its writer may commit or abort it; otherwise it times "
                 "out",
                 id.Text());
      return;
    }
    ActiveTransactionRecord aborting = transaction.active;
    aborting.status = TransactionStatus::kAborting;
    Addition& table = work_.additions[TransactionsInEpochTable(stream.scope, stream.name,
                                                               transaction.epoch, stream.id)];
    AppendTableEntry(table.bytes, id.Text(), EncodeActiveTransaction(aborting));
    ++table.table_entries;
    Post("_abortStream", EncodeAbortRequest(stream.scope, stream.name, id));
    AddAnomaly("transaction-ended", stream, "transaction {} was open; aborted, as asked for",
               id.Text());
  }

  // What the commit under way lists was taken out of the order before.
  void PutInCommitOrder(const StreamEvidence& stream, const Uuid& id,
                        const TransactionEvidence& transaction) {
    const auto& order = transaction.active.commit_order;
    if (transaction.committing || !order) return;
    work_.nodes.push_back({CommitOrderNode(stream.scope, stream.name, *order), id.Text()});
    // ZooKeeper would number the next ones from 1 on, before those that are there.
    const NodeWrite seal{CommitOrderSealNode(stream.scope, stream.name, *order), ""};
    const bool sealed =
        std::find(work_.nodes.begin(), work_.nodes.end(), seal) != work_.nodes.end();
    if (!sealed) work_.nodes.push_back(seal);
  }

  // ---- requests

  // A request at the end of one of the controller's streams, which it reads from their start.
  void Post(std::string_view stream_name, const std::string& request) {
    const StreamEvidence* stream = evidence_.FindStream(kSystemScope, stream_name);
    if (stream == nullptr) return;
    const std::vector<SegmentId> segments = stream->ActiveSegments();
    if (segments.empty()) return;
    ByteWriter event;
    event.I32(0).I32(static_cast<int32_t>(request.size())).Put(request);
    work_.additions[stream->SegmentName(segments.front())].bytes += event.Take();
  }

  template <typename Evidence>
  void Ask(const Evidence& about, std::string_view what, std::string_view meaning,
           std::string request) {
    const std::string id = fmt::format("{}_%_{}_%_{}", what, about.scope, about.name);
    work_.nodes.push_back({RequestIndexNode(kProcess, id), std::move(request)});
    AddAnomaly("workflow-unfinished", about, "{}", meaning);
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

  void PlanKvTable(const KvTableEvidence& table) {
    if (table.state == LifeState::kCreating) {
      AddAnomaly("creation-unfinished", table,
                 "the key-value table was being created: create it again before it is used");
    } else if (table.state == LifeState::kDeleting) {
      Post("_kvTableStream",
           EncodeDeleteRequest(RequestType::kDeleteTable, table.scope, table.name, table.id));
      AddAnomaly("workflow-unfinished", table, "the key-value table was being deleted");
    }
  }

  void PlanReaderGroup(const ReaderGroupEvidence& group) {
    if (group.state == LifeState::kCreating) {
      AddAnomaly("creation-unfinished", group,
                 "the reader group was being created: create it again before it is used");
    } else if (group.state == LifeState::kDeleting) {
      Ask(group, "delete-group", "the reader group was being deleted",
          EncodeDeleteRequest(RequestType::kDeleteReaderGroup, group.scope, group.name, group.id));
    } else if (group.configuration && group.configuration->updating) {
      Ask(group, "update-group", "the reader group was being updated",
          EncodeUpdateReaderGroupRequest(group.scope, group.name, group.id,
                                         group.configuration->generation));
    }
  }

  const ControllerEvidence& evidence_;
  const PlanOptions& options_;
  ControllerWork work_;
};

}  // namespace

ControllerWork PlanControllerWork(const ControllerEvidence& evidence, const PlanOptions& options) {
  return WorkPlanner(evidence, options).Run();
}

}  // namespace pdr

// The walk over the controller's tables, from the list of scopes downwards.
#include <algorithm>
#include <charconv>

#include "base/parallel.h"
#include "recovery/controller_evidence.h"
#include "recovery/controller_tables.h"

namespace pdr {
namespace {

using Problems = std::vector<ControllerProblem>;

void Append(Problems& to, Problems from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

// One table that maps names to ids; calls add(name, id) for each. False when it was not read; one
// that is `optional`, and not there, has no names.
template <typename Add>
bool ReadIds(TableReading& reading, const std::string& table, bool optional, Add&& add) {
  const auto values = reading.Read(table, optional);
  if (!values) return optional && !reading.unreadable();
  bool all = true;
  for (const auto& [name, value] : *values) {
    if (const auto id = reading.Decoded(table, name, DecodeUuid(value))) {
      add(name, *id);
    } else {
      all = false;
    }
  }
  return all;
}

// `deleted`: with all in it, of which the lists go last.
Problems ReadScope(const TableSource& source, const std::string& name, bool deleted,
                   ScopeEvidence& scope) {
  TableReading reading(source, name);
  const auto start = [&](auto& evidence, const std::string& member, const Uuid& id) {
    evidence.scope = name;
    evidence.name = member;
    evidence.id = id;
  };
  scope.streams_known = ReadIds(
      reading, StreamsInScopeTable(name, scope.id), deleted,
      [&](const std::string& stream, const Uuid& id) { start(scope.streams[stream], stream, id); });
  scope.kv_tables_known = ReadIds(
      reading, KvTablesInScopeTable(name, scope.id), deleted,
      [&](const std::string& table, const Uuid& id) { start(scope.kv_tables[table], table, id); });
  ReadIds(reading, ReaderGroupsInScopeTable(name, scope.id), deleted,
          [&](const std::string& group, const Uuid& id) {
            start(scope.reader_groups[group], group, id);
          });
  return reading.TakeProblems();
}

// Everything below the scopes, one unit of work per stream, table and group.
class Members {
 public:
  explicit Members(ControllerEvidence& evidence) {
    for (auto& [name, scope] : evidence.scopes) {
      for (auto& [stream_name, stream] : scope.streams) streams_.push_back(&stream);
      for (auto& [table_name, table] : scope.kv_tables) kv_tables_.push_back(&table);
      for (auto& [group_name, group] : scope.reader_groups) groups_.push_back(&group);
    }
  }

  Problems Read(const TableSource& source, size_t threads) {
    std::vector<Problems> problems(streams_.size() + kv_tables_.size() + groups_.size());
    const Status done = ParallelFor(problems.size(), threads, [&](size_t i) {
      problems[i] = ReadOne(source, i);
      return OkStatus();
    });
    Problems all;
    if (!done.ok()) all.push_back({"controller-table-unreadable", "", std::string(Message(done))});
    for (Problems& some : problems) Append(all, std::move(some));
    return all;
  }

 private:
  Problems ReadOne(const TableSource& source, size_t i) {
    const auto read = [&](auto& evidence, auto read_tables) {
      TableReading reading(source, fmt::format("{}/{}", evidence.scope, evidence.name));
      read_tables(reading, evidence);
      return reading.TakeProblems();
    };
    if (i < streams_.size()) return read(*streams_[i], ReadStreamTables);
    i -= streams_.size();
    if (i < kv_tables_.size()) return read(*kv_tables_[i], ReadKvTableTables);
    return read(*groups_[i - kv_tables_.size()], ReadReaderGroupTables);
  }

  std::vector<StreamEvidence*> streams_;
  std::vector<KvTableEvidence*> kv_tables_;
  std::vector<ReaderGroupEvidence*> groups_;
};

StreamEvidence* MutableStream(ControllerEvidence& evidence, const CompletedTransactionKey& key) {
  const auto scope = evidence.scopes.find(key.scope);
  if (scope == evidence.scopes.end()) return nullptr;
  const auto stream = scope->second.streams.find(key.stream);
  return stream == scope->second.streams.end() ? nullptr : &stream->second;
}

void NoteCounter(ControllerEvidence& evidence, const Uuid& id) {
  evidence.highest_counter = std::max(evidence.highest_counter, std::optional(CounterOf(id)));
}

int32_t BatchNumber(const std::string& batch) {
  int32_t number = -1;
  const char* const end = batch.data() + batch.size();
  const auto [stop, error] = std::from_chars(batch.data(), end, number);
  return error == std::errc() && stop == end ? number : -1;
}

void AddCompleted(ControllerEvidence& evidence, TableReading& reading, const std::string& batch,
                  const std::string& key, const std::string& value) {
  const std::string table = CompletedTransactionBatchTable(batch);
  const auto parsed = ParseCompletedTransactionKey(key);
  if (!parsed) return reading.Unreadable(table, key, DataLoss("not a transaction's key"));
  NoteCounter(evidence, parsed->transaction);
  const auto record = reading.Decoded(table, key, DecodeCompletedTransaction(value));
  StreamEvidence* stream = MutableStream(evidence, *parsed);
  if (!record || stream == nullptr) return;
  TransactionEvidence& transaction = stream->transactions[parsed->transaction];
  transaction.epoch = TransactionEpoch(parsed->transaction);
  transaction.status = record->status;
  transaction.completed = true;
  transaction.completion_time = record->time;
  transaction.batch = BatchNumber(batch);
}

// After the streams: what is completed overrules what is still listed as active.
Problems ReadCompleted(const TableSource& source, ControllerEvidence& evidence) {
  TableReading reading(source, "");
  evidence.completed_known = true;
  // Made with the first completed transaction, so its absence alone is no problem.
  const std::string list(kCompletedTransactionBatchesTable);
  const auto batches = reading.Read(list, true);
  const auto read = [&](const std::string& batch, bool optional) {
    const auto values = reading.Read(CompletedTransactionBatchTable(batch), optional);
    for (const auto& [key, value] : values.value_or(TableValues{})) {
      AddCompleted(evidence, reading, batch, key, value);
    }
    return values.has_value();
  };
  for (const auto& [batch, empty] : batches.value_or(TableValues{})) {
    evidence.completed_known &= read(batch, false);
  }
  // A new list is in Tier-2 later than its first batch, which a young cluster writes at once.
  const std::string first(kFirstTransactionBatch);
  if (!batches || !batches->contains(first)) evidence.first_batch_unlisted = read(first, true);
  Problems problems = reading.TakeProblems();
  if (!batches && !problems.empty()) evidence.completed_known = false;
  return problems;
}

Problems ReadDeletingScopes(const TableSource& source, ControllerEvidence& evidence) {
  TableReading reading(source, "");
  const std::string table(kDeletingScopesTable);
  // Releases that cannot delete a scope with all in it do not have the table.
  for (const auto& [scope, value] : reading.Read(table, true).value_or(TableValues{})) {
    if (const auto id = reading.Decoded(table, scope, DecodeUuid(value))) {
      evidence.deleting_scopes[scope] = *id;
    }
  }
  return reading.TakeProblems();
}

Problems ReadDeletedStreams(const TableSource& source, ControllerEvidence& evidence) {
  TableReading reading(source, "");
  const std::string table(kDeletedStreamsTable);
  // Made with the first deletion.
  for (const auto& [stream, value] : reading.Read(table, true).value_or(TableValues{})) {
    const auto number = reading.Decoded(table, stream, DecodeInt(value));
    if (number) evidence.deleted_streams[stream] = *number;
  }
  return reading.TakeProblems();
}

}  // namespace

ControllerEvidence GatherControllerEvidence(const TableSource& source, size_t threads) {
  ControllerEvidence evidence;
  TableReading reading(source, "");
  evidence.scopes_known =
      ReadIds(reading, std::string(kScopesTable), false,
              [&](const std::string& name, const Uuid& id) { evidence.scopes[name].id = id; });
  evidence.problems = reading.TakeProblems();
  Append(evidence.problems, ReadDeletingScopes(source, evidence));
  for (auto& [name, scope] : evidence.scopes) {
    Append(evidence.problems, ReadScope(source, name, evidence.IsScopeDeleted(name), scope));
  }
  Append(evidence.problems, Members(evidence).Read(source, threads));
  for (const auto& [name, scope] : evidence.scopes) {
    for (const auto& [stream_name, stream] : scope.streams) {
      for (const auto& [id, transaction] : stream.transactions) NoteCounter(evidence, id);
    }
  }
  Append(evidence.problems, ReadCompleted(source, evidence));
  Append(evidence.problems, ReadDeletedStreams(source, evidence));
  return evidence;
}

}  // namespace pdr

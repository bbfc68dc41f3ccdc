#include "recovery/controller_evidence.h"

#include <algorithm>
#include <array>

#include "format/names.h"

namespace pdr {
namespace {

using Where = ControllerSource::Where;

constexpr std::array<std::string_view, 16> kStandingNames = {"not-controlled",
                                                             "undecided",
                                                             "unknown",
                                                             "active",
                                                             "sealing",
                                                             "pending",
                                                             "sealed",
                                                             "truncating",
                                                             "truncated-away",
                                                             "transaction-open",
                                                             "transaction-committing",
                                                             "transaction-committed",
                                                             "transaction-aborting",
                                                             "transaction-aborted",
                                                             "transaction-unknown",
                                                             "key-value-table"};

ControllerWord Word(SegmentStanding standing, ControllerSource::Where where, const Uuid& id,
                    int32_t number = 0) {
  return {standing, {where, number, id}};
}

ControllerWord CurrentWord(const StreamEvidence& stream, SegmentId id) {
  if (stream.state == StreamState::kSealed) {
    return Word(SegmentStanding::kSealed, Where::kState, stream.id);
  }
  if (stream.transition.in_progress() && stream.transition.to_seal.contains(id)) {
    return Word(SegmentStanding::kSealing, Where::kTransition, stream.id);
  }
  if (stream.RollsOver()) {
    return Word(SegmentStanding::kSealing, Where::kCommitting, stream.id);
  }
  if (stream.state == StreamState::kSealing) {
    return Word(SegmentStanding::kSealing, Where::kState, stream.id);
  }
  return Word(SegmentStanding::kActive, Where::kEpoch, stream.id, stream.current_epoch);
}

// Made for an epoch whose record may not be there yet: by a scale, or by a rolling commit, which
// copies the transactions' epoch and the current one into the next two.
std::optional<Where> MadeAheadBy(const StreamEvidence& stream, SegmentId id) {
  if (stream.transition.in_progress() && stream.transition.created.contains(id)) {
    return Where::kTransition;
  }
  const auto& rolled = stream.committing.active_epoch;
  const bool ahead = stream.committing.in_progress() && rolled &&
                     (id.epoch == int64_t{*rolled} + 1 || id.epoch == int64_t{*rolled} + 2);
  return ahead ? std::optional(Where::kCommitting) : std::nullopt;
}

ControllerWord StreamWord(const StreamEvidence& stream, SegmentId id) {
  if (stream.truncation.deleted.contains(id)) {
    return Word(SegmentStanding::kTruncatedAway, Where::kTruncation, stream.id);
  }
  if (stream.truncation.to_delete.contains(id)) {
    return Word(SegmentStanding::kTruncating, Where::kTruncation, stream.id);
  }
  if (!stream.complete) return Word(SegmentStanding::kUndecided, Where::kMetadata, stream.id);
  if (HasSegment(stream.epochs.at(stream.current_epoch).segments, id)) {
    return CurrentWord(stream, id);
  }
  const auto known = stream.segments.find(id);
  if (known != stream.segments.end()) {
    return Word(
        known->second < stream.current_epoch ? SegmentStanding::kSealed : SegmentStanding::kPending,
        Where::kEpoch, stream.id, known->second);
  }
  if (const auto by = MadeAheadBy(stream, id)) {
    return Word(SegmentStanding::kPending, *by, stream.id);
  }
  if (id.epoch <= stream.current_epoch && !stream.epochs.contains(id.epoch)) {
    // The record that would tell is missing.
    return Word(SegmentStanding::kUndecided, Where::kEpoch, stream.id, id.epoch);
  }
  return Word(SegmentStanding::kUnknown, Where::kMetadata, stream.id);
}

SegmentStanding StandingOf(TransactionStatus status) {
  switch (status) {
    case TransactionStatus::kOpen:
      return SegmentStanding::kTransactionOpen;
    case TransactionStatus::kCommitting:
      return SegmentStanding::kTransactionCommitting;
    case TransactionStatus::kCommitted:
      return SegmentStanding::kTransactionCommitted;
    case TransactionStatus::kAborting:
      return SegmentStanding::kTransactionAborting;
    case TransactionStatus::kAborted:
      return SegmentStanding::kTransactionAborted;
    case TransactionStatus::kUnknown:
      break;
  }
  return SegmentStanding::kTransactionUnknown;
}

ControllerWord TransactionWord(const StreamEvidence& stream, const TransactionName& name,
                               bool completed_known) {
  const auto id = ParseUuidHex(name.id_hex);
  if (!id) return Word(SegmentStanding::kUnknown, Where::kMetadata, stream.id);
  const TransactionEvidence* transaction = stream.FindTransaction(*id);
  if (transaction == nullptr) {
    const bool decided = stream.complete && completed_known;
    return Word(decided ? SegmentStanding::kTransactionUnknown : SegmentStanding::kUndecided,
                Where::kTransactions, stream.id, TransactionEpoch(*id));
  }
  const SegmentStanding standing = StandingOf(transaction->status);
  if (transaction->completed) {
    return Word(standing, Where::kCompleted, stream.id, transaction->batch);
  }
  if (transaction->committing) return Word(standing, Where::kCommitting, stream.id);
  return Word(standing, Where::kTransactions, stream.id, transaction->epoch);
}

ControllerWord KvTableWord(const KvTableEvidence& table, SegmentId id) {
  if (!table.complete) return Word(SegmentStanding::kUndecided, Where::kMetadata, table.id);
  for (const auto& [number, epoch] : table.epochs) {
    if (HasSegment(epoch.segments, id)) {
      return Word(SegmentStanding::kKvTable, Where::kEpoch, table.id, number);
    }
  }
  return Word(SegmentStanding::kUnknown, Where::kMetadata, table.id);
}

const ScopeEvidence* FindScope(const ControllerEvidence& evidence, std::string_view scope) {
  const auto found = evidence.scopes.find(std::string(scope));
  return found == evidence.scopes.end() ? nullptr : &found->second;
}

// Of a segment whose stream or table is not listed.
ControllerWord UnlistedWord(const ControllerEvidence& evidence, std::string_view scope_name,
                            bool kv_table) {
  const ScopeEvidence* scope = FindScope(evidence, scope_name);
  const bool known = scope == nullptr ? evidence.scopes_known
                     : kv_table       ? scope->kv_tables_known
                                      : scope->streams_known;
  const SegmentStanding standing = known ? SegmentStanding::kUnknown : SegmentStanding::kUndecided;
  if (scope == nullptr) return Word(standing, Where::kScopes, {});
  return Word(standing, kv_table ? Where::kKvTables : Where::kStreams, scope->id);
}

std::optional<int64_t> OffsetIn(const SegmentOffsets& offsets, SegmentId id) {
  const auto found = offsets.find(id);
  if (found == offsets.end() || found->second < 0) return std::nullopt;
  return found->second;
}

// The stream of a segment that is neither a transaction nor of a key-value table.
const StreamEvidence* StreamOf(const ControllerEvidence& evidence,
                               const std::optional<ParsedStreamSegment>& parsed) {
  if (!parsed || parsed->kv_table) return nullptr;
  return evidence.FindStream(parsed->scope, parsed->name);
}

void AppendExpected(const StreamEvidence& stream, std::vector<std::string>& names) {
  for (const auto& [id, epoch] : stream.segments) {
    const SegmentStanding standing = StreamWord(stream, id).standing;
    if (standing == SegmentStanding::kActive || standing == SegmentStanding::kSealing ||
        standing == SegmentStanding::kPending || standing == SegmentStanding::kSealed) {
      names.push_back(stream.SegmentName(id));
    }
  }
}

}  // namespace

std::string_view SegmentStandingName(SegmentStanding standing) {
  return kStandingNames[static_cast<size_t>(standing)];
}

std::vector<SegmentId> StreamEvidence::ActiveSegments() const {
  std::vector<SegmentId> active;
  const auto current = epochs.find(current_epoch);
  if (current == epochs.end()) return active;
  for (const SegmentRecord& segment : current->second.segments) active.push_back(segment.id);
  std::sort(active.begin(), active.end());
  return active;
}

const TransactionEvidence* StreamEvidence::FindTransaction(const Uuid& transaction) const {
  const auto found = transactions.find(transaction);
  return found == transactions.end() ? nullptr : &found->second;
}

bool StreamEvidence::RollsOver() const {
  return committing.in_progress() && committing.active_epoch == current_epoch;
}

std::set<SegmentId> StreamEvidence::BeingSealed() const {
  std::set<SegmentId> ids;
  if (transition.in_progress()) ids = transition.to_seal;
  if (!RollsOver()) return ids;
  const std::vector<SegmentId> active = ActiveSegments();
  ids.insert(active.begin(), active.end());
  return ids;
}

std::set<SegmentId> StreamEvidence::MadeAhead() const {
  std::set<SegmentId> ids;
  if (transition.in_progress()) ids = transition.created;
  if (!RollsOver()) return ids;
  // The next epoch is a copy of the transactions', the one after it a copy of the current one.
  const auto ahead = static_cast<int32_t>(int64_t{current_epoch} + 2);
  for (const SegmentId segment : ActiveSegments()) ids.insert({segment.number, ahead});
  return ids;
}

const StreamEvidence* ControllerEvidence::FindStream(std::string_view scope,
                                                     std::string_view stream) const {
  const ScopeEvidence* found = FindScope(*this, scope);
  if (found == nullptr) return nullptr;
  const auto it = found->streams.find(std::string(stream));
  return it == found->streams.end() ? nullptr : &it->second;
}

const KvTableEvidence* ControllerEvidence::FindKvTable(std::string_view scope,
                                                       std::string_view table) const {
  const ScopeEvidence* found = FindScope(*this, scope);
  if (found == nullptr) return nullptr;
  const auto it = found->kv_tables.find(std::string(table));
  return it == found->kv_tables.end() ? nullptr : &it->second;
}

bool ControllerEvidence::IsScopeDeleted(std::string_view scope) const {
  const auto deleted = deleting_scopes.find(std::string(scope));
  const ScopeEvidence* known = FindScope(*this, scope);
  return deleted != deleting_scopes.end() && known != nullptr && known->id == deleted->second;
}

bool ControllerEvidence::IsDeleted(const StreamEvidence& stream) const {
  if (IsScopeDeleted(stream.scope)) return true;
  if (stream.state != StreamState::kSealed && stream.state != StreamState::kCreating) return false;
  const auto asked = requests.deleted_streams.find(stream.scope + "/" + stream.name);
  if (asked == requests.deleted_streams.end()) return false;
  return asked->second.contains(0) || asked->second.contains(stream.creation_time);
}

bool ControllerEvidence::IsDeleted(const KvTableEvidence& table) const {
  return IsScopeDeleted(table.scope) || table.state == LifeState::kDeleting;
}

ControllerWord ControllerEvidence::WordOf(std::string_view segment) const {
  const auto transaction = ParseTransactionName(segment);
  const auto parsed = ParseStreamSegmentName(transaction ? transaction->parent : segment);
  if (!parsed) return {};
  if (parsed->kv_table && !transaction) {
    const KvTableEvidence* table = FindKvTable(parsed->scope, parsed->name);
    if (table != nullptr) return KvTableWord(*table, parsed->id);
    return UnlistedWord(*this, parsed->scope, true);
  }
  const StreamEvidence* stream = FindStream(parsed->scope, parsed->name);
  if (stream == nullptr) return UnlistedWord(*this, parsed->scope, false);
  if (transaction) return TransactionWord(*stream, *transaction, completed_known);
  return StreamWord(*stream, parsed->id);
}

bool ControllerEvidence::InUnrecordedStream(std::string_view segment) const {
  const auto parsed = ParseStreamSegmentName(segment);
  const bool internal = parsed && (parsed->scope.starts_with('_') || parsed->name.starts_with('_'));
  if (!parsed || parsed->kv_table || internal) return false;
  if (deleted_streams.contains(fmt::format("{}/{}", parsed->scope, parsed->name))) return false;
  const StreamEvidence* stream = FindStream(parsed->scope, parsed->name);
  if (stream != nullptr) return stream->unrecorded;
  return UnlistedWord(*this, parsed->scope, false).standing == SegmentStanding::kUnknown;
}

bool ControllerEvidence::LacksSuccessors(std::string_view segment) const {
  const auto parsed = ParseStreamSegmentName(segment);
  const StreamEvidence* stream = StreamOf(*this, parsed);
  return stream != nullptr && stream->successors_unknown.contains(parsed->id);
}

bool ControllerEvidence::IsOfEpochToCome(std::string_view segment) const {
  const auto parsed = ParseStreamSegmentName(segment);
  const StreamEvidence* stream = StreamOf(*this, parsed);
  return stream != nullptr && stream->complete && parsed->id.epoch > stream->current_epoch;
}

bool ControllerEvidence::IsLeftBehind(std::string_view segment) const {
  const StreamEvidence* stream = StreamOf(*this, ParseStreamSegmentName(segment));
  return stream != nullptr && stream->left_behind;
}

std::optional<int64_t> ControllerEvidence::TruncationOffset(std::string_view segment) const {
  const auto parsed = ParseStreamSegmentName(segment);
  const StreamEvidence* stream = StreamOf(*this, parsed);
  if (stream == nullptr) return std::nullopt;
  return OffsetIn(stream->truncation.cut, parsed->id);
}

std::optional<int64_t> ControllerEvidence::SealedSize(std::string_view segment) const {
  const auto parsed = ParseStreamSegmentName(segment);
  const StreamEvidence* stream = StreamOf(*this, parsed);
  if (stream == nullptr) return std::nullopt;
  return OffsetIn(stream->sealed_sizes, parsed->id);
}

std::optional<int64_t> ControllerEvidence::KnownLength(std::string_view segment) const {
  const auto parsed = ParseStreamSegmentName(segment);
  const StreamEvidence* stream = StreamOf(*this, parsed);
  if (stream == nullptr) return std::nullopt;
  std::optional<int64_t> known = OffsetIn(stream->sealed_sizes, parsed->id);
  known = std::max(known, OffsetIn(stream->truncation.cut, parsed->id));
  for (const RetentionCut& cut : stream->retention_cuts) {
    known = std::max(known, OffsetIn(cut.cut, parsed->id));
  }
  return known;
}

std::vector<std::string> ControllerEvidence::ExpectedSegments() const {
  std::vector<std::string> names;
  for (const auto& [scope_name, scope] : scopes) {
    for (const auto& [stream_name, stream] : scope.streams) {
      // The controller makes the segments last.
      if (stream.state == StreamState::kCreating || IsDeleted(stream)) continue;
      AppendExpected(stream, names);
    }
    for (const auto& [table_name, table] : scope.kv_tables) {
      if (!table.complete || table.state == LifeState::kCreating || IsDeleted(table)) continue;
      std::map<SegmentId, bool> segments;
      for (const auto& [number, epoch] : table.epochs) {
        for (const SegmentRecord& segment : epoch.segments) segments[segment.id] = true;
      }
      for (const auto& [id, present] : segments) names.push_back(table.SegmentName(id));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pdr

// What the controller says about every segment, read from its own tables in Tier-2.
// docs/formats/controller-tables.md; recovery-semantics.md sections 3.3 and 4.
//
// The tables lag behind the truth and behind each other, so an answer here is evidence, never
// proof: whatever could not be read makes the answers about it kUndecided, not "does not exist".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/controller_events.h"
#include "format/controller_scope_records.h"
#include "format/controller_stream_records.h"
#include "format/controller_transaction_records.h"
#include "recovery/controller_source.h"

namespace pdr {

// The live entries of one table segment, key -> value.
using TableValues = std::map<std::string, std::string>;
// Reads a table segment by name. A segment that is known but has no data is an empty table;
// NotFound means that nothing knows it. Must allow calls from several threads.
using TableSource = std::function<StatusOr<TableValues>(const std::string& segment)>;

struct ControllerProblem {
  std::string code;     // controller-table-missing, controller-table-unreadable,
                        // controller-record-missing, controller-record-unreadable
  std::string subject;  // scope/stream, scope, or "" for the whole controller
  std::string message;  // which table or key, and why
  bool operator==(const ControllerProblem&) const = default;
};

struct TransactionEvidence {
  int32_t epoch = 0;  // of its table, which is the one of its id
  TransactionStatus status = TransactionStatus::kUnknown;
  bool committing = false;         // listed in the commit under way
  bool completed = false;          // status is from the completed transactions: final
  int32_t batch = -1;              // the number of the table that says so
  int64_t completion_time = 0;     // ms, when completed
  ActiveTransactionRecord active;  // empty when only the completed record is known
};

struct StreamEvidence {
  std::string scope;
  std::string name;
  Uuid id;
  bool readable = false;    // its metadata table was read, or nothing knows it
  bool complete = false;    // state, current epoch and its record were all read
  bool unrecorded = false;  // that it was ever created is in no table: it has no state yet
  int64_t creation_time = 0;
  StreamState state = StreamState::kUnknown;
  int32_t current_epoch = -1;             // -1 = not known
  std::map<int32_t, EpochRecord> epochs;  // all that were read, also above the current one
  std::map<SegmentId, int32_t> segments;  // of all these epochs -> the first one that has it
  std::optional<StreamConfiguration> configuration;
  StreamTruncationRecord truncation;
  SegmentOffsets sealed_sizes;
  std::vector<RetentionCut> retention_cuts;  // by time
  EpochTransition transition;
  // Of the segments that are being sealed, those of which no client that meets the seal is told
  // what follows; the controller records that before it seals any.
  std::set<SegmentId> successors_unknown;
  bool left_behind = false;  // writers or readers had gone on to the segments in their place
  CommittingTransactionsRecord committing;
  std::map<Uuid, TransactionEvidence> transactions;
  std::optional<std::set<int32_t>> transaction_epochs;  // that have a table of transactions, as
                                                        // listed; nothing when that is unreadable
  std::set<std::string> missing_tables;                 // of its own, of which nothing knows
  bool has_marks = false;                               // Tier-2 has something of its mark stream
  bool has_writer_marks = false;  // writers said how far in time they are: watermarks are due

  std::string SegmentName(SegmentId segment) const {
    return StreamSegmentName(scope, name, segment);
  }
  std::vector<SegmentId> ActiveSegments() const;  // of the current epoch, by id
  const TransactionEvidence* FindTransaction(const Uuid& transaction) const;  // null: not known
  // Whether a commit under way rolls the current epoch over, with all its segments.
  bool RollsOver() const;
  // Segments that an unfinished scale or rolling commit seals, and those that writers go on to.
  std::set<SegmentId> BeingSealed() const;
  std::set<SegmentId> MadeAhead() const;
};

struct KvTableEvidence {
  std::string scope;
  std::string name;
  Uuid id;
  bool readable = false;  // its metadata table was read, or nothing knows it
  int64_t creation_time = 0;
  bool complete = false;
  bool has_segments = false;  // Tier-2 has something of it
  LifeState state = LifeState::kUnknown;
  int32_t current_epoch = -1;
  std::map<int32_t, KvTableEpochRecord> epochs;
  std::optional<KvTableConfiguration> configuration;

  std::string SegmentName(SegmentId segment) const {
    return KvTableSegmentName(scope, name, segment);
  }
};

struct ReaderGroupEvidence {
  std::string scope;
  std::string name;
  Uuid id;
  bool readable = false;  // as of a table
  int64_t creation_time = 0;
  LifeState state = LifeState::kUnknown;
  std::optional<ReaderGroupConfiguration> configuration;
};

struct ScopeEvidence {
  Uuid id;
  bool streams_known = false;    // the list of streams was read
  bool kv_tables_known = false;  // the list of key-value tables was read
  std::map<std::string, StreamEvidence> streams;
  std::map<std::string, KvTableEvidence> kv_tables;
  std::map<std::string, ReaderGroupEvidence> reader_groups;
};

// The requests that the controller finds in its streams: it reads each from its start again.
struct RequestEvidence {
  struct Waiting {
    uint64_t bytes = 0;
    std::map<RequestType, uint64_t> requests;
    uint64_t unknown = 0;  // events that are no request of a known type
    bool operator==(const Waiting&) const = default;
  };
  std::map<std::string, Waiting> segments;         // by segment of a request stream
  std::set<std::pair<RequestType, Uuid>> created;  // tables and groups that are to be created
  std::map<std::string, std::set<int64_t>> deleted_streams;  // scope/stream -> creation times

  void Add(const std::string& segment, std::string_view request);
  void Merge(RequestEvidence other);
};

// What the controller says of one segment.
enum class SegmentStanding : uint8_t {
  kNotControlled,  // by its name no segment of a stream, transaction or key-value table
  kUndecided,      // the tables that would say are missing or unreadable
  kUnknown,        // its scope, stream or table is not listed, or no epoch has it
  kActive,         // in the current epoch: exists, takes writes
  kSealing,        // in the current epoch, but an unfinished scale or seal is sealing it
  kPending,        // made by an unfinished scale or commit, for an epoch to come: exists
  kSealed,         // exists, sealed: of an earlier epoch, or of a sealed stream
  kTruncating,     // as kSealed, but an unfinished truncation is deleting it
  kTruncatedAway,  // deleted by a truncation
  kTransactionOpen,
  kTransactionCommitting,  // to be merged
  kTransactionCommitted,   // merged
  kTransactionAborting,    // to be deleted
  kTransactionAborted,     // deleted
  kTransactionUnknown,     // the stream is known, the transaction is not: ended long ago, or lost
  kKvTable,                // segment of a key-value table: exists
};
std::string_view SegmentStandingName(SegmentStanding standing);

// The same, and where the controller says so.
struct ControllerWord {
  SegmentStanding standing = SegmentStanding::kNotControlled;
  ControllerSource source;
};

class ControllerEvidence {
 public:
  bool scopes_known = false;          // the list of scopes was read
  bool completed_known = false;       // all batches of completed transactions were read
  bool first_batch_unlisted = false;  // the first of them is there, and not in their list
  std::map<std::string, ScopeEvidence> scopes;
  std::map<std::string, int32_t> deleted_streams;  // scope/stream -> its highest segment number
  std::map<std::string, Uuid> deleting_scopes;     // with all in them -> the scope's id
  RequestEvidence requests;
  // The highest counter of any transaction id in the tables, of deleted streams too.
  std::optional<TransactionCounter> highest_counter;
  std::vector<ControllerProblem> problems;  // in a stable order

  const StreamEvidence* FindStream(std::string_view scope, std::string_view stream) const;
  const KvTableEvidence* FindKvTable(std::string_view scope, std::string_view table) const;

  // Whether the controller is going to delete it, as its tables or requests say.
  bool IsScopeDeleted(std::string_view scope) const;
  bool IsDeleted(const StreamEvidence& stream) const;
  bool IsDeleted(const KvTableEvidence& table) const;

  ControllerWord WordOf(std::string_view segment) const;
  SegmentStanding StandingOf(std::string_view segment) const { return WordOf(segment).standing; }
  // Whether the stream of a segment is one that the controller has no records of, although all
  // tables that would hold them were read: clients find it again only when it is created again.
  // Not of streams that come with another one, or with a reader group.
  bool InUnrecordedStream(std::string_view segment) const;
  // Of a segment that is being sealed (kSealing): whether nothing tells clients what follows it:
  // once it is sealed, its writers take the stream for sealed, until the controller has gone on.
  bool LacksSuccessors(std::string_view segment) const;
  // Whether its stream has not come to the segment's epoch: one that the controller's tables know
  // nothing of, and whose number it gives to the next that it makes.
  bool IsOfEpochToCome(std::string_view segment) const;
  // Whether somebody had gone on to the segments that take this one's place.
  bool IsLeftBehind(std::string_view segment) const;
  // Where the stream was truncated in this segment; nothing when no cut names it.
  std::optional<int64_t> TruncationOffset(std::string_view segment) const;
  // The length at which a scale sealed the segment: its exact final length.
  std::optional<int64_t> SealedSize(std::string_view segment) const;
  // The farthest offset that any truncation or retention cut or sealed size names in the segment:
  // it was at least this long. Nothing when none does.
  std::optional<int64_t> KnownLength(std::string_view segment) const;
  // Names of all segments that the controller expects to exist (StandingOf is kActive, kSealing,
  // kPending, kSealed or kKvTable), sorted; not of what it is deleting. Of the pending ones only
  // those that an epoch record names: a scale that was asked for may not have made its segments
  // yet.
  std::vector<std::string> ExpectedSegments() const;
};

// Reads the tables on up to `threads` threads. What cannot be read becomes a problem; never fails.
// Implemented in controller_gather.cc.
ControllerEvidence GatherControllerEvidence(const TableSource& source, size_t threads);

}  // namespace pdr

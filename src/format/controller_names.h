// Names in the controller's tables: the table segments, their keys, and the segments of streams and
// key-value tables. docs/formats/controller-tables.md sections 1 and 2.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/uuid.h"

namespace pdr {

inline constexpr std::string_view kControllerTablesDir = "_system/_tables/";
inline constexpr std::string_view kScopesTable = "_system/_tables/scopes";
inline constexpr std::string_view kDeletedStreamsTable = "_system/_tables/deletedStreams";
inline constexpr std::string_view kCompletedTransactionBatchesTable =
    "_system/_tables/completedTransactionsBatches";

// Scopes of which everything is being deleted; the one table of its name outside the directory.
inline constexpr std::string_view kDeletingScopesTable = "_system/deletingScopes";
bool IsControllerTable(std::string_view segment);
// A segment of one of the four streams that the controller reads requests from.
bool HoldsRequests(std::string_view segment);

std::string CompletedTransactionBatchTable(std::string_view batch);
std::string StreamsInScopeTable(std::string_view scope, const Uuid& scope_id);
std::string KvTablesInScopeTable(std::string_view scope, const Uuid& scope_id);
std::string ReaderGroupsInScopeTable(std::string_view scope, const Uuid& scope_id);
// Of a stream, and equally of a key-value table.
std::string StreamMetadataTable(std::string_view scope, std::string_view stream, const Uuid& id);
std::string EpochsWithTransactionsTable(std::string_view scope, std::string_view stream,
                                        const Uuid& id);
std::string WritersPositionsTable(std::string_view scope, std::string_view stream, const Uuid& id);
std::string TransactionsInEpochTable(std::string_view scope, std::string_view stream, int32_t epoch,
                                     const Uuid& id);
std::string ReaderGroupMetadataTable(std::string_view scope, std::string_view group,
                                     const Uuid& id);

// Keys of a stream's metadata table.
inline constexpr std::string_view kCreationTimeKey = "creationTime";
inline constexpr std::string_view kConfigurationKey = "configuration";
inline constexpr std::string_view kFirstTransactionBatch = "0";  // after each loss of ZooKeeper
inline constexpr std::string_view kGroupStreamPrefix = "_RG";    // before the reader group's name
inline constexpr std::string_view kMarkStreamPrefix = "_MARK";   // before the stream's own name
inline constexpr std::string_view kStateKey = "state";
inline constexpr std::string_view kTruncationKey = "truncation";
inline constexpr std::string_view kCurrentEpochKey = "currentEpochRecord";
inline constexpr std::string_view kEpochTransitionKey = "epochTransition";
inline constexpr std::string_view kCommittingTransactionsKey = "committingTxns";
inline constexpr std::string_view kEpochRecordPrefix = "epochRecord-";
inline constexpr std::string_view kSealedSizesPrefix = "segmentsSealedSizeMapShard-";
inline constexpr std::string_view kSealedEpochPrefix = "segmentSealedEpochPath-";
inline constexpr std::string_view kRetentionCutPrefix = "retentionCuts-";

// A key of a completed-transactions batch: Key.#.<scope>.#.<stream>.#./<transaction id>.
struct CompletedTransactionKey {
  std::string scope;
  std::string stream;
  Uuid transaction;
};
std::optional<CompletedTransactionKey> ParseCompletedTransactionKey(std::string_view key);

// A segment's id inside its stream: creation epoch << 32 | number.
struct SegmentId {
  int32_t number = 0;
  int32_t epoch = 0;
  auto operator<=>(const SegmentId&) const = default;
};
SegmentId SegmentIdFromLong(int64_t id);
int64_t SegmentIdAsLong(SegmentId id);

std::string StreamSegmentName(std::string_view scope, std::string_view stream, SegmentId id);
std::string KvTableSegmentName(std::string_view scope, std::string_view table, SegmentId id);

// <scope>/<name>/<number>[.#epoch.<epoch>]; exactly these three components, no other suffix.
struct ParsedStreamSegment {
  std::string scope;
  std::string name;  // stream or key-value table, without `_kvtable`
  SegmentId id;
  bool kv_table = false;
};
std::optional<ParsedStreamSegment> ParseStreamSegmentName(std::string_view segment);

}  // namespace pdr

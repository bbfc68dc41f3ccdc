#include "format/controller_names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pdr {
namespace {

constexpr std::string_view kSeparator = ".#.";
constexpr std::string_view kEpochDelimiter = ".#epoch.";
constexpr std::string_view kKvTableSuffix = "_kvtable";
constexpr std::array<std::string_view, 4> kRequestStreams = {"_requeststream", "_commitStream",
                                                             "_abortStream", "_kvTableStream"};
constexpr std::string_view kCompletedKeyPrefix = "Key.#.";

std::string InScopeTable(std::string_view scope, std::string_view what, const Uuid& id) {
  return fmt::format("{}{}/{}{}{}", kControllerTablesDir, scope, what, kSeparator, id.Text());
}

std::string StreamTable(std::string_view scope, std::string_view stream, std::string_view what,
                        const Uuid& id) {
  return fmt::format("{}{}/{}/{}{}{}", kControllerTablesDir, scope, stream, what, kSeparator,
                     id.Text());
}

// A decimal number without sign or leading zeros, as Java prints a non-negative int.
std::optional<int32_t> ParseNumber(std::string_view s) {
  if (s.empty() || s[0] < '0' || s[0] > '9' || (s[0] == '0' && s.size() > 1)) return std::nullopt;
  int32_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

// Cuts `rest` behind the next separator and returns what is before it.
std::optional<std::string_view> CutAt(std::string_view& rest, std::string_view separator) {
  const size_t at = rest.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view head = rest.substr(0, at);
  rest.remove_prefix(at + separator.size());
  return head;
}

}  // namespace

bool IsControllerTable(std::string_view segment) {
  return segment.starts_with(kControllerTablesDir) || segment == kDeletingScopesTable;
}

bool HoldsRequests(std::string_view segment) {
  const auto parsed = ParseStreamSegmentName(segment);
  return parsed && parsed->scope == "_system" && !parsed->kv_table &&
         std::find(kRequestStreams.begin(), kRequestStreams.end(), parsed->name) !=
             kRequestStreams.end();
}

std::string CompletedTransactionBatchTable(std::string_view batch) {
  return fmt::format("{}completedTransactionsBatch-{}", kControllerTablesDir, batch);
}

std::string StreamsInScopeTable(std::string_view scope, const Uuid& scope_id) {
  return InScopeTable(scope, "streamsInScope", scope_id);
}

std::string KvTablesInScopeTable(std::string_view scope, const Uuid& scope_id) {
  return InScopeTable(scope, "kvTablesInScope", scope_id);
}

std::string ReaderGroupsInScopeTable(std::string_view scope, const Uuid& scope_id) {
  return InScopeTable(scope, "readerGroupsInScope", scope_id);
}

std::string StreamMetadataTable(std::string_view scope, std::string_view stream, const Uuid& id) {
  return StreamTable(scope, stream, "metadata", id);
}

std::string EpochsWithTransactionsTable(std::string_view scope, std::string_view stream,
                                        const Uuid& id) {
  return StreamTable(scope, stream, "epochsWithTransactions", id);
}

std::string WritersPositionsTable(std::string_view scope, std::string_view stream, const Uuid& id) {
  return StreamTable(scope, stream, "writersPositions", id);
}

std::string TransactionsInEpochTable(std::string_view scope, std::string_view stream, int32_t epoch,
                                     const Uuid& id) {
  return StreamTable(scope, stream, fmt::format("transactionsInEpoch-{}", epoch), id);
}

std::string ReaderGroupMetadataTable(std::string_view scope, std::string_view group,
                                     const Uuid& id) {
  return StreamTable(scope, fmt::format("_readergroups/{}", group), "metadata", id);
}

std::optional<CompletedTransactionKey> ParseCompletedTransactionKey(std::string_view key) {
  if (!key.starts_with(kCompletedKeyPrefix)) return std::nullopt;
  key.remove_prefix(kCompletedKeyPrefix.size());
  const auto scope = CutAt(key, kSeparator);
  if (!scope) return std::nullopt;
  const auto stream = CutAt(key, ".#./");
  const auto transaction = ParseUuidText(key);
  if (!stream || !transaction) return std::nullopt;
  return CompletedTransactionKey{std::string(*scope), std::string(*stream), *transaction};
}

SegmentId SegmentIdFromLong(int64_t id) {
  return {static_cast<int32_t>(id), static_cast<int32_t>(id >> 32)};
}

int64_t SegmentIdAsLong(SegmentId id) {
  return int64_t{id.epoch} << 32 | static_cast<uint32_t>(id.number);
}

std::string StreamSegmentName(std::string_view scope, std::string_view stream, SegmentId id) {
  return fmt::format("{}/{}/{}{}{}", scope, stream, id.number, kEpochDelimiter, id.epoch);
}

std::string KvTableSegmentName(std::string_view scope, std::string_view table, SegmentId id) {
  return fmt::format("{}/{}{}/{}{}{}", scope, table, kKvTableSuffix, id.number, kEpochDelimiter,
                     id.epoch);
}

std::optional<ParsedStreamSegment> ParseStreamSegmentName(std::string_view segment) {
  const auto scope = CutAt(segment, "/");
  if (!scope || scope->empty()) return std::nullopt;
  auto name = CutAt(segment, "/");
  if (!name || name->empty()) return std::nullopt;

  ParsedStreamSegment parsed;
  parsed.scope = *scope;
  if (const auto number = CutAt(segment, kEpochDelimiter)) {
    const auto epoch = ParseNumber(segment);
    if (!epoch) return std::nullopt;
    parsed.id.epoch = *epoch;
    segment = *number;
  }
  const auto number = ParseNumber(segment);
  if (!number) return std::nullopt;
  parsed.id.number = *number;
  if (name->ends_with(kKvTableSuffix)) {
    name->remove_suffix(kKvTableSuffix.size());
    parsed.kv_table = true;
  }
  parsed.name = *name;
  return parsed;
}

}  // namespace pdr

#include "recovery/controller_source.h"

#include <fmt/format.h>

#include "format/controller_names.h"
#include "format/names.h"

namespace pdr {
namespace {

using Where = ControllerSource::Where;

}  // namespace

ControllerPlace PlaceOf(const ControllerSource& source, std::string_view segment) {
  const auto transaction = ParseTransactionName(segment);
  const auto parsed = ParseStreamSegmentName(transaction ? transaction->parent : segment);
  if (!parsed || source.where == Where::kNowhere) return {};
  const std::string metadata = StreamMetadataTable(parsed->scope, parsed->name, source.id);
  const auto id = transaction ? ParseUuidHex(transaction->id_hex) : std::nullopt;
  switch (source.where) {
    case Where::kScopes:
      return {std::string(kScopesTable), parsed->scope};
    case Where::kStreams:
      return {StreamsInScopeTable(parsed->scope, source.id), parsed->name};
    case Where::kKvTables:
      return {KvTablesInScopeTable(parsed->scope, source.id), parsed->name};
    case Where::kEpoch:
      return {metadata, fmt::format("{}{}", kEpochRecordPrefix, source.number)};
    case Where::kState:
      return {metadata, std::string(kStateKey)};
    case Where::kTruncation:
      return {metadata, std::string(kTruncationKey)};
    case Where::kTransition:
      return {metadata, std::string(kEpochTransitionKey)};
    case Where::kCommitting:
      return {metadata, std::string(kCommittingTransactionsKey)};
    case Where::kTransactions:
      return {TransactionsInEpochTable(parsed->scope, parsed->name, source.number, source.id),
              id ? id->Text() : ""};
    case Where::kCompleted:
      if (source.number < 0) return {std::string(kCompletedTransactionBatchesTable), ""};
      return {
          CompletedTransactionBatchTable(fmt::format("{}", source.number)),
          fmt::format("Key.#.{}.#.{}.#./{}", parsed->scope, parsed->name, id ? id->Text() : "")};
    default:
      return {metadata, ""};
  }
}

}  // namespace pdr

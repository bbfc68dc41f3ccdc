// The controller's records about transactions. docs/formats/controller-tables.md section 5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/controller_records.h"

namespace pdr {

enum class TransactionStatus : uint8_t {
  kUnknown,
  kOpen,
  kCommitting,
  kCommitted,
  kAborting,
  kAborted,
};
std::string_view TransactionStatusName(TransactionStatus status);
// Its events are still to come, or to be merged.
constexpr bool IsUnfinished(TransactionStatus status) {
  return status == TransactionStatus::kOpen || status == TransactionStatus::kCommitting;
}

// A transaction that is not finished (transactionsInEpoch-<epoch>).
struct ActiveTransactionRecord {
  int64_t creation_time = 0;  // ms
  int64_t lease_expiry = 0;   // ms
  int64_t max_expiry = 0;     // ms
  TransactionStatus status = TransactionStatus::kUnknown;
  std::string writer;  // "" = none
  std::optional<int64_t> commit_time;
  std::optional<int64_t> commit_order;  // the position in the commit order kept in ZooKeeper
  bool operator==(const ActiveTransactionRecord&) const = default;
};
StatusOr<ActiveTransactionRecord> DecodeActiveTransaction(std::string_view bytes);
std::string EncodeActiveTransaction(const ActiveTransactionRecord& record);

// A finished one (completedTransactionsBatch-<n>).
struct CompletedTransactionRecord {
  int64_t time = 0;  // ms
  TransactionStatus status = TransactionStatus::kUnknown;
  bool operator==(const CompletedTransactionRecord&) const = default;
};
StatusOr<CompletedTransactionRecord> DecodeCompletedTransaction(std::string_view bytes);

// The commit under way (key committingTxns of a stream's metadata table).
struct CommittingTransactionsRecord {
  int32_t epoch = -1;  // of the transactions
  std::vector<Uuid> transactions;
  std::optional<int32_t> active_epoch;  // set when the commit rolls the stream's epoch over
  // The controller keeps an empty record when no commit is under way.
  bool in_progress() const { return epoch >= 0; }
  bool operator==(const CommittingTransactionsRecord&) const = default;
};
StatusOr<CommittingTransactionsRecord> DecodeCommittingTransactions(std::string_view bytes);

}  // namespace pdr

#include "format/storage_records.h"

#include <algorithm>

namespace pdr {

StatusOr<StorageRecords> StorageRecords::Take(Encoded records) {
  for (const auto& [key, bytes] : records) {
    ASSIGN_OR_RETURN(const TransactionData data, DecodeTransactionData(bytes));
    if (data.key != key || !data.value) {
      return DataLoss("the storage metadata of '{}' is of '{}' or has no value", key, data.key);
    }
  }
  StorageRecords out;
  out.records_ = std::move(records);
  return out;
}

void StorageRecords::Put(const TransactionData& data) {
  // Tables are read, and plans made, mostly in the order of the keys.
  auto at = records_.end();
  if (!records_.empty() && data.key <= std::prev(at)->first) at = records_.lower_bound(data.key);
  std::string bytes = EncodeTransactionData(data);
  bytes.shrink_to_fit();
  records_.insert_or_assign(at, data.key, std::move(bytes));
}

void StorageRecords::Copy(const StorageRecords& from, const std::string& key) {
  const auto found = from.records_.find(key);
  if (found != from.records_.end()) records_[key] = found->second;
}

std::optional<TransactionData> StorageRecords::Find(const std::string& key) const {
  const auto found = records_.find(key);
  if (found == records_.end()) return std::nullopt;
  StatusOr<TransactionData> data = DecodeTransactionData(found->second);
  if (!data.ok()) return std::nullopt;  // cannot be: it was encoded or checked here
  return *std::move(data);
}

int64_t StorageRecords::NewestVersion() const {
  int64_t newest = 1;
  for (const auto& [key, bytes] : records_) {
    const StatusOr<TransactionData> data = DecodeTransactionData(bytes);
    if (data.ok()) newest = std::max(newest, data->version);
  }
  return newest;
}

}  // namespace pdr

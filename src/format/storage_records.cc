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
  std::string bytes = EncodeTransactionData(data);
  bytes.shrink_to_fit();
  records_.insert_or_assign(PlaceOf(data.key), data.key, std::move(bytes));
}

// Tables are read, and plans made, mostly in the order of the keys.
StorageRecords::Encoded::iterator StorageRecords::PlaceOf(const std::string& key) {
  const bool last = records_.empty() || std::prev(records_.end())->first < key;
  return last ? records_.end() : records_.lower_bound(key);
}

void StorageRecords::Move(StorageRecords& from, const std::string& key) {
  const auto found = from.records_.find(key);
  if (found != from.records_.end()) MoveOne(from, found);
}

void StorageRecords::MoveAll(StorageRecords& from, const std::string& prefix) {
  auto at = from.records_.lower_bound(prefix);
  while (at != from.records_.end() && at->first.starts_with(prefix)) at = MoveOne(from, at);
}

StorageRecords::Encoded::iterator StorageRecords::MoveOne(StorageRecords& from,
                                                          Encoded::iterator record) {
  const auto next = std::next(record);
  const auto at = PlaceOf(record->first);
  if (at != records_.end() && at->first == record->first) {
    at->second = std::move(record->second);
    from.records_.erase(record);
  } else {
    records_.insert(at, from.records_.extract(record));
  }
  return next;
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

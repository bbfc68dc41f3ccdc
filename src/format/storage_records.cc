#include "format/storage_records.h"

#include <algorithm>
#include <iterator>

namespace pdr {

Status StorageRecords::Add(std::string_view key, std::string_view bytes) {
  ASSIGN_OR_RETURN(const TransactionData data, DecodeTransactionData(bytes));
  if (data.key != key || !data.value) {
    return DataLoss("the storage metadata of '{}' is of '{}' or has no value", key, data.key);
  }
  PutBytes(key, bytes);
  return OkStatus();
}

void StorageRecords::Put(const TransactionData& data) {
  PutBytes(data.key, EncodeTransactionData(data));
}

void StorageRecords::PutBytes(std::string_view key, std::string_view bytes) {
  if (arenas_.empty()) arenas_.push_back(std::make_shared<TextArena>());
  TextArena& arena = *arenas_.front();
  const std::string_view kept = arena.Keep(bytes);
  // A record has its key in it, as the same bytes but for the rarest characters.
  const size_t at = kept.find(key);
  Set(at == std::string_view::npos ? arena.Keep(key) : kept.substr(at, key.size()), kept);
}

void StorageRecords::Set(std::string_view key, std::string_view bytes) {
  // Tables are read, and plans made, mostly in the order of the keys.
  const bool last = records_.empty() || std::prev(records_.end())->first < key;
  const auto at = last ? records_.end() : records_.lower_bound(key);
  if (at != records_.end() && at->first == key) {
    at->second = bytes;
  } else {
    records_.insert(at, {key, bytes});
  }
}

void StorageRecords::Move(StorageRecords& from, std::string_view key) {
  const auto found = from.records_.find(key);
  if (found != from.records_.end()) MoveOne(from, found);
}

void StorageRecords::MoveAll(StorageRecords& from, std::string_view prefix) {
  auto at = from.records_.lower_bound(prefix);
  while (at != from.records_.end() && at->first.starts_with(prefix)) at = MoveOne(from, at);
}

StorageRecords StorageRecords::Cut(size_t n) {
  StorageRecords out;
  out.arenas_ = arenas_;
  auto end = records_.begin();
  for (size_t i = 0; i < n && end != records_.end(); ++i, ++end) {
    out.records_.insert(out.records_.end(), *end);
  }
  records_.erase(records_.begin(), end);
  return out;
}

void StorageRecords::Append(const StorageRecords& records) {
  for (const auto& [key, bytes] : records.records_) PutBytes(key, bytes);
}

StorageRecords::Encoded::iterator StorageRecords::MoveOne(StorageRecords& from,
                                                          Encoded::iterator record) {
  Hold(from);
  Set(record->first, record->second);
  return from.records_.erase(record);
}

void StorageRecords::Hold(const StorageRecords& from) {
  for (const std::shared_ptr<TextArena>& arena : from.arenas_) {
    if (std::find(arenas_.begin(), arenas_.end(), arena) == arenas_.end()) arenas_.push_back(arena);
  }
}

std::optional<TransactionData> StorageRecords::Find(std::string_view key) const {
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

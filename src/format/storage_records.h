// The records of one container's storage metadata table. docs/formats/lts-chunked.md section 2.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/status.h"
#include "format/storage_metadata.h"

namespace pdr {

// By key, and as their bytes: a recovery holds all of a cluster's records at once and looks at few
// of them, and decoded they take several times as much.
class StorageRecords {
 public:
  using Encoded = std::map<std::string, std::string>;  // key -> EncodeTransactionData

  StorageRecords() = default;
  // DataLoss unless each is the record of its key and has a value.
  static StatusOr<StorageRecords> Take(Encoded records);

  // In the place of the key's record, if there is one.
  void Put(const TransactionData& data);
  // What `from` has under this key, if anything; and under all keys that begin so.
  void Move(StorageRecords& from, const std::string& key);
  void MoveAll(StorageRecords& from, const std::string& prefix);
  std::optional<TransactionData> Find(const std::string& key) const;
  // Of all records, and at least 1.
  int64_t NewestVersion() const;

  const Encoded& encoded() const { return records_; }
  size_t size() const { return records_.size(); }

 private:
  // Before which a key belongs, or where it is.
  Encoded::iterator PlaceOf(const std::string& key);
  Encoded::iterator MoveOne(StorageRecords& from, Encoded::iterator record);

  Encoded records_;
};

}  // namespace pdr

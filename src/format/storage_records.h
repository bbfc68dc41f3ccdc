// The records of one container's storage metadata table. docs/formats/lts-chunked.md section 2.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "base/status.h"
#include "base/text_arena.h"
#include "format/storage_metadata.h"

namespace pdr {

// By key, and as their bytes, side by side: a recovery holds all of a container's records at once
// and looks at few of them. Decoded, or with an allocation for each, they take several times as
// much.
class StorageRecords {
 public:
  // key -> EncodeTransactionData; valid as long as these records, or any they were moved to, live.
  using Encoded = absl::btree_map<std::string_view, std::string_view>;

  StorageRecords() = default;

  // An encoded record; DataLoss unless it is the one of its key and has a value.
  Status Add(std::string_view key, std::string_view bytes);
  // In the place of the key's record, if there is one.
  void Put(const TransactionData& data);
  // What `from` has under this key, if anything; and under all keys that begin so.
  void Move(StorageRecords& from, std::string_view key);
  void MoveAll(StorageRecords& from, std::string_view prefix);
  // Takes the first n out, or all there are; they still point into the same memory.
  StorageRecords Cut(size_t n);
  // Copies; fast when their keys come after all of those here.
  void Append(const StorageRecords& records);
  std::optional<TransactionData> Find(std::string_view key) const;
  // Of all records, and at least 1.
  int64_t NewestVersion() const;

  const Encoded& encoded() const { return records_; }
  size_t size() const { return records_.size(); }

 private:
  void PutBytes(std::string_view key, std::string_view bytes);
  void Set(std::string_view key, std::string_view bytes);  // both in an arena
  Encoded::iterator MoveOne(StorageRecords& from, Encoded::iterator record);
  void Hold(const StorageRecords& from);

  Encoded records_;
  // What the records point into; some of it may belong to other records too. New ones go into the
  // first.
  std::vector<std::shared_ptr<TextArena>> arenas_;
};

}  // namespace pdr

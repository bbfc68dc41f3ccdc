// One ledger of the embedded ledger store: a directory with two files.
//
//   meta      LedgerMeta, replaced at once; the ledger exists when this does
//   entries   entry after entry: u32 length, u32 CRC-32C of (ledger id, entry id, payload), payload
//
// `entries` is locked (flock(2)) while an entry is added and while the ledger is closed, so that
// after a fence nothing can be added. What follows the last whole entry of an open ledger is the
// torn write of a dead process and is not part of the ledger.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tier1/embedded/files.h"

namespace pdr::embedded {

struct LedgerMeta {
  bool closed = false;
  int64_t last_entry = -1;  // of a closed ledger
  std::map<std::string, std::string> custom_metadata;
};
StatusOr<LedgerMeta> DecodeLedgerMeta(std::string_view bytes);
std::string EncodeLedgerMeta(const LedgerMeta& meta);

std::string LedgerDirectory(const std::string& root, int64_t id);
StatusOr<LedgerMeta> LoadLedgerMeta(const std::string& directory);
Status SaveLedgerMeta(const std::string& directory, const LedgerMeta& meta);

std::string EncodeLedgerEntry(int64_t ledger, int64_t entry, std::string_view payload);
// The offsets of the whole entries from the beginning on.
StatusOr<std::vector<uint64_t>> ScanLedgerEntries(const File& entries, int64_t ledger);
// The entry at `offset`; DataLoss if it is damaged.
StatusOr<std::string> ReadLedgerEntry(const File& entries, int64_t ledger, int64_t entry,
                                      uint64_t offset);

}  // namespace pdr::embedded

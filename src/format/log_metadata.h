// LogMetadata: the ZooKeeper record of one container's durable log.
// docs/formats/zookeeper-layout.md section 2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace pdr {

// ledgerSequence << 32 | entryId, with the ledger id. docs/formats/durable-log.md section 1.
struct LogAddress {
  uint64_t sequence = 0;
  int64_t ledger_id = 0;
  uint32_t ledger_sequence() const { return static_cast<uint32_t>(sequence >> 32); }
  int64_t entry_id() const { return static_cast<int64_t>(sequence & 0xffffffff); }
  bool operator==(const LogAddress&) const = default;
};

enum class LedgerStatus : uint8_t { kUnknown = 0, kEmpty = 1, kNotEmpty = 2 };

struct LedgerRecord {
  int64_t ledger_id = 0;
  uint32_t sequence = 0;  // >= 1
  LedgerStatus status = LedgerStatus::kUnknown;
  bool operator==(const LedgerRecord&) const = default;
};

struct LogMetadata {
  bool enabled = false;
  uint64_t epoch = 1;
  LogAddress truncation;
  std::vector<LedgerRecord> ledgers;  // ids and sequences strictly ascending
  bool operator==(const LogMetadata&) const = default;
};

StatusOr<LogMetadata> DecodeLogMetadata(std::string_view bytes);
std::string EncodeLogMetadata(const LogMetadata& metadata);
// Path below the log metadata root, e.g. "/3/0/3" for container 3 at depth 2.
std::string LogMetadataPath(int container, int depth);

}  // namespace pdr

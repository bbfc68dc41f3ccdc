// One durable log as rows for a reader: record, ledgers, frames, operations, checkpoint contents,
// and whether production would accept it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"
#include "tier1/tier1.h"

namespace pdr {

using LogValue = std::variant<int64_t, bool, std::string>;

// Types, in order of appearance:
//   log        the record in the metadata store; `exists` is false if there is none
//   ledger     one per ledger of the record
//   frame      one per data frame from the truncation address on
//   operation  one per operation the frame before completes
//   segment    one per segment that the checkpoint before lists
//   error      why a ledger or the rest of the log cannot be read
//   verdict    what replaying the log comes to
struct LogRow {
  std::string type;
  std::vector<std::pair<std::string, LogValue>> fields;  // in order
};

// Changes nothing. Damage becomes error rows; only an unreachable Tier-1 is an error.
StatusOr<std::vector<LogRow>> DumpLog(Tier1& tier1, int container);

}  // namespace pdr

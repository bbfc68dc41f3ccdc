// Reading from the replicas of a ledger. docs/formats/bookkeeper-wire.md section 6.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "tier1/bookkeeper/bookkeeper_cluster.h"

namespace pdr {

struct StoredEntry {
  int64_t last_confirmed = -1;
  int64_t length = 0;
  std::string payload;
};

// Reads an entry from the first replica that has it intact; the next one is asked when one fails or
// is slow. Bookies that failed are added to `avoid`, and those in it are asked last.
StatusOr<StoredEntry> ReadEntry(const LedgerAccess& ledger, const std::vector<std::string>& bookies,
                                int64_t entry, std::set<std::string>& avoid);

// Reads an entry for recovery, fencing the replicas. Nothing if the entry cannot have been
// acknowledged; Unavailable if that cannot be said.
StatusOr<std::optional<StoredEntry>> ReadEntryForRecovery(const LedgerAccess& ledger,
                                                          const std::vector<std::string>& bookies,
                                                          int64_t entry);

// The highest last-confirmed entry that the ensemble knows of, from enough bookies to be sure that
// nothing acknowledged before the last ensemble member answered is missed by more than what was
// under way. With `fence`, no writer can add afterwards.
StatusOr<int64_t> ReadLastConfirmed(const LedgerAccess& ledger,
                                    const std::vector<std::string>& bookies, bool fence);

}  // namespace pdr

// LedgerMetadata: the ZooKeeper record of one BookKeeper ledger, and where it is kept.
// docs/formats/zookeeper-layout.md sections 5 and 8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "format/bookie_entry.h"

namespace pdr {

enum class LedgerState : uint8_t { kOpen = 1, kInRecovery = 2, kClosed = 3 };

// The bookies (ids, not addresses) that hold the entries from first_entry on.
struct LedgerEnsemble {
  int64_t first_entry = 0;
  std::vector<std::string> bookies;
  bool operator==(const LedgerEnsemble&) const = default;
};

struct LedgerMetadata {
  int ensemble_size = 0;
  int write_quorum = 0;
  int ack_quorum = 0;
  LedgerState state = LedgerState::kOpen;
  int64_t last_entry = -1;                // counts only when closed
  int64_t length = 0;                     // payload bytes; counts only when closed
  std::vector<LedgerEnsemble> ensembles;  // ascending, the first at entry 0, never empty
  // Both absent in ledgers whose record does not keep them; then the client's own are used.
  std::optional<DigestType> digest;
  std::optional<std::string> password;
  std::optional<int64_t> ctime;
  std::vector<std::pair<std::string, std::string>> custom;  // in the order of the record
  std::optional<int64_t> creation_token;

  // The ensemble that holds an entry.
  const LedgerEnsemble& EnsembleOf(int64_t entry) const;
  bool operator==(const LedgerMetadata&) const = default;
};

// Reads format versions 1, 2 and 3.
StatusOr<LedgerMetadata> DecodeLedgerMetadata(std::string_view bytes);
// Writes format version 3.
std::string EncodeLedgerMetadata(const LedgerMetadata& metadata);

// How ledger ids map to paths below the ledger root.
enum class LedgerLayout : uint8_t { kHierarchical, kLongHierarchical, kLegacyHierarchical, kFlat };

// The content of the LAYOUT node.
StatusOr<LedgerLayout> DecodeLedgerLayout(std::string_view bytes);
// "/00/0000/L0777". InvalidArgument for an id that the layout cannot hold.
StatusOr<std::string> LedgerPath(LedgerLayout layout, int64_t id);
// The inverse; nothing for a path that is not a ledger's.
std::optional<int64_t> LedgerIdFromPath(LedgerLayout layout, std::string_view path);

}  // namespace pdr

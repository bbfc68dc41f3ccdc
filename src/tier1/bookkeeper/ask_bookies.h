// Whether the bookies answer, and how much room they have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "tier1/tier1.h"

namespace pdr {

struct BookieState {
  std::string id;
  Status answer;  // of its own, just now
  std::optional<uint64_t> free_bytes;
};

// Asks every bookie that is registered as writable, all at once; bounded by some seconds.
StatusOr<std::vector<BookieState>> AskBookies(const Tier1Config& config);
// The same with a session that is there already, of the ZooKeeper that the bookies use.
StatusOr<std::vector<BookieState>> AskBookies(MetadataStore& store, const Tier1Config& config);

}  // namespace pdr

// Whole files, many at a time: neighbours in one directory are read in one go, which saves looking
// up their directory for each.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "tier2/inventory.h"

namespace pdr {

struct Batch {  // of a range: [begin, end)
  size_t begin = 0;
  size_t end = 0;
};

// Cuts a range of files, each given by its index, into runs for one thread each: of one directory,
// and neither many files nor many bytes.
std::vector<Batch> BatchesByDirectory(size_t count,
                                      const std::function<const InventoryFile&(size_t)>& file);

// The whole of each of these files, in their order, as Disk::ReadAll gives it; `depth` calls at a
// time.
std::vector<StatusOr<std::string>> ReadFiles(const Disk& disk,
                                             std::span<const InventoryFile* const> files,
                                             size_t depth, uint64_t max_bytes);

}  // namespace pdr

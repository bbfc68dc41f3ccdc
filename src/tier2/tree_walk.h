// One walk over all names of a tree, as many calls at a time as the disk likes. The result does not
// depend on how many that were.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "base/progress.h"
#include "base/status.h"
#include "tier2/inventory.h"

namespace pdr {

struct WalkedTree {
  std::vector<InventoryFile> files;         // sorted by path, classified by name alone
  std::shared_ptr<TextArena> names;         // holds their paths
  std::vector<Unreadable> unreadable;       // sorted by path
  std::array<std::set<int>, 2> containers;  // with metadata, by layout
  std::array<uint64_t, 2> named = {0, 0};   // files with a name that only this layout writes
};

// An error only when the root itself cannot be listed.
StatusOr<WalkedTree> WalkTree(const Disk& disk, Progress& progress);

}  // namespace pdr

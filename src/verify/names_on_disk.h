// The files in Tier-2, and which belong to each container: one walk, no file opened.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tier2/disk.h"
#include "tier2/inventory.h"

namespace pdr::verify {

// (epoch, index) of the system journal files of one container, as their names say.
struct JournalNames {
  std::set<std::pair<uint64_t, uint64_t>> files;
  std::set<std::pair<uint64_t, uint64_t>> snapshots;
};

struct ContainerNames {
  std::vector<std::string_view> chunks;    // files named like chunks, in either layout; sorted
  std::vector<std::string_view> segments;  // rolling: segments that have a header file; sorted
  JournalNames journals;
};

// A transaction id without its epoch: what the controller's counter hands out.
using TransactionNumber = std::pair<int32_t, int64_t>;  // high part, low part
std::optional<TransactionNumber> TransactionNumberIn(std::string_view name);

struct DiskNames {
  std::vector<InventoryFile> files;           // sorted by path
  std::shared_ptr<TextArena> paths;           // holds all names
  std::set<std::string, std::less<>> unseen;  // not to be looked at, or no plain files
  std::vector<ContainerNames> containers;     // index = container id
  std::optional<TransactionNumber> highest_transaction;

  // Null: no regular file of that path was seen.
  const InventoryFile* Find(std::string_view path) const;
  // That none was seen does not say that there is none.
  bool MayBeUnseen(std::string_view path) const;
};

StatusOr<DiskNames> WalkNames(const Disk& disk, Layout layout, int container_count);

}  // namespace pdr::verify

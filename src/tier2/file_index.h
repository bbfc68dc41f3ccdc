// The inventory's data files by name, and which of them some segment lists.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tier2/inventory.h"
#include "tier2/segment_data.h"

namespace pdr {

class FileIndex {
 public:
  explicit FileIndex(const Inventory& inventory);

  const InventoryFile* Find(std::string_view path) const;
  // Sorted, after all segments are read.
  std::vector<std::string> UnlistedChunks() const;
  std::vector<std::string> ListedTwice() const;

 private:
  friend class FileCursor;
  const Inventory& inventory_;
  std::unique_ptr<std::atomic<uint8_t>[]> listings_;  // 0, 1, or 2 = more
};

// Looks files up one after another, each from where the last one was (base/near_search.h).
class FileCursor {
 public:
  explicit FileCursor(FileIndex& files) : files_(files) {}

  const InventoryFile* Find(std::string_view path);
  void MoveTo(const InventoryFile& file);
  // A chunk of a segment with what the inventory knows of its file, which now counts as listed.
  // Cursors of different threads may do this at the same time.
  StoredChunk List(std::string_view path, uint64_t start_offset, uint64_t length);

 private:
  FileIndex& files_;
  size_t at_ = 0;
};

}  // namespace pdr

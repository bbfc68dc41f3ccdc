// The inventory's data files by name, and which of them some segment lists.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tier2/inventory.h"
#include "tier2/segment_data.h"

namespace pdr {

class FileIndex {
 public:
  explicit FileIndex(const Inventory& inventory);

  const InventoryFile* Find(std::string_view path) const;
  // A chunk of a segment with what the inventory knows of its file, which now counts as listed.
  // Thread-safe.
  StoredChunk List(const std::string& path, uint64_t start_offset, uint64_t length);
  // Sorted, after all segments are read.
  std::vector<std::string> UnlistedChunks() const;
  std::vector<std::string> ListedTwice() const;

 private:
  const Inventory& inventory_;
  absl::flat_hash_map<std::string_view, size_t> by_path_;
  std::unique_ptr<std::atomic<uint8_t>[]> listings_;  // 0, 1, or 2 = more
};

}  // namespace pdr

// Where the state of every segment of the rolling layout is. docs/formats/lts-rolling.md sections 3
// and 5.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tier2/file_index.h"
#include "tier2/view.h"

namespace pdr {

// One segment's: a header, its pending replacement, or one plain file.
struct RollingSource {
  const InventoryFile* file = nullptr;
  uint32_t name_size = 0;  // the segment's name begins the file's path
  int container = 0;
  std::string_view segment() const { return file->path.substr(0, name_size); }
  bool headerless() const { return name_size == file->path.size(); }
};

// In the order of their paths, one for a segment. What is odd about them goes to the view.
std::vector<RollingSource> FindRollingSources(const Inventory& inventory, const FileIndex& files,
                                              bool indexes, Tier2View& view);

}  // namespace pdr

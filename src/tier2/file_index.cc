#include "tier2/file_index.h"

#include "format/names.h"

namespace pdr {
namespace {

bool IsChunkFile(const InventoryFile& file, Layout layout) {
  switch (file.file_class) {
    case FileClass::kChunk:
    case FileClass::kAttributeChunk:
      return true;
    case FileClass::kMetadataChunk:
    case FileClass::kGcQueue:
    case FileClass::kTransient:  // chunks and headers share these classes
      return layout == Layout::kChunked || ParseRollingChunkName(file.path).has_value();
    default:
      return false;
  }
}

}  // namespace

FileIndex::FileIndex(const Inventory& inventory)
    : inventory_(inventory),
      listings_(std::make_unique<std::atomic<uint8_t>[]>(inventory.files.size())) {
  by_path_.reserve(inventory.files.size());
  for (size_t i = 0; i < inventory.files.size(); ++i) {
    const InventoryFile& file = inventory.files[i];
    if (file.file_class == FileClass::kOwn || file.file_class == FileClass::kSpecial) continue;
    by_path_.emplace(file.path, i);
  }
}

const InventoryFile* FileIndex::Find(std::string_view path) const {
  auto it = by_path_.find(path);
  return it == by_path_.end() ? nullptr : &inventory_.files[it->second];
}

StoredChunk FileIndex::List(const std::string& path, uint64_t start_offset, uint64_t length) {
  StoredChunk chunk{path, start_offset, length, 0, 0, false};
  auto it = by_path_.find(path);
  if (it == by_path_.end()) return chunk;
  const InventoryFile& file = inventory_.files[it->second];
  chunk.file_size = file.size;
  chunk.mode = file.mode;
  chunk.exists = true;
  std::atomic<uint8_t>& listings = listings_[it->second];
  uint8_t once = 0;
  if (!listings.compare_exchange_strong(once, 1)) listings = 2;
  return chunk;
}

std::vector<std::string> FileIndex::UnlistedChunks() const {
  std::vector<std::string> out;
  for (size_t i = 0; i < inventory_.files.size(); ++i) {
    const InventoryFile& file = inventory_.files[i];
    if (listings_[i] == 0 && IsChunkFile(file, inventory_.layout)) out.push_back(file.path);
  }
  return out;
}

std::vector<std::string> FileIndex::ListedTwice() const {
  std::vector<std::string> out;
  for (size_t i = 0; i < inventory_.files.size(); ++i) {
    if (listings_[i] > 1) out.push_back(inventory_.files[i].path);
  }
  return out;
}

}  // namespace pdr

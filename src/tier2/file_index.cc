#include "tier2/file_index.h"

#include "base/near_search.h"
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

bool IsNoData(const InventoryFile& file) {
  return file.file_class == FileClass::kOwn || file.file_class == FileClass::kSpecial;
}

}  // namespace

FileIndex::FileIndex(const Inventory& inventory)
    : inventory_(inventory),
      listings_(std::make_unique<std::atomic<uint8_t>[]>(inventory.files.size())) {}

const InventoryFile* FileIndex::Find(std::string_view path) const {
  const InventoryFile* file = inventory_.Find(path);
  return file == nullptr || IsNoData(*file) ? nullptr : file;
}

void FileCursor::MoveTo(const InventoryFile& file) {
  at_ = static_cast<size_t>(&file - files_.inventory_.files.data());
}

const InventoryFile* FileCursor::Find(std::string_view path) {
  const std::vector<InventoryFile>& files = files_.inventory_.files;
  at_ = LowerBoundFrom(files, at_, path, [](const InventoryFile& file, std::string_view wanted) {
    return file.path < wanted;
  });
  if (at_ == files.size() || files[at_].path != path || IsNoData(files[at_])) return nullptr;
  return &files[at_];
}

StoredChunk FileCursor::List(std::string_view path, uint64_t start_offset, uint64_t length) {
  StoredChunk chunk{std::string(path), start_offset, length, 0, 0, false};
  const InventoryFile* file = Find(path);
  if (file == nullptr) return chunk;
  chunk.file_size = file->size;
  chunk.mode = file->mode;
  chunk.exists = true;
  std::atomic<uint8_t>& listings = files_.listings_[at_];
  uint8_t once = 0;
  if (!listings.compare_exchange_strong(once, 1)) listings = 2;
  return chunk;
}

std::vector<std::string> FileIndex::UnlistedChunks() const {
  std::vector<std::string> out;
  for (size_t i = 0; i < inventory_.files.size(); ++i) {
    const InventoryFile& file = inventory_.files[i];
    if (listings_[i] == 0 && IsChunkFile(file, inventory_.layout)) out.emplace_back(file.path);
  }
  return out;
}

std::vector<std::string> FileIndex::ListedTwice() const {
  std::vector<std::string> out;
  for (size_t i = 0; i < inventory_.files.size(); ++i) {
    if (listings_[i] > 1) out.emplace_back(inventory_.files[i].path);
  }
  return out;
}

}  // namespace pdr

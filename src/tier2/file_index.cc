#include "tier2/file_index.h"

#include <algorithm>

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

// Steps of doubling width towards the name, then a binary search of the last step.
const InventoryFile* FileCursor::Find(std::string_view path) {
  const std::vector<InventoryFile>& files = files_.inventory_.files;
  if (files.empty()) return nullptr;
  size_t from = at_;
  size_t to = at_;  // the name is in [from, to), or nowhere
  if (files[at_].path < path) {
    for (size_t step = 1; to < files.size() && files[to].path < path; step *= 2) {
      from = to + 1;
      to = std::min(files.size(), to + step);
    }
    to = std::min(files.size(), to + 1);
  } else {
    to = at_ + 1;
    for (size_t step = 1; from > 0 && path < files[from].path; step *= 2) {
      to = from;
      from -= std::min(from, step);
    }
  }
  const auto begin = files.begin() + static_cast<ptrdiff_t>(from);
  const auto end = files.begin() + static_cast<ptrdiff_t>(to);
  const auto found = std::lower_bound(
      begin, end, path,
      [](const InventoryFile& file, std::string_view wanted) { return file.path < wanted; });
  if (found != files.end()) at_ = static_cast<size_t>(found - files.begin());
  if (found == end || found->path != path || IsNoData(*found)) return nullptr;
  return &*found;
}

StoredChunk FileCursor::List(const std::string& path, uint64_t start_offset, uint64_t length) {
  StoredChunk chunk{path, start_offset, length, 0, 0, false};
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

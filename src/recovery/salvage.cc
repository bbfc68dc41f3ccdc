#include "recovery/salvage.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "container/container_image.h"
#include "format/controller_names.h"
#include "format/names.h"

namespace pdr {
namespace {

constexpr uint64_t kStreamChunkBytes = 134217728;
constexpr uint64_t kTableChunkBytes = 16777216;

// The next chunk that continues `segment`: one that begins at its recorded end or inside the
// surplus of its last file. The owner stopped using the old file where the new one begins.
const OrphanChunk* NextChunk(const std::vector<OrphanChunk>& orphans, const StoredSegment& segment,
                             uint64_t file_end) {
  for (const OrphanChunk& o : orphans) {
    if (o.epoch < segment.record.owner_epoch) continue;
    if (o.offset >= segment.length && o.offset <= file_end) return &o;
  }
  return nullptr;
}

void ExtendLastChunk(StoredSegment& segment, uint64_t end) {
  StoredChunk& last = segment.chunks.back();
  last.length = end - last.start_offset;
  segment.length = end;
}

void AddChunk(StoredSegment& segment, const OrphanChunk& orphan) {
  StoredChunk chunk;
  chunk.path = orphan.file->path;
  chunk.start_offset = orphan.offset;
  chunk.length = orphan.file->size;
  chunk.file_size = orphan.file->size;
  chunk.mode = orphan.file->mode;
  segment.chunks.push_back(std::move(chunk));
  segment.record.owner_epoch = std::max(segment.record.owner_epoch, orphan.epoch);
  segment.length = orphan.offset;
  ExtendLastChunk(segment, orphan.offset + orphan.file->size);
}

// Extends one segment as far as files allow.
Salvage Extend(StoredSegment& segment, const std::vector<OrphanChunk>& orphans) {
  Salvage salvage;
  salvage.recorded_length = segment.length;
  while (true) {
    uint64_t file_end = segment.length;
    if (!segment.chunks.empty()) {
      const StoredChunk& last = segment.chunks.back();
      if (last.exists) file_end = std::max(file_end, last.start_offset + last.file_size);
    }
    const OrphanChunk* next = NextChunk(orphans, segment, file_end);
    const uint64_t end = next != nullptr ? next->offset : file_end;
    if (end > segment.length) ExtendLastChunk(segment, end);
    if (next == nullptr) break;
    AddChunk(segment, *next);
    salvage.adopted_chunks.emplace_back(next->file->path);
  }
  salvage.adopted_bytes = segment.length - salvage.recorded_length;
  return salvage;
}

// The data segment that decides whether an orphan's segment is still wanted.
std::string OwnerOf(const std::string& segment) {
  if (!IsAttributeIndex(segment)) return segment;
  return segment.substr(0, segment.size() - kAttributeIndexSuffix.size());
}

// A sealed segment grows no more, but its list may break off before the length it has.
bool Extendable(const StoredSegment& segment) {
  if (segment.sealed && segment.length >= segment.record.length) return false;
  return segment.chunks.empty() || segment.chunks.back().exists;
}

// A chunk whose record the storage metadata gave up is garbage that was not collected yet: its
// segment was deleted, truncated, or merged and defragmented.
void DropGarbage(const ContainerView& view, OrphanChunks& orphans) {
  for (auto segment = orphans.begin(); segment != orphans.end();) {
    std::erase_if(segment->second, [&](const OrphanChunk& orphan) {
      return view.GaveUp(std::string(orphan.file->path));
    });
    segment = segment->second.empty() ? orphans.erase(segment) : std::next(segment);
  }
}

}  // namespace

StoredSegment NewStoredSegment(const std::string& name) {
  StoredSegment segment;
  segment.name = name;
  segment.record.name = name;
  segment.record.status = kStatusActive | kStatusAtomicWrites;
  const bool table = IsControllerTable(name) || name.find("_kvtable/") != std::string::npos;
  segment.max_chunk_bytes = IsAttributeIndex(name) ? kIndexChunkBytes
                            : table                ? kTableChunkBytes
                                                   : kStreamChunkBytes;
  segment.record.max_rolling_length = segment.max_chunk_bytes;
  return segment;
}

StoredSegment NewSegment(const Tier2Whole& view, const std::string& name) {
  StoredSegment segment = NewStoredSegment(name);
  segment.record.owner_epoch = view.max_epoch + 1;
  return segment;
}

std::vector<OrphanChunks> FindOrphans(const Inventory& inventory, const Tier2Whole& view) {
  std::vector<OrphanChunks> out(static_cast<size_t>(view.container_count));
  if (view.layout != Layout::kChunked) return out;
  for (const std::string& path : view.unreferenced) {
    const InventoryFile* file = inventory.Find(path);
    std::optional<ParsedChunkName> name = ParseChunkName(path);
    if (file == nullptr || !name || file->size == 0) continue;
    const auto owner = static_cast<size_t>(ContainerOf(name->segment, view.container_count));
    if (owner >= out.size()) continue;
    out[owner][std::string(name->segment)].push_back({name->offset, name->epoch, file});
  }
  return out;
}

void SalvageChunks(OrphanChunks orphans, GatheredContainer& container) {
  ContainerView& view = container.view;
  DropGarbage(view, orphans);
  for (auto& [name, list] : orphans) {
    // Smallest offset first, then highest epoch, then longest, then name.
    std::sort(list.begin(), list.end(), [](const OrphanChunk& a, const OrphanChunk& b) {
      return std::tuple(a.offset, ~a.epoch, ~a.file->size, a.file->path) <
             std::tuple(b.offset, ~b.epoch, ~b.file->size, b.file->path);
    });
    const std::string owner = OwnerOf(name);
    if (view.stored.contains(name) || view.inactive.contains(name)) continue;
    if (!view.records.contains(owner) || IsGcQueue(owner)) continue;
    if (list.front().offset == 0) view.stored[name] = NewStoredSegment(name);
  }
  static const std::vector<OrphanChunk> kNone;
  for (auto& [name, segment] : view.stored) {
    if (!Extendable(segment) || IsGcQueue(name)) continue;
    auto found = orphans.find(name);
    Salvage salvage = Extend(segment, found == orphans.end() ? kNone : found->second);
    if (salvage.adopted_bytes == 0) continue;
    container.evidence.salvaged[name] = std::move(salvage);
  }
}

}  // namespace pdr

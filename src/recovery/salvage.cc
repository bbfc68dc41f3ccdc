#include "recovery/salvage.h"

#include <algorithm>
#include <map>
#include <set>

#include "container/container_image.h"
#include "format/controller_names.h"
#include "format/names.h"

namespace pdr {
namespace {

constexpr uint64_t kStreamChunkBytes = 134217728;
constexpr uint64_t kTableChunkBytes = 16777216;

struct Orphan {
  uint64_t offset = 0;
  uint64_t epoch = 0;
  const InventoryFile* file = nullptr;
};

// By segment; smallest offset first, then highest epoch, then longest, then name.
using Orphans = std::map<std::string, std::vector<Orphan>>;

// A chunk whose record the storage metadata gave up is garbage that was not collected yet: its
// segment was deleted, truncated, or merged and defragmented.
bool GivenUp(const Tier2View& view, const std::string& path, const std::string& segment) {
  const int owner = ContainerOf(segment, static_cast<int>(view.containers.size()));
  return view.containers[static_cast<size_t>(owner)].GaveUp(path);
}

Orphans GroupOrphans(const Inventory& inventory, const Tier2View& view) {
  Orphans out;
  for (const std::string& path : view.unreferenced) {
    const InventoryFile* file = inventory.Find(path);
    std::optional<ParsedChunkName> name = ParseChunkName(path);
    if (file == nullptr || !name || file->size == 0) continue;
    if (GivenUp(view, path, name->segment)) continue;
    out[name->segment].push_back({name->offset, name->epoch, file});
  }
  for (auto& [segment, list] : out) {
    std::sort(list.begin(), list.end(), [](const Orphan& a, const Orphan& b) {
      return std::tuple(a.offset, ~a.epoch, ~a.file->size, a.file->path) <
             std::tuple(b.offset, ~b.epoch, ~b.file->size, b.file->path);
    });
  }
  return out;
}

// The next chunk that continues `segment`: one that begins at its recorded end or inside the
// surplus of its last file. The owner stopped using the old file where the new one begins.
const Orphan* NextChunk(const std::vector<Orphan>& orphans, const StoredSegment& segment,
                        uint64_t file_end) {
  for (const Orphan& o : orphans) {
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

void AddChunk(StoredSegment& segment, const Orphan& orphan) {
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
Salvage Extend(StoredSegment& segment, const std::vector<Orphan>& orphans) {
  Salvage salvage;
  salvage.recorded_length = segment.length;
  while (true) {
    uint64_t file_end = segment.length;
    if (!segment.chunks.empty()) {
      const StoredChunk& last = segment.chunks.back();
      if (last.exists) file_end = std::max(file_end, last.start_offset + last.file_size);
    }
    const Orphan* next = NextChunk(orphans, segment, file_end);
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

StoredSegment NewSegment(const Tier2View& view, const std::string& name) {
  StoredSegment segment = NewStoredSegment(name);
  segment.record.owner_epoch = view.max_epoch + 1;
  return segment;
}

void SalvageChunks(const Inventory& inventory, Tier2View& view,
                   std::vector<ContainerEvidence>& containers) {
  if (view.layout != Layout::kChunked) return;
  const Orphans orphans = GroupOrphans(inventory, view);
  static const std::vector<Orphan> kNone;
  std::set<std::string> adopted;
  for (size_t c = 0; c < view.containers.size(); ++c) {
    ContainerView& container = view.containers[c];
    for (const auto& [name, list] : orphans) {
      const std::string owner = OwnerOf(name);
      if (container.stored.contains(name) || container.inactive.contains(name)) continue;
      if (!container.records.contains(owner) || IsGcQueue(owner)) continue;
      if (list.front().offset == 0) container.stored[name] = NewStoredSegment(name);
    }
    for (auto& [name, segment] : container.stored) {
      if (!Extendable(segment) || IsGcQueue(name)) continue;
      auto found = orphans.find(name);
      Salvage salvage = Extend(segment, found == orphans.end() ? kNone : found->second);
      if (salvage.adopted_bytes == 0) continue;
      adopted.insert(salvage.adopted_chunks.begin(), salvage.adopted_chunks.end());
      containers[c].salvaged[name] = std::move(salvage);
    }
  }
  std::erase_if(view.unreferenced, [&](const std::string& p) { return adopted.contains(p); });
}

}  // namespace pdr

#include <algorithm>
#include <set>

#include "format/names.h"
#include "recovery/layout_files.h"

namespace pdr {
namespace {

// Segments whose block records cannot be trusted.
std::set<std::string_view> WrongBlocks(const ContainerView& view) {
  std::set<std::string_view> out;
  for (const Anomaly& a : view.anomalies) {
    if (a.code == "block-index-wrong") out.insert(a.subject);
  }
  return out;
}

// Takes the records of one stored segment out of the old table: itself, its chunks, its blocks.
void KeepRecords(StorageRecords& old, const StoredSegment& segment, bool with_blocks,
                 StorageRecords& out) {
  out.Move(old, segment.name);
  for (const StoredChunk& chunk : segment.chunks) out.Move(old, chunk.path);
  if (with_blocks) out.MoveAll(old, segment.name + ".B-");
}

SegmentMetadata RecordOf(const StoredSegment& segment) {
  SegmentMetadata r = segment.record;
  r.length = segment.length;
  r.start_offset = segment.start_offset;
  r.chunk_count = static_cast<uint32_t>(segment.chunks.size());
  r.status = segment.sealed ? r.status | kStatusSealed : r.status & ~kStatusSealed;
  if (segment.chunks.empty()) {
    r.first_chunk.clear();
    r.last_chunk.clear();
    r.first_chunk_start_offset = r.last_chunk_start_offset = r.start_offset = r.length;
    return r;
  }
  r.first_chunk = segment.chunks.front().path;
  r.last_chunk = segment.chunks.back().path;
  r.first_chunk_start_offset = segment.chunks.front().start_offset;
  r.last_chunk_start_offset = segment.chunks.back().start_offset;
  return r;
}

// Block records of a changed segment are left out: readers walk the list without them.
void WriteRecords(const StoredSegment& segment, int64_t version, StorageRecords& out) {
  const auto put = [&](const std::string& key, StorageMetadata value) {
    out.Put({version, key, std::move(value)});
  };
  put(segment.name, RecordOf(segment));
  for (size_t i = 0; i < segment.chunks.size(); ++i) {
    const StoredChunk& chunk = segment.chunks[i];
    const bool last = i + 1 == segment.chunks.size();
    put(chunk.path, ChunkMetadata{chunk.path, chunk.length, last ? "" : segment.chunks[i + 1].path,
                                  kStatusActive});
  }
}

// The files of this container that the new image replaces or that must not be found at boot.
void SetAsideSystemFiles(const Inventory& inventory, const ContainerView& view,
                         std::vector<SetAside>& out) {
  for (const auto& [name, segment] : view.system) {
    SetAsideSegment(segment, Layout::kChunked, "superseded", out);
  }
  const auto begin =
      std::lower_bound(inventory.files.begin(), inventory.files.end(), kContainersDir,
                       [](const InventoryFile& f, std::string_view path) { return f.path < path; });
  for (auto it = begin; it != inventory.files.end() && it->path.starts_with(kContainersDir); ++it) {
    const InventoryFile& file = *it;
    if (std::optional<ParsedJournalName> journal = ParseJournalName(file.path)) {
      if (journal->container != view.container) continue;
      out.push_back({std::string(file.path), "superseded"});
    } else if (std::optional<ParsedChunkName> chunk = ParseChunkName(file.path)) {
      if (InternalSegmentContainer(chunk->segment) != view.container) continue;
      out.push_back(
          {std::string(file.path), IsGcQueue(chunk->segment) ? "gc-queue" : "superseded"});
    }
  }
}

}  // namespace

void PlanChunkedFiles(const Inventory& inventory, const ContainerView& view, StorageRecords& old,
                      const std::vector<SegmentDraft>& drafts, ContainerPlan& plan) {
  const int64_t version = old.NewestVersion();
  const std::set<std::string_view> wrong_blocks = WrongBlocks(view);
  const auto keep = [&](const std::optional<StoredSegment>& segment, bool changed) {
    if (!segment) return;
    // Part of an atomic batch may be all that reached Tier-2: then the record is behind its chunks.
    if (changed || RecordOf(*segment) != segment->record) {
      WriteRecords(*segment, version, plan.storage_records);
    } else {
      KeepRecords(old, *segment, !wrong_blocks.contains(segment->name), plan.storage_records);
    }
  };
  for (const SegmentDraft& draft : drafts) {
    if (!draft.registered) continue;
    keep(draft.data, draft.data_changed);
    keep(draft.index, draft.index_changed);
  }
  SetAsideSystemFiles(inventory, view, plan.set_aside);
}

}  // namespace pdr

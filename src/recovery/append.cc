#include "recovery/append.h"

#include "base/hash.h"
#include "format/names.h"
#include "recovery/salvage.h"

namespace pdr {
namespace {

StoredSegment EmptySegment(const Tier2Whole& view, const SegmentInfo& info) {
  StoredSegment segment = NewSegment(view, info.name);
  segment.start_offset = segment.length = static_cast<uint64_t>(info.length);
  return segment;
}

std::string NewChunkName(const Tier2Whole& view, const StoredSegment& segment) {
  if (view.layout == Layout::kRolling) return RollingChunkName(segment.name, segment.length);
  const uint64_t epoch = view.max_epoch + 1;
  return ChunkName(segment.name, epoch, segment.length,
                   NameUuid(fmt::format("{}@{}", segment.name, epoch)));
}

// The new entries are in no index yet, and their keys in no other count than that of all entries.
void AddTableEntries(const Addition& addition, SegmentDraft& draft) {
  draft.rebuild_index = true;
  draft.index.reset();
  draft.sources.index = IndexUse::kRebuilt;
  Attributes& attributes = draft.info.attributes;
  attributes.erase(kIndexRootPointer);
  attributes[kIndexOffset] = draft.info.length;
  attributes[kTotalEntryCount] += static_cast<int64_t>(addition.table_entries);
}

// A file that has yet to be written, as the segment's next chunk.
StoredChunk NewChunk(const Tier2Whole& view, const StoredSegment& segment, const std::string& bytes,
                     uint32_t mode) {
  StoredChunk chunk;
  chunk.path = NewChunkName(view, segment);
  chunk.start_offset = segment.length;
  chunk.length = chunk.file_size = bytes.size();
  chunk.mode = mode;
  chunk.fresh = bytes;
  return chunk;
}

}  // namespace

bool AppendToSegment(const Tier2Whole& view, const Addition& addition, SegmentDraft& draft,
                     ContainerPlan& plan) {
  if (!draft.registered || draft.info.sealed) return false;
  StoredSegment segment = draft.data ? *draft.data : EmptySegment(view, draft.info);
  StoredChunk chunk = NewChunk(view, segment, addition.bytes, kFileMode);
  segment.length += addition.bytes.size();
  // An empty last chunk of the rolling layout has the very name of the new one.
  if (!segment.chunks.empty() && segment.chunks.back().path == chunk.path) {
    plan.set_aside.push_back({chunk.path, "superseded"});
    segment.chunks.pop_back();
  }
  segment.chunks.push_back(chunk);
  draft.data = std::move(segment);
  draft.data_changed = true;
  draft.info.length = static_cast<int64_t>(draft.data->length);
  plan.rewritten.push_back({chunk.path, kFileMode, addition.bytes});
  if (addition.table_entries > 0) AddTableEntries(addition, draft);
  return true;
}

void KeepOffset(const Tier2Whole& view, SegmentDraft& draft, ContainerPlan& plan) {
  const bool needed = view.layout == Layout::kRolling && draft.registered && draft.data &&
                      draft.data->chunks.empty() && draft.data->length > 0;
  if (!needed) return;
  const uint32_t mode = draft.data->sealed ? kSealedFileMode : kFileMode;
  draft.data->chunks.push_back(NewChunk(view, *draft.data, "", mode));
  plan.rewritten.push_back({draft.data->chunks.back().path, mode, ""});
}

}  // namespace pdr

#include <algorithm>

#include "format/names.h"
#include "format/rolling_header.h"
#include "recovery/layout_files.h"

namespace pdr {
namespace {

// The last chunk of a segment that was cut: shortened under its own name, writable again.
void PlanCut(const StoredSegment& before, const StoredSegment& after, ContainerPlan& plan) {
  if (after.length == before.length) return;
  const StoredChunk* last = after.chunks.empty() ? nullptr : &after.chunks.back();
  if (last != nullptr && last->length < last->file_size) {
    plan.cuts.push_back({last->path, last->length, after.sealed ? kSealedFileMode : kFileMode});
    plan.set_aside.push_back({last->path, "cut"});
  }
  if (after.chunks.size() == before.chunks.size()) return;
  RollingHeader header{before.max_chunk_bytes, {}, false};
  for (const StoredChunk& c : after.chunks) header.chunks.push_back({c.start_offset, c.path});
  for (size_t i = after.chunks.size(); i < before.chunks.size(); ++i) {
    if (before.chunks[i].exists) plan.set_aside.push_back({before.chunks[i].path, "cut"});
  }
  plan.set_aside.push_back({HeaderName(before.name), "cut"});
  plan.rewritten.push_back({HeaderName(before.name), after.sealed ? kSealedFileMode : kFileMode,
                            EncodeRollingHeader(header)});
}

bool Rewritten(const ContainerPlan& plan, const std::string& path) {
  return std::any_of(plan.rewritten.begin(), plan.rewritten.end(),
                     [&](const ImageFile& f) { return f.path == path; }) ||
         std::any_of(plan.cuts.begin(), plan.cuts.end(),
                     [&](const FileCut& c) { return c.path == path; });
}

// Sealed is the owner-write bit of the header; the last chunk goes with it (H22, H24).
void PlanModes(const StoredSegment& before, const StoredSegment& after, ContainerPlan& plan) {
  if (before.sealed == after.sealed) return;
  const uint32_t from = before.sealed ? kSealedFileMode : kFileMode;
  const uint32_t to = after.sealed ? kSealedFileMode : kFileMode;
  const std::string header = HeaderName(after.name);
  if (!Rewritten(plan, header)) plan.modes.push_back({header, from, to});
  if (after.chunks.empty() || Rewritten(plan, after.chunks.back().path)) return;
  plan.modes.push_back({after.chunks.back().path, after.chunks.back().mode, to});
}

void PlanStored(const ContainerView& view, const std::optional<StoredSegment>& after,
                ContainerPlan& plan) {
  if (!after) return;
  auto before = view.stored.find(after->name);
  if (before == view.stored.end()) return;
  PlanCut(before->second, *after, plan);
  PlanModes(before->second, *after, plan);
}

// A header left in place would stop production from ever creating a segment of that name.
void SetAsideUnusedHeaders(const Inventory& inventory, const ContainerView& view,
                           ContainerPlan& plan) {
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class != FileClass::kHeader && file.file_class != FileClass::kMetadataChunk) {
      continue;
    }
    if (!file.path.ends_with(kHeaderSuffix)) continue;
    const std::string segment = file.path.substr(0, file.path.size() - kHeaderSuffix.size());
    if (ContainerOf(segment, inventory.container_count) != view.container) continue;
    if (view.stored.contains(segment) || view.system.contains(segment)) continue;
    plan.set_aside.push_back({file.path, "unlisted-header"});
  }
}

}  // namespace

void PlanRollingFiles(const Inventory& inventory, const ContainerView& view,
                      const std::vector<SegmentDraft>& drafts, ContainerPlan& plan) {
  for (const SegmentDraft& draft : drafts) {
    if (!draft.registered) continue;
    PlanStored(view, draft.data, plan);
    PlanStored(view, draft.index, plan);
  }
  for (const auto& [name, segment] : view.system) {
    SetAsideSegment(segment, Layout::kRolling, "superseded", plan.set_aside);
  }
  SetAsideUnusedHeaders(inventory, view, plan);
}

void SetAsideSegment(const StoredSegment& segment, Layout layout, std::string_view code,
                     std::vector<SetAside>& out) {
  for (const StoredChunk& chunk : segment.chunks) {
    if (chunk.exists) out.push_back({chunk.path, std::string(code)});
  }
  if (layout == Layout::kRolling) out.push_back({HeaderName(segment.name), std::string(code)});
}

}  // namespace pdr

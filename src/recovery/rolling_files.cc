#include <algorithm>
#include <set>

#include "format/names.h"
#include "format/rolling_header.h"
#include "recovery/layout_files.h"
#include "recovery/modes.h"

namespace pdr {
namespace {

// One segment's files, from how they are to how they must be. docs/formats/lts-rolling.md
// section 3.
class SegmentFiles {
 public:
  SegmentFiles(const Inventory& inventory, const StoredSegment* before, const StoredSegment& after,
               ContainerPlan& plan)
      : before_(before), after_(after), plan_(plan) {
    header_ = inventory.Find(HeaderName(after.name));
    // From before rolling: a whole segment in one file of its own name, and no header.
    headerless_ = after.chunks.size() == 1 && after.chunks[0].path == after.name;
  }

  void Plan() {
    SetAsideDropped();
    PlanLastChunk();
    PlanFullChunks();
    if (!headerless_) PlanHeader();
  }

 private:
  void SetAsideDropped() {
    if (before_ == nullptr) return;
    std::set<std::string_view> kept;
    for (const StoredChunk& c : after_.chunks) kept.insert(c.path);
    for (const StoredChunk& c : before_->chunks) {
      if (c.exists && !kept.contains(c.path)) plan_.set_aside.push_back({c.path, "cut"});
    }
  }

  // The length of the segment is the size of this file: what is cut must go from it. It takes the
  // next append, unless the segment is sealed.
  void PlanLastChunk() {
    if (after_.chunks.empty()) return;
    const StoredChunk& last = after_.chunks.back();
    const uint32_t mode = ModeFor(after_.sealed, last.mode);
    if (last.length < last.file_size) {
      plan_.cuts.push_back({last.path, last.length, mode});
      plan_.set_aside.push_back({last.path, "cut"});
    } else if (mode != last.mode) {
      plan_.modes.push_back({last.path, last.mode, mode});
    }
  }

  // A merge makes a full chunk of what was the last one.
  void PlanFullChunks() {
    if (before_ == nullptr || before_->chunks.empty()) return;
    for (size_t i = 0; i + 1 < after_.chunks.size(); ++i) {
      const StoredChunk& chunk = after_.chunks[i];
      const uint32_t mode = ModeFor(true, chunk.mode);
      if (chunk.path != before_->chunks.back().path || mode == chunk.mode) continue;
      plan_.modes.push_back({chunk.path, chunk.mode, mode});
    }
  }

  bool SameList() const {
    const auto same = [](const StoredChunk& a, const StoredChunk& b) {
      return a.path == b.path && a.start_offset == b.start_offset;
    };
    return before_ != nullptr && std::equal(before_->chunks.begin(), before_->chunks.end(),
                                            after_.chunks.begin(), after_.chunks.end(), same);
  }

  void PlanHeader() {
    const std::string path = HeaderName(after_.name);
    const uint32_t found = header_ == nullptr ? kFileMode : header_->mode;
    const uint32_t mode = ModeFor(after_.sealed, found);
    if (header_ != nullptr && SameList()) {
      if (mode != found) plan_.modes.push_back({path, found, mode});
      return;
    }
    RollingHeader header{after_.max_chunk_bytes, {}, false};
    for (const StoredChunk& c : after_.chunks) header.chunks.push_back({c.start_offset, c.path});
    if (header_ != nullptr) plan_.set_aside.push_back({path, "rewritten"});
    plan_.rewritten.push_back({path, mode, EncodeRollingHeader(header)});
  }

  const StoredSegment* before_;
  const StoredSegment& after_;
  ContainerPlan& plan_;
  const InventoryFile* header_ = nullptr;
  bool headerless_ = false;
};

void PlanStored(const Inventory& inventory, const ContainerView& view,
                const ContainerEvidence& found, const std::optional<StoredSegment>& after,
                ContainerPlan& plan) {
  if (!after) return;
  const StoredSegment* before = nullptr;
  if (auto it = view.stored.find(after->name); it != view.stored.end()) before = &it->second;
  auto facts = found.facts.find(after->name);
  if (facts != found.facts.end() && facts->second.hole) before = &facts->second.hole->original;
  SegmentFiles(inventory, before, *after, plan).Plan();
}

std::string_view SegmentOfHeader(const InventoryFile& header) {
  return header.path.substr(0, header.path.size() - kHeaderSuffix.size());
}

}  // namespace

void PlanRollingFiles(const Inventory& inventory, const ContainerView& view,
                      const ContainerEvidence& found, const std::vector<SegmentDraft>& drafts,
                      ContainerPlan& plan) {
  for (const SegmentDraft& draft : drafts) {
    if (!draft.registered) continue;
    PlanStored(inventory, view, found, draft.data, plan);
    PlanStored(inventory, view, found, draft.index, plan);
  }
  for (const auto& [name, segment] : view.system) {
    SetAsideSegment(segment, Layout::kRolling, "superseded", plan.set_aside);
  }
}

std::vector<std::vector<const InventoryFile*>> HeadersByContainer(const Inventory& inventory) {
  std::vector<std::vector<const InventoryFile*>> headers(
      static_cast<size_t>(inventory.container_count));
  if (inventory.layout != Layout::kRolling) return headers;
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class != FileClass::kHeader && file.file_class != FileClass::kMetadataChunk) {
      continue;
    }
    if (!file.path.ends_with(kHeaderSuffix)) continue;
    const auto owner =
        static_cast<size_t>(ContainerOf(SegmentOfHeader(file), inventory.container_count));
    if (owner < headers.size()) headers[owner].push_back(&file);
  }
  return headers;
}

void SetAsideUnusedHeaders(const std::vector<const InventoryFile*>& headers,
                           const ContainerView& view, std::vector<SetAside>& out) {
  for (const InventoryFile* header : headers) {
    const std::string segment(SegmentOfHeader(*header));
    if (view.stored.contains(segment) || view.system.contains(segment)) continue;
    out.push_back({std::string(header->path), "unlisted-header"});
  }
}

void SetAsideSegment(const StoredSegment& segment, Layout layout, std::string_view code,
                     std::vector<SetAside>& out) {
  // Files of a container's own metadata, if another segment lists such, are never its own.
  const bool internal = segment.name.starts_with(kContainersDir);
  for (const StoredChunk& chunk : segment.chunks) {
    if (!chunk.exists || (IsContainerFile(chunk) && !internal)) continue;
    out.push_back({chunk.path, std::string(code)});
  }
  if (layout == Layout::kRolling) out.push_back({HeaderName(segment.name), std::string(code)});
}

}  // namespace pdr

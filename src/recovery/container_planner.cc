#include "recovery/container_planner.h"

#include <algorithm>
#include <set>
#include <utility>

#include "format/names.h"
#include "recovery/append.h"
#include "recovery/layout_files.h"
#include "recovery/segment_draft.h"
#include "recovery/segment_kind.h"
#include "recovery/transactions.h"

namespace pdr {
namespace {

bool IsSystemTable(const std::string& name) {
  return MetadataSegmentContainer(name) || StorageMetadataSegmentContainer(name);
}

template <typename Map>
auto FindOrNull(const Map& map, const std::string& key) {
  auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

// A merge gives the chunks of its source up when it has copied them; that the source ended with it
// may be what the loss tore off the same batch.
bool EndedByMerge(const ContainerView& container, const std::string& name) {
  const auto segment = container.stored.find(name);
  if (segment == container.stored.end() || !segment->second.chunks.empty()) return false;
  return ParseTransactionName(name) && container.GaveUp(segment->second.record.first_chunk);
}

// One reason per file: the first that was given.
void SortSetAside(std::vector<SetAside>& list) {
  std::stable_sort(list.begin(), list.end(),
                   [](const SetAside& a, const SetAside& b) { return a.path < b.path; });
  list.erase(std::unique(list.begin(), list.end(),
                         [](const SetAside& a, const SetAside& b) { return a.path == b.path; }),
             list.end());
}

class ContainerPlanner {
 public:
  ContainerPlanner(const ClusterFacts& facts, const Brief& brief, GatheredContainer& container)
      : inventory_(facts.inventory),
        brief_(brief),
        work_(facts.work),
        reached_(facts.reached),
        evidence_(facts.evidence),
        container_(container),
        view_(container.view),
        found_(container.evidence),
        options_(facts.options) {
    plan_.container = view_.container;
  }

  PlannedContainer Run() {
    for (const Anomaly& a : view_.anomalies) {
      if (!IsMadeGood(a)) anomalies_.push_back(a);
    }
    const std::set<std::string> candidates = Candidates();
    drafts_.reserve(candidates.size());
    for (const std::string& name : candidates) Draft(name);
    ResolveTransactions(evidence_, container_, drafts_, losses_);
    AppendForController();
    for (SegmentDraft& draft : drafts_) KeepOffset(evidence_.view, draft, plan_);
    for (const SegmentDraft& draft : drafts_) {
      for (const Note& note : draft.notes) {
        anomalies_.push_back({note.code, view_.container, draft.info.name, note.message});
      }
    }
    if (evidence_.view.layout == Layout::kChunked) {
      PlanChunkedFiles(inventory_, view_, container_.view.storage_records, drafts_, plan_);
    } else {
      PlanRollingFiles(inventory_, view_, found_, drafts_, plan_);
    }
    for (const SegmentDraft& draft : drafts_) SetAsideDropped(draft);
    SetAsideOrphanIndexes();
    SparePresentFiles();
    plan_.segments.reserve(drafts_.size());
    for (SegmentDraft& draft : drafts_) Keep(draft);
    plan_.table_files = TableFilesOf(view_);
    SetAsideUnusedHeaders(brief_.headers, view_, plan_.set_aside);
    SetAsideUnreferenced();
    SortSetAside(plan_.set_aside);
    StateSegmentLosses(evidence_, container_, reached_, plan_, losses_);
    return {std::move(plan_), std::move(anomalies_), std::move(losses_),
            WasWrittenAfterFlush(view_, found_)};
  }

 private:
  // Everything that might exist: records, files, and what the controller expects in this container.
  // Production would go where a name leads, so one that leads out of the root is not registered.
  std::set<std::string> Candidates() {
    std::set<std::string> names;
    for (const auto& [name, record] : view_.records) names.insert(name);
    for (const auto& [name, segment] : view_.stored) {
      if (!IsAttributeIndex(name)) names.insert(name);
    }
    names.insert(brief_.expected.begin(), brief_.expected.end());
    std::erase_if(names, [](const std::string& n) { return IsSystemTable(n) || IsGcQueue(n); });
    std::erase_if(names, [&](const std::string& name) {
      if (IsSafeRelativePath(name)) return false;
      anomalies_.push_back({"name-unsafe", view_.container, name,
                            "the name is no path below the root; the segment is not registered"});
      return true;
    });
    return names;
  }

  void Draft(const std::string& name) {
    const std::string index = AttributeIndexName(name);
    SegmentInput input;
    input.name = name;
    input.container = view_.container;
    input.record = FindOrNull(view_.records, name);
    input.data = FindOrNull(view_.stored, name);
    input.index = FindOrNull(view_.stored, index);
    input.facts = FindOrNull(found_.facts, name);
    input.salvage = FindOrNull(found_.salvaged, name);
    input.index_salvage = FindOrNull(found_.salvaged, index);
    drafts_.push_back(DraftSegment(input, evidence_, options_));
  }

  void AppendForController() {
    for (SegmentDraft& draft : drafts_) {
      auto added = work_.additions.find(draft.info.name);
      if (added == work_.additions.end()) continue;
      if (!AppendToSegment(evidence_.view, added->second, draft, plan_)) continue;
      draft.notes.push_back({"requests-added", fmt::format("{} bytes for the controller added at "
                                                           "its end",
                                                           added->second.bytes.size())});
    }
  }

  // Files of segments that are not registered, and indexes that are replaced or given up.
  void SetAsideDropped(const SegmentDraft& draft) {
    const std::string& name = draft.info.name;
    const Layout layout = evidence_.view.layout;
    const StoredSegment* data = FindOrNull(view_.stored, name);
    const StoredSegment* index = FindOrNull(view_.stored, AttributeIndexName(name));
    // The rolling layout tells by its headers what became of the chunks of a segment that is kept.
    const bool emptied = layout == Layout::kChunked && draft.data && draft.data->chunks.empty();
    const bool data_kept = draft.registered && draft.data && !emptied;
    const bool index_kept = draft.registered && draft.index;
    const std::string code = draft.drop_code.empty() ? "superseded" : draft.drop_code;
    if (data != nullptr && !data_kept) SetAsideSegment(*data, layout, code, plan_.set_aside);
    if (index != nullptr && !index_kept) SetAsideSegment(*index, layout, code, plan_.set_aside);
  }

  void SetAsideOrphanIndexes() {
    std::set<std::string_view> known;
    for (const SegmentDraft& draft : drafts_) known.insert(draft.info.name);
    for (const auto& [name, segment] : view_.stored) {
      if (IsGcQueue(name)) {
        SetAsideSegment(segment, evidence_.view.layout, "gc-queue", plan_.set_aside);
      }
      if (!IsAttributeIndex(name)) continue;
      const std::string_view owner =
          std::string_view(name).substr(0, name.size() - kAttributeIndexSuffix.size());
      if (known.contains(owner) || IsGcQueue(owner) || InternalSegmentContainer(owner)) continue;
      SetAsideSegment(segment, evidence_.view.layout, "orphan-index", plan_.set_aside);
      anomalies_.push_back({"orphan-index", view_.container, name,
                            "attribute index of a segment that does not exist; set aside"});
    }
  }

  // Files that a registered segment lists stay, whatever else listed them; those written anew are
  // replaced. What is not there cannot be set aside.
  void SparePresentFiles() {
    std::set<std::string_view> kept;
    for (const SegmentDraft& draft : drafts_) {
      if (!draft.registered) continue;
      for (const auto* segment : {&draft.data, &draft.index}) {
        if (!*segment) continue;
        for (const StoredChunk& chunk : (*segment)->chunks) kept.insert(chunk.path);
      }
    }
    for (const FileCut& cut : plan_.cuts) kept.erase(cut.path);
    for (const ImageFile& file : plan_.rewritten) kept.erase(file.path);
    std::erase_if(plan_.set_aside, [&](const SetAside& s) {
      return kept.contains(s.path) || inventory_.Find(s.path) == nullptr;
    });
  }

  void Keep(SegmentDraft& draft) {
    if (!draft.registered) {
      plan_.not_registered.push_back(
          {std::move(draft.info), std::move(draft.notes), std::move(draft.sources)});
      return;
    }
    if (draft.rebuild_index) {
      const StoredSegment* old = FindOrNull(view_.stored, AttributeIndexName(draft.info.name));
      StoredSegment data = draft.data ? *draft.data : StoredSegment();
      data.name = draft.info.name;
      data.start_offset = static_cast<uint64_t>(draft.info.start_offset);
      plan_.rebuilds.push_back(
          {draft.info.name, std::move(data), old == nullptr ? std::nullopt : std::optional(*old)});
    }
    plan_.segments.push_back(
        {std::move(draft.info), std::move(draft.notes), std::move(draft.sources)});
  }

  // What salvage, a merge or a new record made good is no longer an anomaly of the view.
  bool IsMadeGood(const Anomaly& anomaly) const {
    if (evidence_.view.layout != Layout::kChunked) return false;
    if (anomaly.code != "chunk-long" && anomaly.code != "list-broken") return false;
    if (anomaly.code == "list-broken" && EndedByMerge(view_, anomaly.subject)) return true;
    return found_.salvaged.contains(anomaly.subject);
  }

  // Chunk files nothing lists would be deleted by garbage collection, or lie in the way of new
  // ones.
  void SetAsideUnreferenced() {
    for (const std::string& path : brief_.unreferenced) {
      plan_.set_aside.push_back({path, "unreferenced"});
      anomalies_.push_back(
          {"unreferenced", view_.container, path, "no segment lists this chunk file; set aside"});
    }
  }

  const Inventory& inventory_;
  const Brief& brief_;
  const ControllerWork& work_;
  const Reached& reached_;
  const Evidence& evidence_;
  GatheredContainer& container_;
  const ContainerView& view_;
  const ContainerEvidence& found_;
  const PlanOptions& options_;
  std::vector<SegmentDraft> drafts_;
  ContainerPlan plan_;
  std::vector<Anomaly> anomalies_;
  std::vector<Loss> losses_;
};

}  // namespace

PlannedContainer PlanContainer(const ClusterFacts& facts, const Brief& brief,
                               GatheredContainer& container) {
  return ContainerPlanner(facts, brief, container).Run();
}

}  // namespace pdr

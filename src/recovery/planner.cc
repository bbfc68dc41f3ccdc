#include "recovery/planner.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/parallel.h"
#include "format/names.h"
#include "recovery/anomaly_codes.h"
#include "recovery/append.h"
#include "recovery/controller_work.h"
#include "recovery/layout_files.h"
#include "recovery/losses.h"
#include "recovery/positions.h"
#include "recovery/segment_draft.h"
#include "recovery/segment_kind.h"
#include "recovery/transactions.h"
#include "recovery/unrecorded_streams.h"

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

struct PlannedContainer {
  ContainerPlan plan;
  std::vector<Anomaly> anomalies;
  std::vector<Loss> losses;
  bool written_after_flush = false;
};

class ContainerPlanner {
 public:
  // `expected`: what the controller expects in this container.
  ContainerPlanner(const Inventory& inventory, Evidence& evidence, size_t container,
                   const std::vector<std::string>& expected, const ControllerWork& work,
                   const Reached& reached, const PlanOptions& options)
      : inventory_(inventory),
        expected_(expected),
        work_(work),
        reached_(reached),
        evidence_(evidence),
        view_(evidence.view.containers[container]),
        old_records_(evidence.view.containers[container].storage_records),
        found_(evidence.containers[container]),
        options_(options) {
    plan_.container = view_.container;
  }

  PlannedContainer Run() {
    const std::set<std::string> candidates = Candidates();
    drafts_.reserve(candidates.size());
    for (const std::string& name : candidates) Draft(name);
    ResolveTransactions(evidence_, static_cast<size_t>(view_.container), drafts_, losses_);
    AppendForController();
    for (SegmentDraft& draft : drafts_) KeepOffset(evidence_.view, draft, plan_);
    for (const SegmentDraft& draft : drafts_) {
      for (const Note& note : draft.notes) {
        anomalies_.push_back({note.code, view_.container, draft.info.name, note.message});
      }
    }
    if (evidence_.view.layout == Layout::kChunked) {
      PlanChunkedFiles(inventory_, view_, old_records_, drafts_, plan_);
    } else {
      PlanRollingFiles(inventory_, view_, found_, drafts_, plan_);
    }
    for (const SegmentDraft& draft : drafts_) SetAsideDropped(draft);
    SetAsideOrphanIndexes();
    SparePresentFiles();
    plan_.segments.reserve(drafts_.size());
    for (SegmentDraft& draft : drafts_) Keep(draft);
    plan_.table_files = TableFilesOf(view_);
    StateSegmentLosses(evidence_, reached_, plan_, losses_);
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
    names.insert(expected_.begin(), expected_.end());
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

  const Inventory& inventory_;
  const std::vector<std::string>& expected_;
  const ControllerWork& work_;
  const Reached& reached_;
  const Evidence& evidence_;
  const ContainerView& view_;
  StorageRecords& old_records_;
  const ContainerEvidence& found_;
  const PlanOptions& options_;
  std::vector<SegmentDraft> drafts_;
  ContainerPlan plan_;
  std::vector<Anomaly> anomalies_;
  std::vector<Loss> losses_;
};

std::vector<std::vector<std::string>> ExpectedByContainer(const Evidence& evidence,
                                                          const ControllerWork& work) {
  const size_t count = evidence.view.containers.size();
  std::vector<std::vector<std::string>> out(count);
  const auto expect = [&](const std::string& name) {
    const auto owner = static_cast<size_t>(ContainerOf(name, static_cast<int>(count)));
    if (owner < count) out[owner].push_back(name);
  };
  for (const std::string& name : evidence.controller.ExpectedSegments()) expect(name);
  for (const auto& [name, addition] : work.additions) expect(name);
  return out;
}

// What a container's segments are planned from is given back at once: a plan takes as much.
void PlanContainers(const Inventory& inventory, Evidence& evidence, const ControllerWork& work,
                    const PlanOptions& options, size_t threads, Plan& plan) {
  const std::vector<std::vector<std::string>> expected = ExpectedByContainer(evidence, work);
  const Reached reached = FarthestPositions(evidence);
  std::vector<PlannedContainer> planned(expected.size());
  ParallelFor(planned.size(), threads, [&](size_t c) {
    planned[c] =
        ContainerPlanner(inventory, evidence, c, expected[c], work, reached, options).Run();
    evidence.ForgetSegments(c);
    return OkStatus();
  }).IgnoreError();  // there is none
  bool unclean = false;
  for (PlannedContainer& p : planned) {
    plan.containers.push_back(std::move(p.plan));
    std::move(p.anomalies.begin(), p.anomalies.end(), std::back_inserter(plan.anomalies));
    std::move(p.losses.begin(), p.losses.end(), std::back_inserter(plan.losses));
    unclean |= p.written_after_flush;
  }
  if (unclean) StateWindow(evidence.newest_file_ns, options, plan);
}

// Chunk files nothing lists would be deleted by garbage collection, or lie in the way of new ones.
void SetAsideUnreferenced(const Evidence& evidence, Plan& plan) {
  const int count = plan.container_count;
  for (const std::string& path : evidence.view.unreferenced) {
    std::string segment = path;
    if (auto chunk = ParseChunkName(path)) segment = chunk->segment;
    if (auto chunk = ParseRollingChunkName(path)) segment = chunk->segment;
    const int container = ContainerOf(segment, count);
    plan.containers[static_cast<size_t>(container)].set_aside.push_back({path, "unreferenced"});
    plan.anomalies.push_back(
        {"unreferenced", container, path, "no segment lists this chunk file; set aside"});
  }
}

// Part of an atomic batch may be all that reached Tier-2: of a segment that nothing else knows, a
// broken list is no loss.
void ForgetListsOfLeftovers(std::vector<Anomaly>& anomalies) {
  std::set<std::string> leftovers;
  for (const Anomaly& a : anomalies) {
    if (a.code == "leftover") leftovers.insert(a.subject);
  }
  std::erase_if(anomalies, [&](const Anomaly& a) {
    return a.code == "list-broken" && leftovers.contains(a.subject);
  });
}

// What its tables lack is unknown of its streams too, and they may not be reachable (H23).
void NoteControllerProblems(const ControllerEvidence& controller, Plan& plan) {
  for (const ControllerProblem& p : controller.problems) {
    plan.anomalies.push_back({p.code, -1, p.subject, p.message});
  }
}

// One reason per file: the first that was given.
void SortSetAside(std::vector<SetAside>& list) {
  std::stable_sort(list.begin(), list.end(),
                   [](const SetAside& a, const SetAside& b) { return a.path < b.path; });
  list.erase(std::unique(list.begin(), list.end(),
                         [](const SetAside& a, const SetAside& b) { return a.path == b.path; }),
             list.end());
}

// A merge that Tier-2 had begun: two segments list a file until the plan settles whose it is.
bool SharedByMerge(const Evidence& evidence, const std::string& path) {
  for (size_t c = 0; c < evidence.containers.size(); ++c) {
    for (const auto& [name, fact] : evidence.containers[c].transactions) {
      if (!fact.shares_chunks) continue;
      const auto& chunks = evidence.view.containers[c].stored.at(name).chunks;
      const auto is = [&](const StoredChunk& chunk) { return chunk.path == path; };
      if (std::any_of(chunks.begin(), chunks.end(), is)) return true;
    }
  }
  return false;
}

// A merge gives the chunks of its source up when it has copied them; that the source ended with it
// may be what the loss tore off the same batch.
bool EndedByMerge(const ContainerView& container, const std::string& name) {
  const auto segment = container.stored.find(name);
  if (segment == container.stored.end() || !segment->second.chunks.empty()) return false;
  return ParseTransactionName(name) && container.GaveUp(segment->second.record.first_chunk);
}

// What salvage, a merge or a new record made good is no longer an anomaly of the view.
bool Superseded(const Evidence& evidence, const Anomaly& anomaly) {
  if (anomaly.code == "chunk-shared") return SharedByMerge(evidence, anomaly.subject);
  if (anomaly.code != "chunk-long" && anomaly.code != "list-broken") return false;
  if (evidence.view.layout != Layout::kChunked || anomaly.container < 0) return false;
  const auto container = static_cast<size_t>(anomaly.container);
  if (anomaly.code == "list-broken" &&
      EndedByMerge(evidence.view.containers[container], anomaly.subject)) {
    return true;
  }
  return evidence.containers[container].salvaged.contains(anomaly.subject);
}

ControllerPlan PlanController(const Evidence& evidence, const std::vector<ContainerPlan>& plans) {
  ControllerPlan controller;
  int32_t highest = 0;
  if (const auto& counter = evidence.controller.highest_counter) highest = counter->high;
  highest = std::max(highest, evidence.highest_transaction_high);
  controller.counter = {highest + 1, 0};
  for (const ContainerPlan& plan : plans) {
    for (const SegmentDecision& s : plan.segments) {
      if (IsControllerReaderGroup(s.info.name)) {
        controller.emptied_reader_groups.push_back(s.info.name);
      }
    }
  }
  return controller;
}

}  // namespace

StatusOr<Plan> MakePlan(const Inventory& inventory, Evidence evidence, const PlanOptions& options,
                        size_t threads) {
  Plan plan;
  plan.layout = evidence.view.layout;
  plan.container_count = static_cast<int>(evidence.view.containers.size());
  plan.epoch = evidence.view.max_epoch + 1;
  for (const Anomaly& a : evidence.view.AllAnomalies()) {
    if (!Superseded(evidence, a)) plan.anomalies.push_back(a);
  }
  ControllerWork work = PlanControllerWork(evidence.controller, options);
  std::move(work.anomalies.begin(), work.anomalies.end(), std::back_inserter(plan.anomalies));
  FindLostTransactions(evidence, plan.anomalies, plan.losses);
  const std::vector<std::vector<SetAside>> unused = UnusedHeaders(inventory, evidence.view);
  PlanContainers(inventory, evidence, work, options, threads, plan);
  ForgetListsOfLeftovers(plan.anomalies);
  for (ContainerPlan& c : plan.containers) {
    const std::vector<SetAside>& headers = unused[static_cast<size_t>(c.container)];
    c.set_aside.insert(c.set_aside.end(), headers.begin(), headers.end());
  }
  SetAsideUnreferenced(evidence, plan);
  NoteControllerProblems(evidence.controller, plan);
  NoteUnrecordedStreams(evidence.controller, plan);
  for (ContainerPlan& c : plan.containers) SortSetAside(c.set_aside);
  plan.controller = PlanController(evidence, plan.containers);
  plan.controller.nodes = std::move(work.nodes);
  CheckPositions(evidence, plan);
  std::stable_sort(plan.losses.begin(), plan.losses.end(),
                   [](const Loss& a, const Loss& b) { return a.subject < b.subject; });
  std::stable_sort(
      plan.anomalies.begin(), plan.anomalies.end(), [](const Anomaly& a, const Anomaly& b) {
        return std::tie(a.container, a.subject, a.code) < std::tie(b.container, b.subject, b.code);
      });
  return plan;
}

}  // namespace pdr

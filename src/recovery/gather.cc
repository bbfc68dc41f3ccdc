#include "recovery/gather.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/memory.h"
#include "base/parallel.h"
#include "format/names.h"
#include "recovery/attribute_index.h"
#include "recovery/controller_requests.h"
#include "recovery/gather_parts.h"
#include "recovery/holes.h"
#include "recovery/positions.h"
#include "recovery/segment_kind.h"
#include "recovery/table_judge.h"
#include "recovery/tail.h"
#include "recovery/transaction_facts.h"

namespace pdr {
namespace {

constexpr size_t kIdBytes = 16;

// The attributes that tell what a segment is; by its name when no record was ever flushed (H16).
Attributes KindOf(const ContainerView& view, const std::string& name) {
  auto record = view.records.find(name);
  if (record != view.records.end()) return record->second.attributes;
  return DefaultAttributes(name);
}

bool IsTableSegment(const ContainerView& view, const std::string& name) {
  auto record = view.records.find(name);
  return IsTable(record == view.records.end() ? DefaultAttributes(name)
                                              : record->second.attributes);
}

class ContainerGatherer {
 public:
  // Keeps up to `depth` segments under way at a time.
  ContainerGatherer(const Disk& disk, const GatherOptions& options, size_t depth,
                    const GatherTarget& target, Progress& progress)
      : disk_(disk),
        options_(options),
        depth_(depth),
        view_(target.container.view),
        evidence_(target.container.evidence),
        rolling_(target.layout == Layout::kRolling),
        progress_(progress) {}

  void CloseAllHoles() {
    for (auto& [name, segment] : view_.stored) {
      auto hole = CloseHoles(segment);
      if (!hole) continue;
      evidence_.facts[name].hole = std::make_shared<const HoleFact>(*std::move(hole));
    }
  }

  // Tables first: the controller's tables tell where streams begin.
  void JudgeTables(TableContents& controller_tables) {
    for (const auto& [name, record] : view_.records) {
      // A table nothing was flushed for is empty; one with data is filled in below.
      if (IsControllerTable(name)) controller_tables.emplace(name, TableValues());
    }
    ForEach(true, [&](const std::string& name, const StoredSegment& segment) {
      StatusOr<TableValues> values = JudgeOneTable(name, segment);
      Status judged = values.status();
      if (values.ok() && !IsControllerTable(name)) return judged;
      std::lock_guard lock(mutex_);
      controller_tables.insert_or_assign(name, std::move(values));
      return judged;
    });
  }
  void JudgeStreams(const ControllerEvidence& controller) {
    ForEach(false, [&](const std::string& name, const StoredSegment& segment) {
      return JudgeOneStream(name, segment, controller);
    });
    // Those of one segment were added together, in their order.
    std::stable_sort(
        evidence_.positions.begin(), evidence_.positions.end(),
        [](const ReadPosition& a, const ReadPosition& b) { return a.holder < b.holder; });
  }
  void CompareTransactions(const ControllerEvidence& controller) {
    for (const auto& [name, source] : view_.stored) {
      if (!ParseTransactionName(name)) continue;
      StatusOr<TransactionFact> fact = CompareOne(name, source, controller);
      if (fact.ok()) {
        evidence_.transactions[name] = *std::move(fact);
      } else {
        view_.anomalies.push_back(
            {"segment-unreadable", view_.container, name, std::string(Message(fact.status()))});
      }
    }
  }

 private:
  // What is found in one of its targets decides which that was; then, which has room left.
  StatusOr<TransactionFact> CompareOne(const std::string& name, const StoredSegment& source,
                                       const ControllerEvidence& controller) {
    std::optional<TransactionFact> likeliest;
    std::optional<TransactionFact> fitting;
    for (const std::string& target : MergeTargets(controller, name)) {
      ASSIGN_OR_RETURN(TransactionFact fact, CompareWith(target, name, source, controller));
      const bool whole = fact.bytes > 0 && fact.found_bytes == fact.bytes;
      if (whole || fact.shares_chunks || fact.found_bytes >= kTransactionProofBytes) return fact;
      if (!fitting && HasRoom(target, fact.bytes, controller)) fitting = fact;
      if (!likeliest) likeliest = std::move(fact);
    }
    if (fitting) return *std::move(fitting);
    if (likeliest) return *std::move(likeliest);
    return TransactionFact{.target = "", .bytes = source.length};
  }

  bool HasRoom(const std::string& target, uint64_t bytes,
               const ControllerEvidence& controller) const {
    const auto stored = view_.stored.find(target);
    const uint64_t length = stored == view_.stored.end() ? 0 : stored->second.length;
    const auto size = controller.SealedSize(target);
    if (size) return length + bytes <= static_cast<uint64_t>(*size);
    return stored == view_.stored.end() || !stored->second.sealed;
  }

  StatusOr<TransactionFact> CompareWith(const std::string& target_name, const std::string& name,
                                        const StoredSegment& source,
                                        const ControllerEvidence& controller) {
    TransactionFact fact;
    fact.bytes = source.length;
    fact.target = target_name;
    auto target = view_.stored.find(fact.target);
    if (target == view_.stored.end()) return fact;
    uint64_t settled = target->second.length;
    auto salvaged = evidence_.salvaged.find(fact.target);
    if (salvaged != evidence_.salvaged.end()) settled = salvaged->second.recorded_length;
    const auto& hole = evidence_.facts[name].hole;
    // Collected garbage already: its bytes are left at the end of the target's last chunk only.
    if (source.length == 0 && hole && target->second.length - settled >= hole->original.length) {
      fact.bytes = fact.found_bytes = hole->original.length;
      fact.found_at = settled;
      return fact;
    }
    // A duplicate has nothing but transactions, merged at any time.
    if (!IsParentOf(target_name, name)) settled = 0;
    return CompareTransaction(disk_, source, target->second,
                              WalkFrom(fact.target, target->second, controller, TailCheck::kFull),
                              settled);
  }

  // The results are where the segments' names say, so that the order of the calls does not matter.
  template <typename Judge>
  void ForEach(bool tables, const Judge& judge) {
    std::vector<const StoredSegment*> segments;
    for (const auto& [name, segment] : view_.stored) {
      if (!IsJudged(name)) continue;
      if (IsTableSegment(view_, name) != tables) continue;
      segments.push_back(&segment);
      evidence_.facts[name];  // made before there are several threads
    }
    std::vector<Status> judged(segments.size());
    ParallelFor(segments.size(), depth_, [&](size_t i) {
      judged[i] = judge(segments[i]->name, *segments[i]);
      progress_.Advance(1);
      progress_.AddBytes(segments[i]->length - segments[i]->start_offset);
      return OkStatus();
    }).IgnoreError();
    for (size_t i = 0; i < segments.size(); ++i) {
      if (judged[i].ok()) continue;
      view_.anomalies.push_back({"segment-unreadable", view_.container, segments[i]->name,
                                 std::string(Message(judged[i]))});
    }
  }

  // The values, of a controller's table only.
  StatusOr<TableValues> JudgeOneTable(const std::string& name, const StoredSegment& segment) {
    SegmentFacts& facts = evidence_.facts.at(name);
    StoredSegment from = segment;
    auto record = view_.records.find(name);
    if (record != view_.records.end() &&
        record->second.start_offset <= static_cast<int64_t>(from.length)) {
      from.start_offset =
          std::max(from.start_offset, static_cast<uint64_t>(record->second.start_offset));
    }
    ASSIGN_OR_RETURN(TableJudgement judged,
                     JudgeTable(disk_, from, IndexOf(name), KindOf(view_, name)));
    // What was truncated away since begins the first chunk that is left, with any byte (H3).
    if (rolling_ && from.start_offset > 0 && from.start_offset == segment.start_offset) {
      judged.fact.damaged_head = 0;
    }
    facts.tail = judged.tail;
    facts.index = judged.index;
    facts.table = judged.fact;
    TableValues values;
    if (!IsControllerTable(name)) return values;
    for (const LiveTableEntry& e : judged.scan.live) values.emplace(e.key, e.value);
    return values;
  }

  Status JudgeOneStream(const std::string& name, const StoredSegment& segment,
                        const ControllerEvidence& controller) {
    SegmentFacts& facts = evidence_.facts.at(name);
    uint64_t from = WalkFrom(name, segment, controller, options_.tail_check);
    std::optional<uint64_t> guessed;
    if (!StartIsKnown(name, segment, controller)) {
      ASSIGN_OR_RETURN(guessed, FindFirstEvent(disk_, segment, segment.start_offset));
      from = std::max(from, guessed.value_or(0));
    }
    ASSIGN_OR_RETURN(facts.tail, WalkEvents(disk_, segment, from));
    const bool contradicted =
        facts.tail.kind == TailKind::kUnframed || facts.tail.kind == TailKind::kDamaged;
    const uint64_t begin =
        std::max(guessed.value_or(0), WalkFrom(name, segment, controller, TailCheck::kFull));
    if (contradicted && from > begin) {  // no boundary of what is there: look at all of it
      ASSIGN_OR_RETURN(facts.tail, WalkEvents(disk_, segment, begin));
    }
    facts.tail.guessed_start = guessed;
    if (HoldsPositions(name)) {
      ASSIGN_OR_RETURN(
          auto positions,
          ReadPositions(disk_, segment, WalkFrom(name, segment, controller, TailCheck::kFull)));
      std::lock_guard lock(mutex_);
      evidence_.positions.insert(evidence_.positions.end(), positions.begin(), positions.end());
    }
    if (HoldsRequests(name)) {
      ASSIGN_OR_RETURN(
          RequestEvidence requests,
          ReadRequests(disk_, segment, WalkFrom(name, segment, controller, TailCheck::kFull)));
      std::lock_guard lock(mutex_);
      evidence_.requests.Merge(std::move(requests));
    }
    const StoredSegment* index = IndexOf(name);
    if (index == nullptr || index->length == 0) {
      facts.index.present = HadIndex(name, index);
      facts.index.whole = false;
      return OkStatus();
    }
    ASSIGN_OR_RETURN(FoundIndex found, FindIndex(disk_, *index, kIdBytes));
    facts.index = found.fact;
    return OkStatus();
  }

  // Rolling storage stores no start offset; a chunk that is gone takes it along in both layouts.
  bool StartIsKnown(const std::string& name, const StoredSegment& segment,
                    const ControllerEvidence& controller) {
    const auto& hole = evidence_.facts.at(name).hole;
    if (rolling_ ? segment.start_offset == 0 : !hole || hole->lost_head_bytes == 0) return true;
    int64_t known = controller.TruncationOffset(name).value_or(0);
    auto record = view_.records.find(name);
    if (record != view_.records.end()) known = std::max(known, record->second.start_offset);
    return known >= static_cast<int64_t>(segment.start_offset);
  }

  // Whether an attribute index of which there is nothing now once had a tree: the storage metadata
  // has its length (chunked), or the segment's record the place of its root (rolling).
  bool HadIndex(const std::string& name, const StoredSegment* index) const {
    if (index != nullptr && index->record.length > 0) return true;
    auto record = view_.records.find(name);
    if (!rolling_ || record == view_.records.end()) return false;
    auto root = record->second.attributes.find(kIndexRootPointer);
    return root != record->second.attributes.end() && root->second >= 0;
  }

  const StoredSegment* IndexOf(const std::string& name) const {
    auto it = view_.stored.find(AttributeIndexName(name));
    return it == view_.stored.end() ? nullptr : &it->second;
  }

  // An event boundary to begin at: the start offset, or (fast) the newest one that somebody vouches
  // for. A record's length was the segment's length after some whole append.
  uint64_t WalkFrom(const std::string& name, const StoredSegment& segment,
                    const ControllerEvidence& controller, TailCheck check) const {
    uint64_t from = segment.start_offset;
    const auto raise = [&](int64_t offset) {
      const auto o = static_cast<uint64_t>(std::max<int64_t>(0, offset));
      if (o <= segment.length) from = std::max(from, o);
    };
    raise(controller.TruncationOffset(name).value_or(0));
    auto record = view_.records.find(name);
    if (record == view_.records.end()) return from;
    raise(record->second.start_offset);
    if (check == TailCheck::kFast) raise(record->second.length);
    return from;
  }

  const Disk& disk_;
  const GatherOptions& options_;
  const size_t depth_;
  ContainerView& view_;
  ContainerEvidence& evidence_;
  const bool rolling_;
  Progress& progress_;
  std::mutex mutex_;  // for what segments judged at the same time add to
};

TableContents Merge(std::vector<TableContents> tables) {
  TableContents merged;
  for (TableContents& t : tables) merged.merge(t);
  return merged;
}

}  // namespace

TableContents GatherTables(const Disk& disk, const GatherOptions& options, size_t depth,
                           const GatherTarget& target, Progress& progress) {
  ContainerGatherer gatherer(disk, options, depth, target, progress);
  TableContents tables;
  gatherer.CloseAllHoles();
  gatherer.JudgeTables(tables);
  return tables;
}

ControllerEvidence GatherController(const TableContents& tables, size_t threads) {
  return GatherControllerEvidence(
      [&](const std::string& segment) -> StatusOr<TableValues> {
        auto it = tables.find(segment);
        if (it == tables.end()) return NotFound("no table segment {} in Tier-2", segment);
        return it->second;
      },
      threads);
}

void GatherStreams(const Disk& disk, const GatherOptions& options, size_t depth,
                   const ControllerEvidence& controller, const GatherTarget& target,
                   Progress& progress) {
  ContainerGatherer gatherer(disk, options, depth, target, progress);
  gatherer.JudgeStreams(controller);
  gatherer.CompareTransactions(controller);
}

StatusOr<Evidence> Gather(const Disk& disk, const Inventory& inventory,
                          const GatherOptions& options, Progress& progress) {
  ASSIGN_OR_RETURN(GatheredViews views, GatheredViews::Read(disk, inventory, options, progress));
  const auto count = static_cast<size_t>(inventory.container_count);
  progress.Begin({"gather", "segment", views.segments(), count});
  const DepthShares shares = ShareDepth(disk, views.AtOnce(options.threads), count);
  Shelf<GatheredContainer, GatheredCodec> judged(count, options.scratch);
  std::vector<TableContents> tables(count);
  RETURN_IF_ERROR(ParallelFor(count, shares.at_once, [&](size_t c) -> Status {
    ASSIGN_OR_RETURN(GatheredContainer container, views.Take(c, progress));
    const GatherTarget target{container, inventory.layout};
    tables[c] = GatherTables(disk, options, shares.each, target, progress);
    return judged.Put(c, std::move(container));
  }));
  Evidence evidence = views.Finish();
  evidence.controller = GatherController(Merge(std::move(tables)), options.threads);
  ReturnFreeMemory();
  WholeGatherer whole(evidence);
  RETURN_IF_ERROR(ParallelFor(count, shares.at_once, [&](size_t c) -> Status {
    ASSIGN_OR_RETURN(GatheredContainer container, judged.Take(c));
    const GatherTarget target{container, inventory.layout};
    GatherStreams(disk, options, shares.each, evidence.controller, target, progress);
    whole.Add(container);
    progress.ContainerDone();
    return evidence.containers.Put(c, std::move(container));
  }));
  whole.Finish();
  ReturnFreeMemory();
  return evidence;
}

}  // namespace pdr

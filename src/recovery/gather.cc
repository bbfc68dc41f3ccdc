#include "recovery/gather.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "base/parallel.h"
#include "format/controller_names.h"
#include "format/names.h"
#include "recovery/attribute_index.h"
#include "recovery/controller_requests.h"
#include "recovery/gather_parts.h"
#include "recovery/holes.h"
#include "recovery/modes.h"
#include "recovery/positions.h"
#include "recovery/salvage.h"
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

// Whether a segment is looked into for itself.
bool IsJudged(const std::string& name) {
  return !IsAttributeIndex(name) && !IsGcQueue(name) && !IsTransient(name);
}

class ContainerGatherer {
 public:
  // Keeps up to `depth` segments under way at a time.
  ContainerGatherer(const Disk& disk, const GatherOptions& options, size_t depth,
                    const GatherTarget& target, Progress& progress)
      : disk_(disk),
        options_(options),
        depth_(depth),
        view_(target.view),
        evidence_(target.evidence),
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
  StatusOr<TransactionFact> CompareOne(const std::string& name, const StoredSegment& source,
                                       const ControllerEvidence& controller) {
    TransactionFact fact;
    fact.bytes = source.length;
    fact.target = MergeTarget(controller, name).value_or("");
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

// Of which key-value tables and mark streams anything is there, should the controller know no more
// than a name, or not even that.
void NoteSegments(const Tier2View& view, ControllerEvidence& controller) {
  const auto note = [&](const std::string& segment) {
    const auto parsed = ParseStreamSegmentName(segment);
    const bool marks = parsed && parsed->name.starts_with(kMarkStreamPrefix);
    if (!parsed || (!parsed->kv_table && !marks)) return;
    const auto scope = controller.scopes.find(parsed->scope);
    if (scope == controller.scopes.end()) return;
    if (marks) {
      const auto of = scope->second.streams.find(parsed->name.substr(kMarkStreamPrefix.size()));
      if (of != scope->second.streams.end()) of->second.has_marks = true;
      return;
    }
    const auto table = scope->second.kv_tables.find(parsed->name);
    if (table != scope->second.kv_tables.end()) table->second.has_segments = true;
  };
  for (const ContainerView& container : view.containers) {
    for (const auto& [name, record] : container.records) note(name);
    for (const auto& [name, segment] : container.stored) note(name);
  }
}

// Whether a segment holds events now, or did so once.
bool WasWritten(const Evidence& evidence, const std::string& segment) {
  const int count = static_cast<int>(evidence.view.containers.size());
  const auto owner = static_cast<size_t>(ContainerOf(segment, count));
  const ContainerView& view = evidence.view.containers[owner];
  const auto stored = view.stored.find(segment);
  if (stored != view.stored.end() && stored->second.length > 0) return true;
  const auto record = view.records.find(segment);
  if (record != view.records.end() && record->second.length > 0) return true;
  const auto facts = evidence.containers[owner].facts.find(segment);
  return facts != evidence.containers[owner].facts.end() && facts->second.hole;
}

// Which streams somebody had gone on in, to what an unfinished scale or rolling commit made.
void NoteLeftBehind(Evidence& evidence) {
  std::map<std::string, StreamEvidence*> made;
  for (auto& [scope_name, scope] : evidence.controller.scopes) {
    for (auto& [stream_name, stream] : scope.streams) {
      for (const SegmentId id : stream.MadeAhead()) made[stream.SegmentName(id)] = &stream;
    }
  }
  for (const auto& [segment, stream] : made) stream->left_behind |= WasWritten(evidence, segment);
  for (const ContainerEvidence& container : evidence.containers) {
    for (const ReadPosition& position : container.positions) {
      const auto found = made.find(position.segment);
      if (found != made.end()) found->second->left_behind = true;
    }
  }
}

// A transaction id is (epoch << 32 | high part of the counter, low part), in hex. 0: none here.
int32_t TransactionHighIn(std::string_view name) {
  const size_t at = name.rfind(kTransactionDelimiter);
  if (at == std::string_view::npos) return 0;
  const std::string_view hex = name.substr(at + kTransactionDelimiter.size(), 16);
  uint64_t most = 0;
  auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), most, 16);
  if (error != std::errc() || end != hex.data() + 16) return 0;
  return static_cast<int32_t>(most & 0x7fffffff);
}

// Names of files, of segments, and of chunks that headers and records list, there or not: a merge
// leaves the transaction's chunks under their names in the segment that it was merged into.
int32_t HighestTransactionHigh(const Inventory& inventory, const Tier2View& view) {
  int32_t highest = 0;
  const auto count = [&](std::string_view name) {
    highest = std::max(highest, TransactionHighIn(name));
  };
  for (const InventoryFile& file : inventory.files) count(file.path);
  for (const ContainerView& container : view.containers) {
    for (const auto& [name, record] : container.records) count(name);
    for (const auto& [name, segment] : container.stored) {
      count(name);
      for (const StoredChunk& chunk : segment.chunks) count(chunk.path);
    }
  }
  return highest;
}

void NoteLostModes(Evidence& evidence) {
  evidence.modes_lost = ModesAreLost(evidence.view);
  auto& anomalies = evidence.view.anomalies;
  const bool noted = std::any_of(anomalies.begin(), anomalies.end(),
                                 [](const Anomaly& a) { return a.code == "modes-lost"; });
  if (!evidence.modes_lost || noted) return;
  anomalies.push_back({"modes-lost", -1, "",
                       "no header is read-only, although records say that segments are sealed"});
}

}  // namespace

StatusOr<Evidence> GatherViews(const Disk& disk, const Inventory& inventory, size_t threads,
                               Progress& progress) {
  Evidence evidence;
  ASSIGN_OR_RETURN(evidence.view, ReadTier2(disk, inventory, threads, progress));
  evidence.containers.resize(evidence.view.containers.size());
  evidence.highest_transaction_high = HighestTransactionHigh(inventory, evidence.view);
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class == FileClass::kOwn) continue;
    evidence.newest_file_ns = std::max(evidence.newest_file_ns, file.mtime_ns);
  }
  NoteLostModes(evidence);
  SalvageChunks(inventory, evidence.view, evidence.containers);
  return evidence;
}

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

void GatherWhole(Evidence& evidence) {
  NoteSegments(evidence.view, evidence.controller);
  NoteLeftBehind(evidence);
  for (ContainerEvidence& c : evidence.containers) {
    evidence.controller.requests.Merge(std::move(c.requests));
  }
}

StatusOr<Evidence> Gather(const Disk& disk, const Inventory& inventory,
                          const GatherOptions& options, Progress& progress) {
  ASSIGN_OR_RETURN(Evidence evidence, GatherViews(disk, inventory, options.threads, progress));
  const size_t count = evidence.view.containers.size();
  uint64_t segments = 0;
  for (const ContainerView& c : evidence.view.containers) {
    for (const auto& [name, segment] : c.stored) segments += IsJudged(name) ? 1 : 0;
  }
  progress.Begin({"gather", "segment", segments, count});
  const DepthShares shares = ShareDepth(disk, options.threads, count);
  const auto target = [&](size_t c) {
    return GatherTarget{evidence.view.containers[c], evidence.containers[c], evidence.view.layout};
  };
  std::vector<TableContents> tables(count);
  RETURN_IF_ERROR(ParallelFor(count, shares.at_once, [&](size_t c) {
    tables[c] = GatherTables(disk, options, shares.each, target(c), progress);
    return OkStatus();
  }));
  TableContents contents;
  for (TableContents& t : tables) contents.merge(t);
  evidence.controller = GatherController(contents, options.threads);
  RETURN_IF_ERROR(ParallelFor(count, shares.at_once, [&](size_t c) {
    GatherStreams(disk, options, shares.each, evidence.controller, target(c), progress);
    progress.ContainerDone();
    return OkStatus();
  }));
  GatherWhole(evidence);
  return evidence;
}

}  // namespace pdr

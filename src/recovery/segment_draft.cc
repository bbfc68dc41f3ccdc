#include "recovery/segment_draft.h"

#include <algorithm>

#include "format/names.h"
#include "recovery/holes.h"
#include "recovery/salvage.h"
#include "recovery/segment_kind.h"

namespace pdr {
namespace {

class Drafter {
 public:
  Drafter(const SegmentInput& input, const Evidence& evidence, const PlanOptions& options)
      : in_(input), evidence_(evidence), options_(options) {
    if (in_.record != nullptr) {
      draft_.info = *in_.record;
    } else {
      draft_.info.attributes = DefaultAttributes(in_.name);
    }
    draft_.info.name = in_.name;
    draft_.info.segment_id = kNoSegmentId;
    if (in_.data != nullptr) draft_.data = *in_.data;
    if (in_.index != nullptr) draft_.index = *in_.index;
    RememberSources();
  }

  SegmentDraft Run() {
    if (IsControllerReaderGroup(in_.name)) {
      Empty();
      return std::move(draft_);
    }
    if (IsTransient(in_.name)) {
      Drop("transient", "a transient segment means nothing now");
    } else if (ListsContainerFiles()) {
      Drop(kContainerFilesListed, "it lists files of a container's own metadata");
    } else {
      DecideExistence();
    }
    if (!draft_.registered) return std::move(draft_);
    NoteSalvage();
    DecideExtent();
    DecideSeal();
    DecideIndex();
    DecideAttributes();
    return std::move(draft_);
  }

 private:
  template <typename... Args>
  void AddNote(std::string_view code, fmt::format_string<Args...> format, Args&&... args) {
    draft_.notes.push_back({std::string(code), fmt::format(format, std::forward<Args>(args)...)});
  }

  void RememberSources() {
    const ControllerWord word = evidence_.controller.WordOf(in_.name);
    sources_.standing = word.standing;
    sources_.controller = word.source;
    sources_.files = SourceFiles(in_.name, in_.data, in_.index);
    if (in_.record != nullptr) {
      sources_.record_at = in_.record->entry_at;
      sources_.record_length = in_.record->length;
      sources_.record_sealed = in_.record->sealed;
    }
    if (in_.data != nullptr) {
      sources_.data_end = in_.data->length;
      sources_.chunks = static_cast<uint32_t>(in_.data->chunks.size());
    }
    if (in_.index != nullptr) sources_.index = IndexUse::kSetAside;  // until it is used
    if (in_.facts == nullptr) return;
    const TailFact& tail = in_.facts->tail;
    sources_.tail = tail.kind;
    sources_.tail_from = tail.walked_from;
    sources_.tail_proven = tail.proven;
    if (tail.kind == TailKind::kTorn) sources_.torn_bytes = static_cast<uint32_t>(tail.torn_bytes);
  }

  void Drop(std::string_view code, std::string_view why) {
    draft_.registered = false;
    draft_.drop_code = code;
    AddNote(code, "{}; set aside", why);
  }

  // No server writes such a list.
  bool ListsContainerFiles() const {
    if (in_.data == nullptr || in_.name.starts_with(kContainersDir)) return false;
    return std::any_of(in_.data->chunks.begin(), in_.data->chunks.end(), IsContainerFile);
  }

  // The controller initializes the group anew and reads its request streams from their start.
  void Empty() {
    draft_.data.reset();
    draft_.index.reset();
    draft_.drop_code = "controller-reader-group";
    draft_.info.length = 0;
    draft_.info.start_offset = 0;
    draft_.info.sealed = false;
    for (AttributeId id : {kEventCount, kIndexRootPointer, kPersistSequenceNumber}) {
      draft_.info.attributes.erase(id);
    }
  }

  // H14-H17, H20, H21: the controller knows best, then the container's record, then the files.
  // What nobody could decide is kept.
  void DecideExistence() {
    const bool recorded = in_.record != nullptr;
    switch (sources_.standing) {
      case SegmentStanding::kTransactionAborted:
        Drop("aborted-transaction", "the controller recorded its transaction as aborted");
        return;
      case SegmentStanding::kTransactionCommitted:
        if (in_.data == nullptr) Drop("transaction-merged", "committed, and nothing left to merge");
        return;
      case SegmentStanding::kTruncatedAway:
        Drop("truncated-away", "the controller truncated its stream beyond it");
        return;
      case SegmentStanding::kUnknown:
        if (InDeletedStream()) {
          Drop("deleted-leftover", "the controller recorded its stream as deleted");
        } else if (!recorded) {
          Drop("leftover", "neither its container nor the controller knows it");
        } else {
          AddNote("unknown-to-controller", "no stream or table of the controller lists it");
        }
        return;
      case SegmentStanding::kTransactionUnknown:
        if (!recorded) Drop("leftover", "its transaction ended, or never reached the controller");
        return;
      default:
        if (!recorded && in_.data == nullptr) {
          AddNote("segment-missing", "the controller expects it; created empty");
        } else if (!recorded) {
          AddNote("record-missing", "its record never reached Tier-2; registered with defaults");
        }
    }
  }

  // The controller's list of deleted streams, by "<scope>/<stream>".
  bool InDeletedStream() const {
    const std::string_view primary = PrimaryName(in_.name);
    const size_t slash = primary.rfind('/');
    return slash != std::string_view::npos &&
           evidence_.controller.deleted_streams.contains(std::string(primary.substr(0, slash)));
  }

  void NoteSalvage() {
    if (in_.salvage == nullptr) return;
    draft_.data_changed = true;
    AddNote("salvaged",
            "{} bytes beyond the recorded length {} adopted, {} from chunk files no "
            "record listed",
            in_.salvage->adopted_bytes, in_.salvage->recorded_length,
            in_.salvage->adopted_chunks.size());
  }

  // An owner's epoch that is too high to count would be above the epoch of the new log.
  void LowerOwner(std::optional<StoredSegment>& segment, bool& changed) const {
    if (!segment || segment->record.owner_epoch <= evidence_.view.max_epoch) return;
    segment->record.owner_epoch = evidence_.view.max_epoch;
    changed = true;
  }

  void DecideExtent() {
    SegmentInfo& info = draft_.info;
    LowerOwner(draft_.data, draft_.data_changed);
    LowerOwner(draft_.index, draft_.index_changed);
    if (SkipToTruncation()) return;
    if (!draft_.data) {
      if (info.length > 0) {
        AddNote("data-missing", "its record says {} bytes, Tier-2 holds none; registered empty",
                info.length);
      }
      info.length = 0;
      info.start_offset = 0;
      return;
    }
    NoteHole();
    CutTail();
    info.length = static_cast<int64_t>(draft_.data->length);
    DecideStart();
  }

  // Readers begin where the controller truncated the stream, and appends go to the end: an end
  // before that would hide the next events, and let readers begin inside one.
  bool SkipToTruncation() {
    const auto cut = static_cast<uint64_t>(
        std::max<int64_t>(0, evidence_.controller.TruncationOffset(in_.name).value_or(0)));
    const uint64_t end = draft_.data ? draft_.data->length : 0;
    if (cut <= end) return false;
    AddNote("truncated-beyond-end",
            "the controller truncated its stream at {}, and only {} bytes came back: it is "
            "empty, and goes on from there",
            cut, end);
    if (!draft_.data) draft_.data = NewSegment(evidence_.view, in_.name);
    draft_.data->chunks.clear();
    draft_.data->start_offset = draft_.data->length = cut;
    draft_.data_changed = true;
    sources_.start = StartSource::kController;
    draft_.info.start_offset = draft_.info.length = static_cast<int64_t>(cut);
    return true;
  }

  void NoteHole() {
    if (in_.facts == nullptr || !in_.facts->hole) return;
    const HoleFact& hole = *in_.facts->hole;
    draft_.data_changed = true;
    if (hole.lost_head_bytes > 0) {
      AddNote("head-missing", "its first {} bytes are gone; it begins at {}", hole.lost_head_bytes,
              draft_.data->start_offset);
    }
    if (hole.lost_tail_bytes > 0) {
      AddNote("data-hole", "chunk bytes are missing at {}; the {} bytes from there on are left out",
              hole.cut_at, hole.lost_tail_bytes);
    }
  }

  void CutTail() {
    if (in_.facts == nullptr) return;
    const TailFact& tail = in_.facts->tail;
    if (tail.kind == TailKind::kUnframed) {
      AddNote("unframed", "its bytes are no events; kept whole");
    } else if (tail.kind == TailKind::kDamaged && !in_.facts->table) {
      AddNote("damaged-event", "no event begins at {}; {} bytes from there on", tail.end,
              draft_.data->length - tail.end);
    }
    if (tail.kind == TailKind::kDamaged && in_.facts->table) return CutDamagedTable(tail);
    if (tail.kind != TailKind::kTorn) return;
    AddNote("torn-tail", "{} bytes after the last whole {} at {} cut ({})", tail.torn_bytes,
            IsTable(draft_.info.attributes) ? "entry" : "event", tail.end,
            tail.proven ? "proven from the start" : "inferred from a later boundary");
    CutSegment(*draft_.data, tail.end);
    draft_.data_changed = true;
  }

  // A table that does not parse to its end cannot be used: not its index, nor its compaction.
  void CutDamagedTable(const TailFact& tail) {
    AddNote("damaged-entry", "no entry begins at {}; the {} bytes from there on are left out",
            tail.end, draft_.data->length - tail.end);
    CutSegment(*draft_.data, tail.end);
    draft_.data_changed = true;
  }

  // Rolling stores no start offset: the record and the controller's truncation know it (H3). In the
  // chunked layout an acknowledged truncation may not have reached the storage metadata yet.
  void DecideStart() {
    int64_t start = static_cast<int64_t>(draft_.data->start_offset);
    const auto raise = [&](int64_t to, StartSource source) {
      if (to > start) sources_.start = source;
      start = std::max(start, to);
    };
    if (in_.record != nullptr) raise(in_.record->start_offset, StartSource::kRecord);
    raise(evidence_.controller.TruncationOffset(in_.name).value_or(0), StartSource::kController);
    if (in_.facts != nullptr && in_.facts->tail.guessed_start) {
      const auto guessed = static_cast<int64_t>(*in_.facts->tail.guessed_start);
      if (guessed > start) {
        AddNote("start-guessed",
                "nothing says where it begins; from {} on its bytes are events, {} "
                "bytes before are part of one",
                guessed, guessed - start);
      }
      raise(guessed, StartSource::kData);
    }
    if (in_.facts != nullptr && in_.facts->table && in_.facts->table->damaged_head > 0) {
      const auto damaged = static_cast<int64_t>(in_.facts->table->damaged_head);
      AddNote("damaged-entry", "its first {} bytes are no entries; it begins at {}", damaged,
              start + damaged);
      raise(start + damaged, StartSource::kData);
    }
    draft_.info.start_offset = std::min(start, draft_.info.length);
  }

  // H22: a segment outside the active epoch must be sealed; the controller overrules Tier-2.
  void DecideSeal() {
    const bool sealed = DecideSealed();
    draft_.info.sealed = sealed;
    if (draft_.data && draft_.data->sealed != sealed) {
      draft_.data->sealed = sealed;
      draft_.data_changed = true;
    }
    if (draft_.index && draft_.index->sealed != sealed) {
      draft_.index->sealed = sealed;
      draft_.index_changed = true;
    }
  }

  // Without meaningful modes (H24) what Tier-2 seems to say is neither used nor contradicted.
  bool DecideSealed() {
    const bool recorded = in_.record != nullptr && in_.record->sealed;
    const bool rolling = evidence_.view.layout == Layout::kRolling;
    const bool by_storage = draft_.data && !evidence_.modes_lost;
    bool sealed = by_storage ? draft_.data->sealed : recorded;
    if (sealed) sources_.sealed = by_storage ? SealSource::kStorage : SealSource::kRecord;
    if (rolling && recorded && !sealed) {
      sources_.sealed = SealSource::kRecord;
      sealed = true;
    }
    if (sources_.standing == SegmentStanding::kSealed && !sealed) {
      sources_.sealed = SealSource::kController;
      if (!evidence_.modes_lost) {
        AddNote("seal-missing", "the controller sealed it, Tier-2 did not yet; registered sealed");
      }
      return true;
    }
    if (sealed && evidence_.controller.InUnrecordedStream(in_.name)) {
      sources_.sealed = SealSource::kController;
      AddNote("seal-ahead", "its stream has to be created again, with open segments; unsealed");
      return false;
    }
    if (sources_.standing == SegmentStanding::kActive && sealed) {
      sources_.sealed = SealSource::kController;
      AddNote("seal-ahead", "sealed in Tier-2, but active for the controller; unsealed");
      return false;
    }
    return sealed;
  }

  void DecideIndex() {
    if (draft_.index) sources_.index = IndexUse::kWhole;
    if (in_.index_salvage != nullptr) draft_.index_changed = true;
    if (in_.facts == nullptr) return;
    const SegmentFacts& facts = *in_.facts;
    if (facts.table) {
      if (facts.table->in_step) return;
      draft_.rebuild_index = true;
      draft_.index.reset();
      sources_.index = IndexUse::kRebuilt;
      AddNote("index-rebuilt", "the index was {} keys behind and {} keys ahead of the data",
              facts.table->index_behind, facts.table->index_ahead);
      if (facts.table->removals_unknown) {
        AddNote("removals-unknown",
                "no readable index, and only an index knows which keys were removed; all {} keys "
                "that were ever put are there",
                facts.table->live_keys);
      }
      return;
    }
    if (!draft_.index && !facts.index.present) return;
    if (options_.forget_writers) {
      draft_.index.reset();
      sources_.index = IndexUse::kSetAside;
      AddNote("writers-forgotten", "writer event numbers dropped on request");
    } else if (facts.index.present && facts.index.valid_end == 0) {
      draft_.index.reset();
      sources_.index = IndexUse::kSetAside;
      AddNote("index-unreadable", "no readable tree in its attribute index; set aside");
    } else if (facts.index.present && !facts.index.whole) {
      AddNote("index-cut", "its attribute index ends in {} bytes of no tree",
              draft_.index->length - facts.index.valid_end);
      CutSegment(*draft_.index, facts.index.valid_end);
      draft_.index_changed = true;
      sources_.index = IndexUse::kCut;
    }
  }

  // Section 1.4: what must not be copied, what is recomputed.
  void DecideAttributes() {
    Attributes& a = draft_.info.attributes;
    for (AttributeId id :
         {kIndexRootPointer, kPersistSequenceNumber, kSnapshotId, kSnapshotEpoch, kCreationEpoch}) {
      a.erase(id);
    }
    if (evidence_.view.layout == Layout::kRolling && draft_.index && draft_.index->length > 0) {
      a[kIndexRootPointer] = static_cast<int64_t>(draft_.index->length - kBtreeFooterBytes);
    }
    if (!IsTable(a)) return;
    if (!a.contains(kSegmentType)) a[kSegmentType] = kTypeTable;
    if (IsFixedKeyTable(a)) SetKeyLength(a);
    if (in_.facts == nullptr || !in_.facts->table) {
      SetTableCounts(a, 0, 0);
      return;
    }
    SetTableCounts(a, in_.facts->table->live_keys, in_.facts->table->entries);
  }

  // Section 1.4: without it the table cannot be opened. The record knows, else the entries do, else
  // the table's configuration.
  void SetKeyLength(Attributes& a) const {
    if (a.contains(kAttributeIdLength)) return;
    if (in_.facts != nullptr && in_.facts->table && in_.facts->table->entries > 0) {
      a[kAttributeIdLength] = static_cast<int64_t>(in_.facts->table->key_length);
      return;
    }
    const auto name = ParseStreamSegmentName(in_.name);
    const auto* table = name ? evidence_.controller.FindKvTable(name->scope, name->name) : nullptr;
    if (table == nullptr || !table->configuration) return;
    a[kAttributeIdLength] = int64_t{table->configuration->primary_key_length} +
                            table->configuration->secondary_key_length;
  }

  void SetTableCounts(Attributes& a, uint64_t keys, uint64_t entries) {
    if (IsFixedKeyTable(a)) {
      if (draft_.rebuild_index) a[kTotalEntryCount] = static_cast<int64_t>(entries);
      return;
    }
    const bool behind = a[kIndexOffset] != draft_.info.length;
    a[kIndexOffset] = draft_.info.length;
    if (behind || draft_.rebuild_index) {
      a[kEntryCount] = static_cast<int64_t>(keys);
      a[kBucketCount] = static_cast<int64_t>(keys);
      a[kTotalEntryCount] = static_cast<int64_t>(entries);
    }
    a[kCompactionOffset] =
        std::clamp(a[kCompactionOffset], draft_.info.start_offset, draft_.info.length);
    if (behind && a[kCompactionOffset] > draft_.info.start_offset) {
      a[kCompactionOffset] = draft_.info.start_offset;
    }
  }

  const SegmentInput& in_;
  const Evidence& evidence_;
  const PlanOptions& options_;
  SegmentDraft draft_;
  SegmentSources& sources_ = draft_.sources;
};

}  // namespace

bool IsContainerFile(const StoredChunk& chunk) { return chunk.path.starts_with(kContainersDir); }

SegmentDraft DraftSegment(const SegmentInput& input, const Evidence& evidence,
                          const PlanOptions& options) {
  return Drafter(input, evidence, options).Run();
}

}  // namespace pdr

#include "recovery/segment_draft.h"

#include "format/names.h"
#include "recovery/drafting.h"
#include "recovery/segment_kind.h"

namespace pdr {
namespace {

void RememberSources(Drafting& d) {
  const ControllerWord word = d.evidence.controller.WordOf(d.in.name);
  d.draft.sources.standing = word.standing;
  d.draft.sources.controller = word.source;
  d.draft.sources.files = SourceFiles(d.in.name, d.in.data, d.in.index);
  if (d.in.record != nullptr) {
    d.draft.sources.record_at = d.in.record->entry_at;
    d.draft.sources.record_length = d.in.record->length;
    d.draft.sources.record_sealed = d.in.record->sealed;
  }
  if (d.in.data != nullptr) {
    d.draft.sources.data_end = d.in.data->length;
    d.draft.sources.chunks = static_cast<uint32_t>(d.in.data->chunks.size());
  }
  if (d.in.index != nullptr) d.draft.sources.index = IndexUse::kSetAside;  // until it is used
  if (d.in.facts == nullptr) return;
  const TailFact& tail = d.in.facts->tail;
  d.draft.sources.tail = tail.kind;
  d.draft.sources.tail_from = tail.walked_from;
  d.draft.sources.tail_proven = tail.proven;
  if (tail.kind == TailKind::kTorn)
    d.draft.sources.torn_bytes = static_cast<uint32_t>(tail.torn_bytes);
}

Drafting Begin(const SegmentInput& in, const Evidence& evidence, const PlanOptions& options) {
  Drafting d{in, evidence, options, {}};
  if (in.record != nullptr) {
    d.draft.info = *in.record;
  } else {
    d.draft.info.attributes = DefaultAttributes(in.name);
  }
  d.draft.info.name = in.name;
  d.draft.info.segment_id = kNoSegmentId;
  if (in.data != nullptr) d.draft.data = *in.data;
  if (in.index != nullptr) d.draft.index = *in.index;
  RememberSources(d);
  return d;
}

// The controller initializes the group anew and reads its request streams from their start.
void Empty(SegmentDraft& draft) {
  draft.data.reset();
  draft.index.reset();
  draft.drop_code = "controller-reader-group";
  draft.info.length = 0;
  draft.info.start_offset = 0;
  draft.info.sealed = false;
  for (AttributeId id : {kEventCount, kIndexRootPointer, kPersistSequenceNumber}) {
    draft.info.attributes.erase(id);
  }
}

void NoteSalvage(Drafting& d) {
  if (d.in.salvage == nullptr) return;
  d.draft.data_changed = true;
  d.AddNote("salvaged",
            "{} bytes beyond the recorded length {} adopted, {} from chunk files no "
            "record listed",
            d.in.salvage->adopted_bytes, d.in.salvage->recorded_length,
            d.in.salvage->adopted_chunks.size());
}

bool Unseal(Drafting& d, std::string_view code, std::string_view why) {
  d.draft.sources.sealed = SealSource::kController;
  d.AddNote(code, "{}; unsealed", why);
  return false;
}

// H22: sealed by a scale or commit under way, of which Tier-2 does not have what follows. What
// would be written to it now would be read too early, or by nobody, once somebody had gone on.
bool KeepsSealForNow(Drafting& d) {
  if (d.evidence.controller.IsLeftBehind(d.in.name)) {
    d.AddNote("successors-unknown",
              "sealed, and what follows is not in Tier-2, although it was written or read already");
    return true;
  }
  return Unseal(d, "seal-early",
                "sealed by a scale or commit under way, and what follows is not in Tier-2");
}

// Of a segment that is sealed in Tier-2.
bool KeepsSeal(Drafting& d) {
  const ControllerEvidence& controller = d.evidence.controller;
  if (controller.InUnrecordedStream(d.in.name)) {
    return Unseal(d, "seal-ahead", "its stream has to be created again, with open segments");
  }
  const SegmentStanding standing = d.draft.sources.standing;
  if (standing == SegmentStanding::kSealing && controller.LacksSuccessors(d.in.name)) {
    return KeepsSealForNow(d);
  }
  if (standing == SegmentStanding::kActive) {
    return Unseal(d, "seal-ahead", "sealed in Tier-2, but active for the controller");
  }
  const bool unknown = standing == SegmentStanding::kUnknown;
  if (standing == SegmentStanding::kPending || (unknown && controller.IsOfEpochToCome(d.in.name))) {
    return Unseal(d, "seal-ahead",
                  "sealed in Tier-2, but the controller has yet to come to its epoch");
  }
  return true;
}

// Without meaningful modes (H24) what Tier-2 seems to say is neither used nor contradicted.
bool DecideSealed(Drafting& d) {
  const bool recorded = d.in.record != nullptr && d.in.record->sealed;
  const bool rolling = d.evidence.view.layout == Layout::kRolling;
  const bool by_storage = d.draft.data && !d.evidence.modes_lost;
  bool sealed = by_storage ? d.draft.data->sealed : recorded;
  if (sealed) d.draft.sources.sealed = by_storage ? SealSource::kStorage : SealSource::kRecord;
  if (rolling && recorded && !sealed) {
    d.draft.sources.sealed = SealSource::kRecord;
    sealed = true;
  }
  if (d.draft.sources.standing == SegmentStanding::kSealed && !sealed) {
    d.draft.sources.sealed = SealSource::kController;
    if (!d.evidence.modes_lost) {
      d.AddNote("seal-missing", "the controller sealed it, Tier-2 did not yet; registered sealed");
    }
    return true;
  }
  return sealed && KeepsSeal(d);
}

// H22: a segment outside the active epoch must be sealed; the controller overrules Tier-2.
void DecideSeal(Drafting& d) {
  const bool sealed = DecideSealed(d);
  d.draft.info.sealed = sealed;
  if (d.draft.data && d.draft.data->sealed != sealed) {
    d.draft.data->sealed = sealed;
    d.draft.data_changed = true;
  }
  if (d.draft.index && d.draft.index->sealed != sealed) {
    d.draft.index->sealed = sealed;
    d.draft.index_changed = true;
  }
}

}  // namespace

bool IsContainerFile(const StoredChunk& chunk) { return chunk.path.starts_with(kContainersDir); }

SegmentDraft DraftSegment(const SegmentInput& input, const Evidence& evidence,
                          const PlanOptions& options) {
  Drafting d = Begin(input, evidence, options);
  if (IsControllerReaderGroup(input.name)) {
    Empty(d.draft);
    return std::move(d.draft);
  }
  DecideExistence(d);
  if (!d.draft.registered) return std::move(d.draft);
  NoteSalvage(d);
  DecideExtent(d);
  DecideSeal(d);
  DecideIndex(d);
  DecideAttributes(d);
  return std::move(d.draft);
}

}  // namespace pdr

// Where a segment begins and ends.
#include <algorithm>

#include "recovery/drafting.h"
#include "recovery/holes.h"
#include "recovery/salvage.h"
#include "recovery/segment_kind.h"

namespace pdr {
namespace {

// An owner's epoch that is too high to count would be above the epoch of the new log.
void LowerOwner(const Drafting& d, std::optional<StoredSegment>& segment, bool& changed) {
  if (!segment || segment->record.owner_epoch <= d.evidence.view.max_epoch) return;
  segment->record.owner_epoch = d.evidence.view.max_epoch;
  changed = true;
}

// Readers begin where the controller truncated the stream, and appends go to the end: an end
// before that would hide the next events, and let readers begin inside one.
bool SkipToTruncation(Drafting& d) {
  const auto cut = static_cast<uint64_t>(
      std::max<int64_t>(0, d.evidence.controller.TruncationOffset(d.in.name).value_or(0)));
  const uint64_t end = d.draft.data ? d.draft.data->length : 0;
  if (cut <= end) return false;
  d.AddNote("truncated-beyond-end",
            "the controller truncated its stream at {}, and only {} bytes came back: it is "
            "empty, and goes on from there",
            cut, end);
  if (!d.draft.data) d.draft.data = NewSegment(d.evidence.view, d.in.name);
  d.draft.data->chunks.clear();
  d.draft.data->start_offset = d.draft.data->length = cut;
  d.draft.data_changed = true;
  d.draft.sources.start = StartSource::kController;
  d.draft.info.start_offset = d.draft.info.length = static_cast<int64_t>(cut);
  return true;
}

void NoteHole(Drafting& d) {
  if (d.in.facts == nullptr || !d.in.facts->hole) return;
  const HoleFact& hole = *d.in.facts->hole;
  d.draft.data_changed = true;
  if (hole.lost_head_bytes > 0) {
    d.AddNote("head-missing", "its first {} bytes are gone; it begins at {}", hole.lost_head_bytes,
              d.draft.data->start_offset);
  }
  if (hole.lost_tail_bytes > 0) {
    d.AddNote("data-hole", "chunk bytes are missing at {}; the {} bytes from there on are left out",
              hole.cut_at, hole.lost_tail_bytes);
  }
}

// A table that does not parse to its end cannot be used: not its index, nor its compaction.
void CutDamagedTable(Drafting& d, const TailFact& tail) {
  d.AddNote("damaged-entry", "no entry begins at {}; the {} bytes from there on are left out",
            tail.end, d.draft.data->length - tail.end);
  CutSegment(*d.draft.data, tail.end);
  d.draft.data_changed = true;
}

void CutTail(Drafting& d) {
  if (d.in.facts == nullptr) return;
  const TailFact& tail = d.in.facts->tail;
  if (tail.kind == TailKind::kUnframed) {
    d.AddNote("unframed", "its bytes are no events; kept whole");
  } else if (tail.kind == TailKind::kDamaged && !d.in.facts->table) {
    d.AddNote("damaged-event", "no event begins at {}; {} bytes from there on", tail.end,
              d.draft.data->length - tail.end);
  }
  if (tail.kind == TailKind::kDamaged && d.in.facts->table) return CutDamagedTable(d, tail);
  if (tail.kind != TailKind::kTorn) return;
  d.AddNote("torn-tail", "{} bytes after the last whole {} at {} cut ({})", tail.torn_bytes,
            IsTable(d.draft.info.attributes) ? "entry" : "event", tail.end,
            tail.proven ? "proven from the start" : "inferred from a later boundary");
  CutSegment(*d.draft.data, tail.end);
  d.draft.data_changed = true;
}

// Rolling stores no start offset: the record and the controller's truncation know it (H3). In the
// chunked layout an acknowledged truncation may not have reached the storage metadata yet.
void DecideStart(Drafting& d) {
  int64_t start = static_cast<int64_t>(d.draft.data->start_offset);
  const auto raise = [&](int64_t to, StartSource source) {
    if (to > start) d.draft.sources.start = source;
    start = std::max(start, to);
  };
  if (d.in.record != nullptr) raise(d.in.record->start_offset, StartSource::kRecord);
  raise(d.evidence.controller.TruncationOffset(d.in.name).value_or(0), StartSource::kController);
  if (d.in.facts != nullptr && d.in.facts->tail.guessed_start) {
    const auto guessed = static_cast<int64_t>(*d.in.facts->tail.guessed_start);
    if (guessed > start) {
      d.AddNote("start-guessed",
                "nothing says where it begins; from {} on its bytes are events, {} "
                "bytes before are part of one",
                guessed, guessed - start);
    }
    raise(guessed, StartSource::kData);
  }
  if (d.in.facts != nullptr && d.in.facts->table && d.in.facts->table->damaged_head > 0) {
    const auto damaged = static_cast<int64_t>(d.in.facts->table->damaged_head);
    d.AddNote("damaged-entry", "its first {} bytes are no entries; it begins at {}", damaged,
              start + damaged);
    raise(start + damaged, StartSource::kData);
  }
  d.draft.info.start_offset = std::min(start, d.draft.info.length);
}

}  // namespace

void DecideExtent(Drafting& d) {
  SegmentInfo& info = d.draft.info;
  LowerOwner(d, d.draft.data, d.draft.data_changed);
  LowerOwner(d, d.draft.index, d.draft.index_changed);
  if (SkipToTruncation(d)) return;
  if (!d.draft.data) {
    if (info.length > 0) {
      d.AddNote("data-missing", "its record says {} bytes, Tier-2 holds none; registered empty",
                info.length);
    }
    info.length = 0;
    info.start_offset = 0;
    return;
  }
  NoteHole(d);
  CutTail(d);
  info.length = static_cast<int64_t>(d.draft.data->length);
  DecideStart(d);
}

}  // namespace pdr

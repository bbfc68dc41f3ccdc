// The attribute index of a segment, and its attributes.
#include <algorithm>

#include "format/names.h"
#include "recovery/drafting.h"
#include "recovery/holes.h"
#include "recovery/segment_kind.h"

namespace pdr {
namespace {

// Section 1.4: without it the table cannot be opened. The record knows, else the entries do, else
// the table's configuration.
void SetKeyLength(const Drafting& d, Attributes& a) {
  if (a.contains(kAttributeIdLength)) return;
  if (d.in.facts != nullptr && d.in.facts->table && d.in.facts->table->entries > 0) {
    a[kAttributeIdLength] = static_cast<int64_t>(d.in.facts->table->key_length);
    return;
  }
  const auto name = ParseStreamSegmentName(d.in.name);
  const auto* table = name ? d.evidence.controller.FindKvTable(name->scope, name->name) : nullptr;
  if (table == nullptr || !table->configuration) return;
  a[kAttributeIdLength] = int64_t{table->configuration->primary_key_length} +
                          table->configuration->secondary_key_length;
}

void SetTableCounts(const Drafting& d, Attributes& a, uint64_t keys, uint64_t entries) {
  if (IsFixedKeyTable(a)) {
    if (d.draft.rebuild_index) a[kTotalEntryCount] = static_cast<int64_t>(entries);
    return;
  }
  const bool behind = a[kIndexOffset] != d.draft.info.length;
  a[kIndexOffset] = d.draft.info.length;
  if (behind || d.draft.rebuild_index) {
    a[kEntryCount] = static_cast<int64_t>(keys);
    a[kBucketCount] = static_cast<int64_t>(keys);
    a[kTotalEntryCount] = static_cast<int64_t>(entries);
  }
  a[kCompactionOffset] =
      std::clamp(a[kCompactionOffset], d.draft.info.start_offset, d.draft.info.length);
  if (behind && a[kCompactionOffset] > d.draft.info.start_offset) {
    a[kCompactionOffset] = d.draft.info.start_offset;
  }
}

}  // namespace

void DecideIndex(Drafting& d) {
  if (d.draft.index) d.draft.sources.index = IndexUse::kWhole;
  if (d.in.index_salvage != nullptr) d.draft.index_changed = true;
  if (d.in.facts == nullptr) return;
  const SegmentFacts& facts = *d.in.facts;
  if (facts.table) {
    if (facts.table->in_step) return;
    d.draft.rebuild_index = true;
    d.draft.index.reset();
    d.draft.sources.index = IndexUse::kRebuilt;
    d.AddNote("index-rebuilt", "the index was {} keys behind and {} keys ahead of the data",
              facts.table->index_behind, facts.table->index_ahead);
    if (facts.table->removals_unknown) {
      d.AddNote("removals-unknown",
                "no readable index, and only an index knows which keys were removed; all {} keys "
                "that were ever put are there",
                facts.table->live_keys);
    }
    return;
  }
  if (!d.draft.index && !facts.index.present) return;
  if (d.options.forget_writers) {
    d.draft.index.reset();
    d.draft.sources.index = IndexUse::kSetAside;
    d.AddNote("writers-forgotten", "writer event numbers dropped on request");
  } else if (facts.index.present && facts.index.valid_end == 0) {
    d.draft.index.reset();
    d.draft.sources.index = IndexUse::kSetAside;
    d.AddNote("index-unreadable", "no readable tree in its attribute index; set aside");
  } else if (facts.index.present && !facts.index.whole) {
    d.AddNote("index-cut", "its attribute index ends in {} bytes of no tree",
              d.draft.index->length - facts.index.valid_end);
    CutSegment(*d.draft.index, facts.index.valid_end);
    d.draft.index_changed = true;
    d.draft.sources.index = IndexUse::kCut;
  }
}

// Section 1.4: what must not be copied, what is recomputed.
void DecideAttributes(Drafting& d) {
  Attributes& a = d.draft.info.attributes;
  for (AttributeId id :
       {kIndexRootPointer, kPersistSequenceNumber, kSnapshotId, kSnapshotEpoch, kCreationEpoch}) {
    a.erase(id);
  }
  if (d.evidence.view.layout == Layout::kRolling && d.draft.index && d.draft.index->length > 0) {
    a[kIndexRootPointer] = static_cast<int64_t>(d.draft.index->length - kBtreeFooterBytes);
  }
  if (!IsTable(a)) return;
  if (!a.contains(kSegmentType)) a[kSegmentType] = kTypeTable;
  if (IsFixedKeyTable(a)) SetKeyLength(d, a);
  if (d.in.facts == nullptr || !d.in.facts->table) {
    SetTableCounts(d, a, 0, 0);
    return;
  }
  SetTableCounts(d, a, d.in.facts->table->live_keys, d.in.facts->table->entries);
}

}  // namespace pdr

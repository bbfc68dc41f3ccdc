#include "recovery/table_judge.h"

#include <algorithm>

#include "container/table_image.h"
#include "recovery/attribute_index.h"
#include "recovery/segment_kind.h"

namespace pdr {
namespace {

constexpr size_t kHashKeyBytes = 16;

// The entries of the newest readable tree; none when there is no such tree.
StatusOr<std::vector<BtreeLeafEntry>> StoredEntries(const Disk& disk, const StoredSegment* index,
                                                    size_t key_length, TableJudgement& judgement) {
  if (index == nullptr || index->length == 0) return std::vector<BtreeLeafEntry>();
  ASSIGN_OR_RETURN(FoundIndex found, FindIndex(disk, *index, key_length));
  judgement.index = found.fact;
  if (found.fact.valid_end == 0) return std::vector<BtreeLeafEntry>();
  StatusOr<std::vector<BtreeLeafEntry>> entries = ReadIndex(disk, *index, found.footer, key_length);
  if (absl::IsDataLoss(entries.status()) || absl::IsOutOfRange(entries.status())) {
    judgement.index.valid_end = 0;
    judgement.index.whole = false;
    return std::vector<BtreeLeafEntry>();
  }
  return entries;
}

uint64_t CountAhead(const std::vector<BtreeLeafEntry>& stored, uint64_t end, bool hash) {
  const int64_t back_pointer = TableBackPointer(0).high;
  return static_cast<uint64_t>(
      std::count_if(stored.begin(), stored.end(), [&](const BtreeLeafEntry& e) {
        if (hash && BtreeKeyToAttributeId(e.key).high == back_pointer) return false;
        return e.value >= static_cast<int64_t>(end);
      }));
}

// Entries of `wanted` that `stored` lacks or holds with another offset.
uint64_t CountBehind(const std::vector<BtreeLeafEntry>& wanted,
                     const std::vector<BtreeLeafEntry>& stored, uint64_t end) {
  uint64_t behind = 0;
  auto at = stored.begin();
  for (const BtreeLeafEntry& want : wanted) {
    while (at != stored.end() && at->key < want.key) ++at;
    const bool there = at != stored.end() && at->key == want.key;
    if (there && (at->value == want.value || at->value >= static_cast<int64_t>(end))) continue;
    ++behind;
  }
  return behind;
}

void JudgeHashTable(const TableScan& scan, const std::vector<BtreeLeafEntry>& stored,
                    TableJudgement& judgement) {
  std::vector<IndexedKey> keys;
  keys.reserve(scan.live.size());
  for (const auto& [key, entry] : scan.live) keys.push_back({key, entry.offset});
  judgement.entries = HashIndexEntries(keys);
  const int64_t back_pointer = TableBackPointer(0).high;
  judgement.buckets = static_cast<uint64_t>(std::count_if(
      judgement.entries.begin(), judgement.entries.end(),
      [&](const BtreeLeafEntry& e) { return BtreeKeyToAttributeId(e.key).high != back_pointer; }));
  judgement.fact.in_step = judgement.entries == stored;
}

// Removals of fixed-key tables exist only in the index: a key the index lacks was removed unless
// its entry is newer than everything the index knows. docs/formats/recovery-semantics.md H9.
void JudgeFixedKeyTable(const TableScan& scan, const std::vector<BtreeLeafEntry>& stored,
                        TableJudgement& judgement) {
  int64_t highest = -1;
  std::map<std::string_view, int64_t> indexed;
  for (const BtreeLeafEntry& e : stored) {
    highest = std::max(highest, e.value);
    indexed[e.key] = e.value;
  }
  judgement.live.clear();
  for (const auto& [key, entry] : scan.live) {
    auto it = indexed.find(key);
    const bool removed = it == indexed.end() && entry.offset < highest;
    if (removed) continue;
    judgement.entries.push_back({key, entry.offset});
    judgement.live[key] = entry;
  }
  judgement.fact.in_step = judgement.entries == stored;
}

// Rolling: the first chunk left of a truncated table may begin inside an entry. The lowest offset
// in the index begins one, and compaction leaves no live entry before it (H3).
StatusOr<StoredSegment> FromFirstEntry(const Disk& disk, const StoredSegment& data,
                                       const StoredSegment* index, const Attributes& attributes) {
  StoredSegment from = data;
  if (data.start_offset == 0 || IsFixedKeyTable(attributes)) return from;
  TableJudgement unused;
  ASSIGN_OR_RETURN(std::vector<BtreeLeafEntry> stored,
                   StoredEntries(disk, index, kHashKeyBytes, unused));
  std::optional<int64_t> lowest;
  for (const BtreeLeafEntry& e : stored) {
    if (BtreeKeyToAttributeId(e.key).high == TableBackPointer(0).high) continue;
    if (e.value < static_cast<int64_t>(data.start_offset)) continue;
    lowest = std::min(lowest.value_or(e.value), e.value);
  }
  if (!lowest || *lowest >= static_cast<int64_t>(data.length)) return from;
  StatusOr<TableScan> scan = ScanTable(disk, data);
  if (scan.ok() && scan->end == data.length) return from;
  from.start_offset = static_cast<uint64_t>(*lowest);
  return from;
}

}  // namespace

StatusOr<TableJudgement> JudgeTable(const Disk& disk, const StoredSegment& data,
                                    const StoredSegment* index, const Attributes& attributes) {
  TableJudgement judgement;
  judgement.fact.fixed_key = IsFixedKeyTable(attributes);
  ASSIGN_OR_RETURN(const StoredSegment from_entry, FromFirstEntry(disk, data, index, attributes));
  ASSIGN_OR_RETURN(TableScan scan, ScanTable(disk, from_entry));
  if (judgement.fact.fixed_key) {
    auto it = attributes.find(kAttributeIdLength);
    if (it != attributes.end() && it->second > 0) {
      judgement.fact.key_length = static_cast<uint64_t>(it->second);
    } else if (!scan.live.empty()) {
      judgement.fact.key_length = scan.live.begin()->first.size();
    }
  }
  const size_t key_length = judgement.fact.fixed_key ? judgement.fact.key_length : kHashKeyBytes;
  ASSIGN_OR_RETURN(std::vector<BtreeLeafEntry> stored,
                   StoredEntries(disk, index, key_length, judgement));
  judgement.fact.entries = scan.entries;
  judgement.tail.end = scan.end;
  judgement.tail.units = scan.entries;
  judgement.tail.walked_from = data.start_offset;
  judgement.tail.torn_bytes = data.length - scan.end;
  judgement.tail.kind = judgement.tail.torn_bytes == 0  ? TailKind::kWhole
                        : absl::IsOutOfRange(scan.tail) ? TailKind::kTorn
                                                        : TailKind::kDamaged;
  judgement.live = scan.live;
  if (judgement.fact.fixed_key) {
    JudgeFixedKeyTable(scan, stored, judgement);
  } else {
    JudgeHashTable(scan, stored, judgement);
  }
  judgement.fact.in_step =
      judgement.fact.in_step && (!judgement.index.present || judgement.index.whole);
  judgement.fact.live_keys = judgement.live.size();
  judgement.fact.index_ahead = CountAhead(stored, scan.end, !judgement.fact.fixed_key);
  judgement.fact.index_behind = CountBehind(judgement.entries, stored, scan.end);
  return judgement;
}

}  // namespace pdr

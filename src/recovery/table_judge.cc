#include "recovery/table_judge.h"

#include <algorithm>
#include <map>
#include <set>

#include "container/table_image.h"
#include "recovery/attribute_index.h"
#include "recovery/holes.h"
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

// Entries of the index that lead to where no data is, behind it or (damaged) before it.
uint64_t CountOutside(const std::vector<BtreeLeafEntry>& stored, uint64_t begin, uint64_t end,
                      bool hash) {
  const int64_t back_pointer = TableBackPointer(0).high;
  return static_cast<uint64_t>(
      std::count_if(stored.begin(), stored.end(), [&](const BtreeLeafEntry& e) {
        if (hash && BtreeKeyToAttributeId(e.key).high == back_pointer) return false;
        return e.value >= static_cast<int64_t>(end) || e.value < static_cast<int64_t>(begin);
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
  for (const LiveTableEntry& entry : scan.live) keys.push_back({entry.key, entry.offset});
  judgement.entries = HashIndexEntries(keys);
  const int64_t back_pointer = TableBackPointer(0).high;
  judgement.buckets = static_cast<uint64_t>(std::count_if(
      judgement.entries.begin(), judgement.entries.end(),
      [&](const BtreeLeafEntry& e) { return BtreeKeyToAttributeId(e.key).high != back_pointer; }));
  judgement.fact.in_step = judgement.entries == stored;
}

constexpr int kMaxOlderTrees = 32;

// What a tree knows of a fixed-key table, whose removals exist only in its index: a key the tree
// lacks was removed, unless its entry is newer than everything the tree knows.
// docs/formats/recovery-semantics.md H9.
struct KnownKeys {
  std::map<std::string, int64_t, std::less<>> offsets;
  int64_t highest = -1;

  explicit KnownKeys(const std::vector<BtreeLeafEntry>& tree) {
    for (const BtreeLeafEntry& e : tree) {
      highest = std::max(highest, e.value);
      offsets[e.key] = e.value;
    }
  }
  bool Removed(std::string_view key, int64_t entry_offset) const {
    return !offsets.contains(key) && entry_offset < highest;
  }
};

// The keys whose newest entry never reached Tier-2: whether the entry before it was removed in the
// meantime is in the newest older tree, further up in the same file, that does not point there yet.
StatusOr<std::set<std::string, std::less<>>> RemovedBefore(const Disk& disk,
                                                           const StoredSegment* index,
                                                           const TableScan& scan,
                                                           const KnownKeys& newest,
                                                           const TableJudgement& judgement) {
  std::set<std::string> open;
  std::set<std::string, std::less<>> removed;
  for (const auto& [key, offset] : newest.offsets) {
    if (offset >= static_cast<int64_t>(scan.end) && scan.Find(key) != nullptr) open.insert(key);
  }
  if (open.empty()) return removed;
  StoredSegment older = *index;
  uint64_t end = judgement.index.valid_end;
  for (int tree = 0; tree < kMaxOlderTrees && !open.empty() && end > older.start_offset; ++tree) {
    CutSegment(older, end - 1);
    ASSIGN_OR_RETURN(FoundIndex found, FindIndex(disk, older, judgement.fact.key_length));
    end = found.fact.valid_end;
    if (end == 0) break;
    auto entries = ReadIndex(disk, older, found.footer, judgement.fact.key_length);
    if (!entries.ok()) break;  // its oldest pages are truncated away
    const KnownKeys known(*entries);
    std::erase_if(open, [&](const std::string& key) {
      auto at = known.offsets.find(key);
      if (at != known.offsets.end() && at->second >= static_cast<int64_t>(scan.end)) return false;
      if (known.Removed(key, scan.Find(key)->offset)) removed.insert(key);
      return true;
    });
  }
  return removed;
}

Status JudgeFixedKeyTable(const Disk& disk, const StoredSegment* index,
                          const std::vector<BtreeLeafEntry>& stored, TableScan& scan,
                          TableJudgement& judgement) {
  const KnownKeys known(stored);
  ASSIGN_OR_RETURN(const auto removed, RemovedBefore(disk, index, scan, known, judgement));
  std::erase_if(scan.live, [&](const LiveTableEntry& entry) {
    return known.Removed(entry.key, entry.offset) || removed.contains(entry.key);
  });
  for (const LiveTableEntry& entry : scan.live) {
    judgement.entries.push_back({std::string(entry.key), entry.offset});
  }
  judgement.fact.in_step = judgement.entries == stored;
  return OkStatus();
}

constexpr size_t kMaxTries = 4096;
constexpr size_t kFirstReadBytes = size_t{64} << 10;

StatusOr<bool> EntryBeginsAt(const Disk& disk, const StoredSegment& data, uint64_t offset) {
  for (const size_t most : {kFirstReadBytes, kMaxTableEntryBytes + kTableEntryHeaderBytes}) {
    const size_t n = std::min<uint64_t>(most, data.length - offset);
    ASSIGN_OR_RETURN(std::string bytes, ReadSegment(disk, data, offset, n));
    StatusOr<TableEntry> entry = DecodeTableEntry(bytes);
    if (entry.ok()) return true;
    if (!absl::IsOutOfRange(entry.status()) || offset + n == data.length) return false;
  }
  return false;
}

// Where a table whose first bytes are no entry goes on: the lowest offset in the index at which an
// entry begins. Rolling: the first chunk left of a truncated table may begin inside an entry, and
// compaction leaves no live entry before that offset (H3). Otherwise those bytes are damaged.
StatusOr<std::optional<uint64_t>> FirstIndexedEntry(const Disk& disk, const StoredSegment& data,
                                                    const std::vector<BtreeLeafEntry>& stored,
                                                    bool hash) {
  std::set<uint64_t> offsets;
  for (const BtreeLeafEntry& e : stored) {
    if (hash && BtreeKeyToAttributeId(e.key).high == TableBackPointer(0).high) continue;
    const auto at = static_cast<uint64_t>(std::max<int64_t>(0, e.value));
    if (at > data.start_offset && at < data.length) offsets.insert(at);
  }
  size_t tries = 0;
  for (const uint64_t at : offsets) {
    if (++tries > kMaxTries) break;
    ASSIGN_OR_RETURN(bool begins, EntryBeginsAt(disk, data, at));
    if (begins) return std::optional(at);
  }
  return std::optional<uint64_t>();
}

// The entries from the first one on; `data` begins there afterwards.
StatusOr<TableScan> ScanFromFirstEntry(const Disk& disk, const std::vector<BtreeLeafEntry>& stored,
                                       bool hash, StoredSegment& data) {
  ASSIGN_OR_RETURN(TableScan scan, ScanTable(disk, data));
  const bool truncated = data.start_offset > 0 && hash;  // in the middle of an entry, perhaps
  const bool damaged = scan.entries == 0 && absl::IsDataLoss(scan.tail);
  if (scan.end == data.length || (!truncated && !damaged)) return scan;
  ASSIGN_OR_RETURN(std::optional<uint64_t> first, FirstIndexedEntry(disk, data, stored, hash));
  if (!first) return scan;
  data.start_offset = *first;
  return ScanTable(disk, data);
}

// Of a fixed-key table; without ATTRIBUTE_ID_LENGTH the length of its first key.
StatusOr<uint64_t> KeyLengthOf(const Disk& disk, const StoredSegment& data,
                               const Attributes& attributes) {
  auto it = attributes.find(kAttributeIdLength);
  if (it != attributes.end() && it->second > 0) return static_cast<uint64_t>(it->second);
  ASSIGN_OR_RETURN(TableScan scan, ScanTable(disk, data));
  return scan.live.empty() ? kHashKeyBytes : scan.live.front().key.size();
}

}  // namespace

StatusOr<TableJudgement> JudgeTable(const Disk& disk, const StoredSegment& data,
                                    const StoredSegment* index, const Attributes& attributes) {
  TableJudgement judgement;
  judgement.fact.fixed_key = IsFixedKeyTable(attributes);
  if (judgement.fact.fixed_key) {
    ASSIGN_OR_RETURN(judgement.fact.key_length, KeyLengthOf(disk, data, attributes));
  }
  const size_t key_length = judgement.fact.fixed_key ? judgement.fact.key_length : kHashKeyBytes;
  ASSIGN_OR_RETURN(std::vector<BtreeLeafEntry> stored,
                   StoredEntries(disk, index, key_length, judgement));
  StoredSegment from_entry = data;
  ASSIGN_OR_RETURN(TableScan scan,
                   ScanFromFirstEntry(disk, stored, !judgement.fact.fixed_key, from_entry));
  judgement.fact.damaged_head = from_entry.start_offset - data.start_offset;
  judgement.fact.entries = scan.entries;
  judgement.tail.end = scan.end;
  judgement.tail.units = scan.entries;
  judgement.tail.walked_from = data.start_offset;
  judgement.tail.torn_bytes = data.length - scan.end;
  judgement.tail.kind = judgement.tail.torn_bytes == 0  ? TailKind::kWhole
                        : absl::IsOutOfRange(scan.tail) ? TailKind::kTorn
                                                        : TailKind::kDamaged;
  if (judgement.fact.fixed_key) {
    RETURN_IF_ERROR(JudgeFixedKeyTable(disk, index, stored, scan, judgement));
  } else {
    JudgeHashTable(scan, stored, judgement);
  }
  judgement.fact.in_step =
      judgement.fact.in_step && (!judgement.index.present || judgement.index.whole);
  judgement.fact.live_keys = scan.live.size();
  judgement.fact.removals_unknown =
      judgement.fact.fixed_key && scan.entries > 0 && judgement.index.valid_end == 0;
  judgement.fact.index_ahead =
      CountOutside(stored, from_entry.start_offset, scan.end, !judgement.fact.fixed_key);
  judgement.fact.index_behind = CountBehind(judgement.entries, stored, scan.end);
  judgement.scan = std::move(scan);
  return judgement;
}

}  // namespace pdr

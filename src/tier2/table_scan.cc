#include "tier2/table_scan.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/near_search.h"

namespace pdr {
namespace {

constexpr size_t kPieceBytes = size_t{8} << 20;
constexpr size_t kMaxWholeEntry = kMaxTableEntryBytes + kTableEntryHeaderBytes;

using Pieces = std::vector<std::unique_ptr<char[]>>;

// The bytes from one entry boundary on, filled piece by piece. What is read stays where it is; what
// the end of a piece cuts off is copied to the next.
class EntryBuffer {
 public:
  // `keep`: a piece that held whole entries stays where it is, for views of them.
  EntryBuffer(const Disk& disk, const StoredSegment& segment, bool keep)
      : reader_(disk, segment), length_(segment.length), end_(segment.start_offset), keep_(keep) {}

  std::string_view unread() const { return {piece_.get() + position_, filled_ - position_}; }
  uint64_t offset() const { return end_ - unread().size(); }
  bool at_end() const { return end_ >= length_; }
  void Skip(size_t n) { position_ += n; }

  Status Fill() {
    ASSIGN_OR_RETURN(size_t n, reader_.CanReadSome(end_, kPieceBytes));
    if (n > capacity_ - filled_) {
      Renew();
      n = std::min(n, capacity_ - filled_);
    }
    RETURN_IF_ERROR(reader_.ReadSomeInto(end_, {piece_.get() + filled_, n}));
    filled_ += n;
    end_ += n;
    return OkStatus();
  }
  Pieces TakePieces() {
    KeepPiece();
    return std::move(pieces_);
  }

 private:
  // A piece for what is left and what comes next: chunks that are small share one.
  void Renew() {
    const std::string_view rest = unread();
    capacity_ = rest.size() + static_cast<size_t>(std::min<uint64_t>(kPieceBytes, length_ - end_));
    auto next = std::make_unique_for_overwrite<char[]>(capacity_);
    rest.copy(next.get(), rest.size());
    filled_ = rest.size();
    KeepPiece();
    piece_ = std::move(next);
    position_ = 0;
  }
  void KeepPiece() {
    if (keep_ && position_ > 0) pieces_.push_back(std::move(piece_));
  }

  SegmentReader reader_;
  uint64_t length_;
  uint64_t end_;  // segment offset after the buffered bytes
  bool keep_;
  std::unique_ptr<char[]> piece_;
  size_t capacity_ = 0;
  size_t filled_ = 0;
  size_t position_ = 0;
  Pieces pieces_;
};

template <typename Visit>
StatusOr<TableWalk> Walk(const StoredSegment& segment, EntryBuffer& buffer, const Visit& visit) {
  while (true) {
    TableWalk stop{buffer.offset(), OkStatus()};
    if (buffer.unread().empty() && buffer.at_end()) return stop;
    StatusOr<TableEntry> entry = DecodeTableEntry(buffer.unread());
    if (entry.ok()) {
      visit(static_cast<int64_t>(buffer.offset()), *entry);
      buffer.Skip(entry->size);
      continue;
    }
    const bool incomplete = entry.status().code() == StatusCode::kOutOfRange &&
                            buffer.unread().size() <= kMaxWholeEntry;
    if (!incomplete) {
      stop.tail =
          DataLoss("'{}' at offset {}: {}", segment.name, stop.end, Message(entry.status()));
      return stop;
    }
    if (buffer.at_end()) {
      stop.tail = OutOfRange("'{}': the entry at offset {} is cut off by the end {}", segment.name,
                             stop.end, segment.length);
      return stop;
    }
    Status filled = buffer.Fill();
    if (filled.code() == StatusCode::kDataLoss || filled.code() == StatusCode::kOutOfRange) {
      stop.tail = NotFound("{}", Message(filled));
      return stop;
    }
    RETURN_IF_ERROR(filled);
  }
}

bool KeyLess(const LiveTableEntry& entry, std::string_view key) { return entry.key < key; }

// Until the newest versions are known, a removal is an entry whose value is nowhere.
bool IsRemoval(const LiveTableEntry& entry) { return entry.value.data() == nullptr; }

// By key; of one key the newest version last, and of two equal ones, the one further back in the
// file.
bool EntryOrder(const LiveTableEntry& a, const LiveTableEntry& b) {
  if (const int keys = a.key.compare(b.key); keys != 0) return keys < 0;
  return std::tie(a.version, a.offset) < std::tie(b.version, b.offset);
}

// Of all entries, in their order, leaves the newest version of each key.
void KeepNewest(TableScan& scan) {
  std::vector<LiveTableEntry>& all = scan.live;
  size_t kept = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i + 1 < all.size() && all[i + 1].key == all[i].key) continue;
    if (IsRemoval(all[i])) {
      scan.removed.push_back(all[i].key);
    } else {
      all[kept++] = all[i];
    }
  }
  all.resize(kept);
}

}  // namespace

const LiveTableEntry* TableScan::Find(std::string_view key, size_t near) const {
  const size_t at = LowerBoundFrom(live, near, key, KeyLess);
  return at < live.size() && live[at].key == key ? &live[at] : nullptr;
}

StatusOr<TableWalk> WalkTable(
    const Disk& disk, const StoredSegment& segment,
    const std::function<void(int64_t offset, const TableEntry& entry)>& visit) {
  EntryBuffer buffer(disk, segment, /*keep=*/false);
  return Walk(segment, buffer, visit);
}

StatusOr<TableScan> ScanTable(const Disk& disk, const StoredSegment& segment) {
  TableScan scan;
  bool ordered = true;  // as it is when the table was written in the order of its keys
  const auto keep = [&](int64_t offset, const TableEntry& entry) {
    scan.live.push_back(
        {entry.key, entry.value.value_or(std::string_view()), offset, entry.Version(offset)});
    // Asked now, while both keys are near.
    ordered =
        ordered && (scan.live.size() < 2 || EntryOrder(*(scan.live.end() - 2), scan.live.back()));
  };
  EntryBuffer buffer(disk, segment, /*keep=*/true);
  ASSIGN_OR_RETURN(TableWalk walk, Walk(segment, buffer, keep));
  scan.bytes = buffer.TakePieces();
  scan.entries = scan.live.size();
  scan.end = walk.end;
  scan.tail = std::move(walk.tail);
  if (!ordered) std::sort(scan.live.begin(), scan.live.end(), EntryOrder);
  KeepNewest(scan);
  return scan;
}

}  // namespace pdr

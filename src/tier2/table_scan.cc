#include "tier2/table_scan.h"

#include <map>

namespace pdr {
namespace {

constexpr size_t kPieceBytes = size_t{4} << 20;
constexpr size_t kMaxWholeEntry = kMaxTableEntryBytes + kTableEntryHeaderBytes;

// The bytes from one entry boundary on, filled piece by piece.
class EntryBuffer {
 public:
  EntryBuffer(const Disk& disk, const StoredSegment& segment)
      : reader_(disk, segment), length_(segment.length), end_(segment.start_offset) {}

  std::string_view unread() const { return std::string_view(bytes_).substr(position_); }
  uint64_t offset() const { return end_ - unread().size(); }
  bool at_end() const { return end_ >= length_; }
  void Skip(size_t n) { position_ += n; }

  Status Fill() {
    bytes_.erase(0, position_);
    position_ = 0;
    ASSIGN_OR_RETURN(std::string piece, reader_.ReadSome(end_, kPieceBytes));
    end_ += piece.size();
    bytes_ += piece;
    return OkStatus();
  }

 private:
  SegmentReader reader_;
  uint64_t length_;
  uint64_t end_;  // segment offset after the buffered bytes
  std::string bytes_;
  size_t position_ = 0;
};

}  // namespace

StatusOr<TableWalk> WalkTable(
    const Disk& disk, const StoredSegment& segment,
    const std::function<void(int64_t offset, const TableEntry& entry)>& visit) {
  EntryBuffer buffer(disk, segment);
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

StatusOr<TableScan> ScanTable(const Disk& disk, const StoredSegment& segment) {
  TableScan scan;
  std::map<std::string, int64_t> removed;  // the newest removal of a key: its version
  const auto keep = [&](int64_t offset, const TableEntry& entry) {
    ++scan.entries;
    const int64_t version = entry.Version(offset);
    std::string key(entry.key);
    // A table that was written in the order of its keys is appended to.
    auto& live = scan.live;
    auto at = live.empty() || live.rbegin()->first < key ? live.end() : live.lower_bound(key);
    const bool found = at != live.end() && at->first == key;
    if (found && at->second.version > version) return;
    if (!removed.empty()) {
      auto gone = removed.find(key);
      if (gone != removed.end() && gone->second > version) return;
      if (gone != removed.end()) removed.erase(gone);
    }
    if (!entry.value) {
      if (found) live.erase(at);
      removed.emplace(std::move(key), version);
    } else if (found) {
      at->second = {offset, version, std::string(*entry.value)};
    } else {
      live.emplace_hint(at, std::move(key),
                        LiveTableEntry{offset, version, std::string(*entry.value)});
    }
  };
  ASSIGN_OR_RETURN(TableWalk walk, WalkTable(disk, segment, keep));
  scan.end = walk.end;
  scan.tail = std::move(walk.tail);
  scan.removed.reserve(removed.size());
  for (const auto& [key, version] : removed) scan.removed.push_back(key);
  return scan;
}

}  // namespace pdr

#include "recovery/attribute_index.h"

#include <algorithm>

#include "format/btree_walk.h"

namespace pdr {
namespace {

constexpr uint64_t kSearchPieceBytes = uint64_t{256} * 1024;
constexpr int32_t kMinPageBytes = 14;

bool Plausible(const StoredSegment& index, const BtreeFooter& footer, uint64_t footer_offset) {
  return footer.root_offset >= static_cast<int64_t>(index.start_offset) &&
         footer.root_length >= kMinPageBytes &&
         static_cast<size_t>(footer.root_length) <= kBtreeMaxPageBytes &&
         static_cast<uint64_t>(footer.root_offset) <= footer_offset &&
         static_cast<uint64_t>(footer.root_length) <=
             footer_offset - static_cast<uint64_t>(footer.root_offset);
}

// Whether the 12 bytes at footer_offset are a footer whose root page reads back.
StatusOr<bool> Validates(const Disk& disk, const StoredSegment& index, const BtreeFooter& footer,
                         uint64_t footer_offset, size_t key_length) {
  if (!Plausible(index, footer, footer_offset)) return false;
  StatusOr<std::string> page = ReadSegment(disk, index, static_cast<uint64_t>(footer.root_offset),
                                           static_cast<size_t>(footer.root_length));
  if (absl::IsDataLoss(page.status()) || absl::IsOutOfRange(page.status())) return false;
  RETURN_IF_ERROR(page.status());
  return DecodeBtreePage(*page, key_length).ok();
}

// The highest offset in `piece` (at segment offset `base`) where a validating footer begins.
StatusOr<bool> SearchPiece(const Disk& disk, const StoredSegment& index, std::string_view piece,
                           uint64_t base, size_t key_length, FoundIndex& found) {
  // A hole in the file may be large, and no footer is all zeros.
  if (piece[0] == '\0' && piece.substr(1) == piece.substr(0, piece.size() - 1)) return false;
  for (size_t at = piece.size() - kBtreeFooterBytes + 1; at-- > 0;) {
    StatusOr<BtreeFooter> footer = DecodeBtreeFooter(piece.substr(at, kBtreeFooterBytes));
    if (!footer.ok()) continue;
    ASSIGN_OR_RETURN(bool valid, Validates(disk, index, *footer, base + at, key_length));
    if (!valid) continue;
    found.footer = *footer;
    found.fact.valid_end = base + at + kBtreeFooterBytes;
    return true;
  }
  return false;
}

}  // namespace

StatusOr<FoundIndex> FindIndex(const Disk& disk, const StoredSegment& index, size_t key_length) {
  FoundIndex found;
  found.fact.present = true;
  const uint64_t first = index.chunks.empty() ? index.length : index.chunks.front().start_offset;
  uint64_t end = index.length;
  // The common case reads 12 bytes and one page; damage makes the pieces grow.
  uint64_t piece_bytes = kBtreeFooterBytes;
  while (end >= first + kBtreeFooterBytes) {
    const uint64_t from = std::max(first, end - std::min(end, piece_bytes));
    StatusOr<std::string> piece = ReadSegment(disk, index, from, static_cast<size_t>(end - from));
    if (absl::IsDataLoss(piece.status())) break;
    RETURN_IF_ERROR(piece.status());
    ASSIGN_OR_RETURN(bool hit, SearchPiece(disk, index, *piece, from, key_length, found));
    if (hit || from == first) break;
    end = from + kBtreeFooterBytes - 1;  // a footer may straddle two pieces
    piece_bytes = kSearchPieceBytes;
  }
  found.fact.whole = found.fact.valid_end == index.length;
  return found;
}

StatusOr<std::vector<BtreeLeafEntry>> ReadIndex(const Disk& disk, const StoredSegment& index,
                                                const BtreeFooter& footer, size_t key_length) {
  std::vector<BtreeLeafEntry> entries;
  auto read = [&](int64_t offset, int32_t length) {
    return ReadSegment(disk, index, static_cast<uint64_t>(offset), static_cast<size_t>(length));
  };
  RETURN_IF_ERROR(WalkBtree(read, footer, key_length, [&](std::string_view key, int64_t value) {
    entries.push_back({std::string(key), value});
    return OkStatus();
  }));
  return entries;
}

}  // namespace pdr

#include "recovery/tail.h"

#include <algorithm>

#include "base/bytes.h"

namespace pdr {
namespace {

constexpr uint64_t kLeastPieceBytes = uint64_t{4} * 1024;
constexpr uint64_t kMostPieceBytes = uint64_t{1024} * 1024;

// Serves headers out of one buffered piece, going forward. Of large events only the headers are
// read: a piece grows as long as the next header asked for is near, and is small again when not.
class HeaderSource {
 public:
  HeaderSource(const Disk& disk, const StoredSegment& segment)
      : reader_(disk, segment), length_(segment.length) {}

  // The 8 header bytes at `offset`; offset + 8 <= length.
  StatusOr<std::string_view> At(uint64_t offset) {
    if (offset < start_ || offset + kEventHeaderBytes > start_ + piece_.size()) {
      RETURN_IF_ERROR(Fill(offset));
    }
    return std::string_view(piece_).substr(offset - start_, kEventHeaderBytes);
  }

 private:
  Status Fill(uint64_t offset) {
    const bool near = offset >= start_ && offset - start_ <= 2 * piece_.size();
    piece_bytes_ = near ? std::min(2 * piece_bytes_, kMostPieceBytes) : kLeastPieceBytes;
    start_ = offset;
    piece_.clear();
    const uint64_t most = std::min(piece_bytes_, length_ - offset);
    while (piece_.size() < kEventHeaderBytes) {  // not across chunks, unless a header is
      ASSIGN_OR_RETURN(std::string more,
                       reader_.ReadSome(offset + piece_.size(), most - piece_.size()));
      piece_ += more;
    }
    return OkStatus();
  }

  SegmentReader reader_;
  const uint64_t length_;
  uint64_t start_ = 0;
  uint64_t piece_bytes_ = kLeastPieceBytes;
  std::string piece_;
};

// True if the bytes before the end, too few for a header, can begin one: its type is 0.
bool CanBeginHeader(std::string_view bytes) {
  const std::string_view type = bytes.substr(0, 4);
  return type.find_first_not_of('\0') == std::string_view::npos;
}

constexpr int kChainEvents = 64;       // this many in a row are no accident
constexpr int kChainEventsToTorn = 4;  // ... or this many, when the last one is torn
constexpr int kMaxChains = 65536;

// True if event headers follow one another from `at` on. Empty events would make a chain of zeros.
StatusOr<bool> ChainHolds(HeaderSource& source, const StoredSegment& segment, uint64_t at) {
  for (int events = 0; events < kChainEvents; ++events) {
    if (at == segment.length) return events > 0;
    if (segment.length - at < kEventHeaderBytes) return events >= kChainEventsToTorn;
    ASSIGN_OR_RETURN(std::string_view header, source.At(at));
    ByteReader r(header);
    const int32_t type = r.I32();
    const int32_t length = r.I32();
    if (type != 0 || length <= 0 || static_cast<uint64_t>(length) > kMaxEventBytes) return false;
    at += kEventHeaderBytes + static_cast<uint64_t>(length);
    if (at > segment.length) return events >= kChainEventsToTorn;
  }
  return true;
}

}  // namespace

StatusOr<std::optional<uint64_t>> FindFirstEvent(const Disk& disk, const StoredSegment& segment,
                                                 uint64_t from) {
  const uint64_t last = std::min(segment.length, from + kMaxEventBytes + kEventHeaderBytes);
  HeaderSource candidates(disk, segment);
  HeaderSource chain(disk, segment);
  int chains = 0;
  for (uint64_t at = from; at + kEventHeaderBytes <= last && chains < kMaxChains; ++at) {
    ASSIGN_OR_RETURN(std::string_view header, candidates.At(at));
    ByteReader r(header);
    if (r.I32() != 0 || r.I32() <= 0) continue;
    ++chains;
    ASSIGN_OR_RETURN(bool holds, ChainHolds(chain, segment, at));
    if (holds) return std::optional(at);
  }
  return std::optional<uint64_t>();
}

// Empty events are zeros, and zeros are what a file system leaves where data was never written.
constexpr uint64_t kMaxEmptyEvents = 8192;  // in a row

StatusOr<TailFact> WalkEvents(const Disk& disk, const StoredSegment& segment, uint64_t from,
                              const EventVisitor& visit) {
  TailFact fact;
  fact.walked_from = from;
  fact.proven = from <= segment.start_offset;
  fact.end = from;
  HeaderSource source(disk, segment);
  uint64_t empty = 0;  // events in a row, up to here
  while (fact.end < segment.length) {
    if (visit) {
      ASSIGN_OR_RETURN(bool go_on, visit(fact.end));
      if (!go_on) break;
    }
    if (segment.length - fact.end < kEventHeaderBytes) break;
    ASSIGN_OR_RETURN(std::string_view header, source.At(fact.end));
    ByteReader r(header);
    const int32_t type = r.I32();
    const int32_t length = r.I32();
    if (type != 0 || length < 0 || static_cast<uint64_t>(length) > kMaxEventBytes) {
      fact.kind = fact.units == 0 ? TailKind::kUnframed : TailKind::kDamaged;
      return fact;
    }
    const uint64_t next = fact.end + kEventHeaderBytes + static_cast<uint64_t>(length);
    if (next > segment.length) {
      fact.missing_bytes = next - segment.length;
      break;
    }
    fact.end = next;
    ++fact.units;
    empty = length == 0 ? empty + 1 : 0;
    if (empty > kMaxEmptyEvents) {
      fact.end -= empty * kEventHeaderBytes;
      fact.units -= empty;
      fact.kind = fact.units == 0 ? TailKind::kUnframed : TailKind::kDamaged;
      return fact;
    }
  }
  fact.torn_bytes = segment.length - fact.end;
  if (fact.torn_bytes > 0 && fact.torn_bytes < kEventHeaderBytes) {
    ASSIGN_OR_RETURN(std::string rest, ReadSegment(disk, segment, fact.end, fact.torn_bytes));
    if (!CanBeginHeader(rest)) {
      fact.kind = fact.units == 0 ? TailKind::kUnframed : TailKind::kDamaged;
      return fact;
    }
  }
  fact.kind = fact.torn_bytes == 0 ? TailKind::kWhole : TailKind::kTorn;
  return fact;
}

}  // namespace pdr

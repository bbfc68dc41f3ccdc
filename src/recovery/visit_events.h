// The events of a stored segment, one after the other. docs/formats/recovery-semantics.md H1.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "format/event_frames.h"
#include "recovery/tail.h"
#include "tier2/segment_data.h"

namespace pdr {

// Calls visit(payload) for whole events until it fails, or until the bytes are no events.
template <typename Visit>
Status VisitEvents(const Disk& disk, const StoredSegment& segment, uint64_t from, Visit&& visit) {
  constexpr uint64_t kPiece = uint64_t{1024} * 1024;
  SegmentReader reader(disk, segment);
  std::string buffer;
  bool good = true;
  while (good && from < segment.length) {
    ASSIGN_OR_RETURN(std::string piece, reader.ReadSome(from, kPiece));
    from += piece.size();
    buffer += piece;
    const uint64_t taken = ForEachEvent(
        buffer, [&](uint64_t, std::string_view payload) { good = good && visit(payload).ok(); });
    buffer.erase(0, taken);
    if (buffer.size() > kMaxEventBytes + kEventHeaderBytes) break;
  }
  return OkStatus();
}

}  // namespace pdr

// Where a stream segment's last whole event ends. docs/formats/recovery-semantics.md H1, H2.
#pragma once

#include <functional>

#include "base/status.h"
#include "recovery/evidence.h"
#include "tier2/segment_data.h"

namespace pdr {

inline constexpr uint64_t kMaxEventBytes = uint64_t{8} * 1024 * 1024;  // payload
inline constexpr uint64_t kEventHeaderBytes = 8;  // int32 type 0, int32 payload length

// Called at the beginning of every event, the last, torn one too; false ends the walk.
using EventVisitor = std::function<StatusOr<bool>(uint64_t at)>;

// Walks event headers from `from` (an event boundary >= segment.start_offset) to the end, reading
// in bounded pieces and skipping payloads that are larger than a piece.
StatusOr<TailFact> WalkEvents(const Disk& disk, const StoredSegment& segment, uint64_t from,
                              const EventVisitor& visit = nullptr);

// The first position from `from` on (at most one event further) where a chain of event headers
// begins that holds for many events or to the tail. Nothing when there is none: no events, perhaps.
// docs/formats/recovery-semantics.md H3.
StatusOr<std::optional<uint64_t>> FindFirstEvent(const Disk& disk, const StoredSegment& segment,
                                                 uint64_t from);

}  // namespace pdr

#include "format/reader_group_state.h"

#include <algorithm>

#include "format/event_frames.h"
#include "format/reader_group_updates.h"

namespace pdr {
namespace {

constexpr int32_t kInitialization = 1;
constexpr int32_t kUpdates = 2;

void KeepFarthest(const SegmentPositions& from, SegmentPositions& to) {
  for (const auto& [segment, offset] : from) {
    const auto [at, inserted] = to.emplace(segment, offset);
    if (!inserted) at->second = std::max(at->second, offset);
  }
}

}  // namespace

SegmentPositions ReaderGroupState::FarthestPositions() const {
  SegmentPositions farthest;
  for (const auto& [reader, positions] : readers) KeepFarthest(positions, farthest);
  for (const auto& [checkpoint, positions] : checkpoints) KeepFarthest(positions, farthest);
  KeepFarthest(unassigned, farthest);
  KeepFarthest(last_read, farthest);
  KeepFarthest(last_checkpoint, farthest);
  return farthest;
}

Status ApplyReaderGroupEvent(std::string_view event, ReaderGroupState& state) {
  ByteReader r(event);
  const int32_t kind = r.I32();
  if (!r.ok()) return DataLoss("reader group event of {} bytes", event.size());
  if (kind == kInitialization) return ApplyReaderGroupUpdate(r.Rest(), state);
  if (kind != kUpdates) return DataLoss("reader group event of unknown kind {}", kind);
  while (r.remaining() > 0) {
    const uint32_t length = r.U32();
    const std::string_view update = r.Take(length);
    if (!r.ok()) return DataLoss("reader group updates: {}", Message(r.status()));
    RETURN_IF_ERROR(ApplyReaderGroupUpdate(update, state));
  }
  return OkStatus();
}

ReaderGroupReplay ReplayReaderGroup(std::string_view bytes) {
  ReaderGroupReplay replay;
  replay.end = ForEachEvent(bytes, [&](uint64_t at, std::string_view event) {
    if (!replay.damage.ok()) return;
    const Status applied = ApplyReaderGroupEvent(event, replay.state);
    replay.damage = Annotate(applied, fmt::format("event at {}", at));
  });
  return replay;
}

}  // namespace pdr

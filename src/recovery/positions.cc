#include "recovery/positions.h"

#include <algorithm>
#include <map>

#include "format/names.h"
#include "format/reader_group_state.h"
#include "format/watermark.h"
#include "recovery/segment_kind.h"
#include "recovery/visit_events.h"

namespace pdr {
namespace {

std::string_view StreamPart(std::string_view segment) {
  return segment.substr(0, segment.rfind('/'));
}

// All positions of one holder in one stream.
struct Held {
  std::vector<std::string> beyond;
  std::string reset;
  void Add(const ReadPosition& position, int64_t length) {
    if (position.offset > length) {
      beyond.push_back(
          fmt::format("{} at {} (ends at {})", position.segment, position.offset, length));
    }
    reset += fmt::format("{}{}:{}", reset.empty() ? "" : ", ",
                         position.segment.substr(position.segment.rfind('/') + 1),
                         std::min(position.offset, length));
  }
};

}  // namespace

bool HoldsPositions(std::string_view segment) {
  const auto parsed = ParseStreamSegmentName(segment);
  if (!parsed || IsControllerReaderGroup(segment)) return false;
  return parsed->name.starts_with(kGroupStreamPrefix) ||
         parsed->name.starts_with(kMarkStreamPrefix);
}

StatusOr<std::vector<ReadPosition>> ReadPositions(const Disk& disk, const StoredSegment& segment,
                                                  uint64_t from) {
  const auto parsed = ParseStreamSegmentName(segment.name);
  SegmentPositions farthest;
  if (parsed && parsed->name.starts_with(kGroupStreamPrefix)) {
    ReaderGroupState state;
    RETURN_IF_ERROR(VisitEvents(disk, segment, from, [&](std::string_view event) {
      return ApplyReaderGroupEvent(event, state);
    }));
    farthest = state.FarthestPositions();
    for (const auto& [name, before] : state.future) farthest.emplace(name, kNotBegun);
  } else if (parsed) {
    const std::string stream = parsed->name.substr(kMarkStreamPrefix.size());
    RETURN_IF_ERROR(VisitEvents(disk, segment, from, [&](std::string_view event) -> Status {
      ASSIGN_OR_RETURN(Watermark mark, DecodeWatermark(event));
      for (const auto& [id, offset] : mark.cut) {
        int64_t& at = farthest[StreamSegmentName(parsed->scope, stream, id)];
        at = std::max(at, offset);
      }
      return OkStatus();
    }));
  }
  std::vector<ReadPosition> positions;
  for (const auto& [name, offset] : farthest) positions.push_back({segment.name, name, offset});
  return positions;
}

PositionCheck::PositionCheck(const Evidence& evidence) : evidence_(evidence) {
  for (const std::vector<ReadPosition>& positions : evidence.positions) {
    for (const ReadPosition& p : positions) {
      if (p.offset != kNotBegun) lengths_.emplace(p.segment, std::nullopt);
    }
  }
}

void PositionCheck::Add(const ContainerPlan& plan) {
  if (lengths_.empty()) return;
  for (const SegmentDecision& s : plan.segments) {
    const auto wanted = lengths_.find(s.info.name);
    if (wanted != lengths_.end()) wanted->second = s.info.length;
  }
}

void PositionCheck::Finish(std::vector<Anomaly>& anomalies) const {
  for (size_t c = 0; c < evidence_.positions.size(); ++c) {
    std::map<std::pair<std::string_view, std::string_view>, Held> held;  // by holder and stream
    for (const ReadPosition& p : evidence_.positions[c]) {
      if (p.offset == kNotBegun) continue;
      const std::optional<int64_t> length = lengths_.at(p.segment);
      if (length) held[{p.holder, StreamPart(p.segment)}].Add(p, *length);
    }
    for (const auto& [key, positions] : held) {
      if (positions.beyond.empty()) continue;
      anomalies.push_back(
          {"reader-position-beyond-end", static_cast<int>(c), std::string(key.first),
           fmt::format("beyond the recovered end: {}; reset to the stream cut {}: {}",
                       fmt::join(positions.beyond, ", "), key.second, positions.reset)});
    }
  }
}

}  // namespace pdr

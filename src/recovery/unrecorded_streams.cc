#include "recovery/unrecorded_streams.h"

#include <algorithm>
#include <map>

#include "format/controller_names.h"

namespace pdr {
namespace {

// Where no state is recorded, no epoch is believed: nearly all segments need no look at their name.
bool MayBeUnrecorded(SegmentStanding standing) {
  return standing == SegmentStanding::kUndecided || standing == SegmentStanding::kUnknown ||
         standing == SegmentStanding::kTruncating;
}

}  // namespace

std::string UnrecordedStreams::Describe(const Held& held) {
  std::string text = fmt::format(
      "the controller has no records of this stream: create it again, with {} segments or more, "
      "and "
      "the {} bytes that came back in them are served",
      held.segments, held.bytes);
  if (held.out_of_reach > 0) {
    text += fmt::format("; {} bytes in segments that scaling made stay out of its reach",
                        held.out_of_reach);
  }
  return text;
}

void UnrecordedStreams::Add(const ContainerPlan& plan) {
  for (const SegmentDecision& segment : plan.segments) {
    if (!MayBeUnrecorded(segment.sources.standing)) continue;
    if (!controller_.InUnrecordedStream(segment.info.name)) continue;
    const auto parsed = ParseStreamSegmentName(segment.info.name);
    Held& held = streams_[fmt::format("{}/{}", parsed->scope, parsed->name)];
    const int64_t bytes = segment.info.length - segment.info.start_offset;
    if (parsed->id.epoch > 0) {
      held.out_of_reach += bytes;
      continue;
    }
    held.bytes += bytes;
    held.segments = std::max(held.segments, int64_t{parsed->id.number} + 1);
  }
}

void UnrecordedStreams::Finish(std::vector<Anomaly>& anomalies) const {
  for (const auto& [name, held] : streams_) {
    if (held.bytes + held.out_of_reach == 0) continue;
    anomalies.push_back({"stream-unrecorded", -1, name, Describe(held)});
  }
}

}  // namespace pdr

#include "recovery/unrecorded_streams.h"

#include <algorithm>
#include <map>

#include "format/controller_names.h"

namespace pdr {
namespace {

struct Unrecorded {
  int64_t segments = 0;      // that a new stream needs to take all of the first epoch over
  int64_t bytes = 0;         // in them
  int64_t out_of_reach = 0;  // in segments of later epochs, which a new stream does not have
};

// Where no state is recorded, no epoch is believed: nearly all segments need no look at their name.
bool MayBeUnrecorded(SegmentStanding standing) {
  return standing == SegmentStanding::kUndecided || standing == SegmentStanding::kUnknown ||
         standing == SegmentStanding::kTruncating;
}

std::string Describe(const Unrecorded& held) {
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

}  // namespace

void NoteUnrecordedStreams(const ControllerEvidence& controller, Plan& plan) {
  std::map<std::string, Unrecorded> streams;
  for (const ContainerPlan& container : plan.containers) {
    for (const SegmentDecision& segment : container.segments) {
      if (!MayBeUnrecorded(segment.sources.standing)) continue;
      if (!controller.InUnrecordedStream(segment.info.name)) continue;
      const auto parsed = ParseStreamSegmentName(segment.info.name);
      Unrecorded& held = streams[fmt::format("{}/{}", parsed->scope, parsed->name)];
      const int64_t bytes = segment.info.length - segment.info.start_offset;
      if (parsed->id.epoch > 0) {
        held.out_of_reach += bytes;
        continue;
      }
      held.bytes += bytes;
      held.segments = std::max(held.segments, int64_t{parsed->id.number} + 1);
    }
  }
  for (const auto& [name, held] : streams) {
    if (held.bytes + held.out_of_reach == 0) continue;
    plan.anomalies.push_back({"stream-unrecorded", -1, name, Describe(held)});
  }
}

}  // namespace pdr

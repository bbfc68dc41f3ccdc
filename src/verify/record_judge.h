// Judges the segments of one container, one by one.
#pragma once

#include "format/segment_info.h"
#include "verify/container_state.h"
#include "verify/outcome.h"
#include "verify/segment_check.h"

namespace pdr::verify {

// Several may look at one state at the same time, each with an outcome of its own.
class RecordJudge {
 public:
  RecordJudge(const ContainerState& state, ContainerOutcome& outcome)
      : state_(state), outcome_(outcome), findings_(outcome.report, state.container) {}

  Status CheckRecord(const SegmentInfo& record);
  // metadata_C and storage_metadata_C.
  Status CheckSystemSegment(const Registered& segment);

 private:
  SegmentContext Context() const { return {state_.files, state_.options.layout}; }
  Status CheckIndex(const Registered& segment);
  void NoteRequests(const Registered& segment);

  const ContainerState& state_;
  ContainerOutcome& outcome_;
  Findings findings_;
};

}  // namespace pdr::verify

// The decision about one segment, before it is turned into files and records of a layout.
// docs/formats/recovery-semantics.md section 4.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recovery/evidence.h"
#include "recovery/plan.h"
#include "recovery/planner.h"

namespace pdr {

// One of the files in which the containers keep their own metadata.
bool IsContainerFile(const StoredChunk& chunk);

struct SegmentDraft {
  SegmentInfo info;  // as it will be registered, except attribute 7 of a rebuild
  bool registered = true;
  std::optional<StoredSegment> data;   // final extent; nothing = no bytes in Tier-2
  std::optional<StoredSegment> index;  // final extent of the attribute index; nothing = none kept
  bool data_changed = false;           // the extent differs from what Tier-2's metadata says
  bool index_changed = false;
  bool rebuild_index = false;  // build writes the index anew; `index` is then nothing
  std::string drop_code;       // why its files are set aside, when they are
  std::vector<Note> notes;
  SegmentSources sources;
};

// What is known about one segment. Pointers are null when there is no such thing.
struct SegmentInput {
  std::string name;
  int container = 0;
  const TableRecord* record = nullptr;
  const StoredSegment* data = nullptr;
  const StoredSegment* index = nullptr;
  const SegmentFacts* facts = nullptr;
  const Salvage* salvage = nullptr;
  const Salvage* index_salvage = nullptr;
};

SegmentDraft DraftSegment(const SegmentInput& input, const Evidence& evidence,
                          const PlanOptions& options);

}  // namespace pdr

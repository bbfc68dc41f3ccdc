// One registered segment against Tier-2. docs/formats/recovery-semantics.md section 1.5.
#pragma once

#include <cstdint>
#include <string>

#include "format/segment_info.h"
#include "verify/log_boot.h"
#include "verify/seen_files.h"
#include "verify/table_check.h"

namespace pdr::verify {

// What the next boot of the container would know of a segment: the log's view if it maps the
// segment, else the record's.
struct Registered {
  std::string name;
  int64_t length = 0;
  int64_t start_offset = 0;
  bool sealed = false;
  Attributes attributes;
  const LogSegment* log = nullptr;  // null: not mapped
};
Registered FromRecord(const SegmentInfo& record, const LogState& log);

struct SegmentContext {
  const SeenFiles& files;  // of the container
  Layout layout;
};

// Sizes, seal, offsets, and that every file the segment needs is there.
Status CheckSegment(const SegmentContext& context, const Registered& segment, const Stored* data,
                    Findings& findings);
// The files of an attribute index, and that it opens.
Status CheckIndexFiles(const SegmentContext& context, const Registered& segment,
                       const Stored& index, bool walk, Findings& findings);

// What only a recovery must have done; production is free to have changed it since.
void CheckFreshRecord(const SegmentInfo& record, Findings& findings);

}  // namespace pdr::verify

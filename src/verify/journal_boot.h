// The bootstrap of a chunked container: where the four system segments are, as their snapshot and
// journal files say. docs/formats/lts-chunked.md section 6.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "format/storage_metadata.h"
#include "tier2/disk.h"
#include "verify/findings.h"
#include "verify/names_on_disk.h"

namespace pdr::verify {

struct SystemSegment {
  SegmentMetadata metadata;
  std::vector<ChunkMetadata> chunks;  // in list order
};

struct SnapshotPointer {
  uint64_t id = 0;
  uint64_t epoch = 0;
};

// By segment name; nothing when the boot would fail, with a finding that says why.
StatusOr<std::optional<std::map<std::string, SystemSegment>>> BootSystemSegments(
    const Disk& disk, const JournalNames& names, std::optional<SnapshotPointer> pointer,
    uint64_t epoch, Findings& findings);

}  // namespace pdr::verify

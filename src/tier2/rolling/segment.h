// One segment of the rolling layout from its header and the inventory of chunk files.
// docs/formats/lts-rolling.md sections 3 and 5, recovery-semantics.md H25.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/rolling_header.h"
#include "tier2/file_index.h"
#include "tier2/view.h"

namespace pdr {

// The segment, or nothing when not one of the listed chunks exists. What is wrong goes to
// `anomalies`, with `container`.
std::optional<StoredSegment> AssembleRolling(const std::string& name, const RollingHeader& header,
                                             bool sealed, int container, FileCursor& files,
                                             std::vector<Anomaly>& anomalies);

// A whole segment in one file.
StoredSegment AssembleHeaderless(const InventoryFile& file, FileCursor& files);

}  // namespace pdr

// Chunks that are gone or short. docs/formats/recovery-semantics.md H29, H25.
#pragma once

#include <optional>

#include "recovery/evidence.h"
#include "tier2/segment_data.h"

namespace pdr {

// Shrinks `segment` to the bytes that can be read without a hole: chunks missing at the head move
// its start offset, the first hole further on ends it. Nothing when all chunks are there. Pure.
std::optional<HoleFact> CloseHoles(StoredSegment& segment);

// Ends `segment` at `end` (start_offset <= end <= length): drops and shortens chunks. Pure.
void CutSegment(StoredSegment& segment, uint64_t end);

}  // namespace pdr

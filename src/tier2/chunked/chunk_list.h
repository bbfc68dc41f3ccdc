// Chunk lists of stored segments, checked against the files. docs/formats/lts-chunked.md section 2,
// recovery-semantics.md H29.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "format/system_journal.h"
#include "tier2/file_index.h"
#include "tier2/view.h"

namespace pdr {

// Walks the list of a segment record through `records`. A list that does not add up is followed as
// far as it does, with the anomaly "list-broken".
StoredSegment AssembleChunked(const SegmentMetadata& segment, int64_t version,
                              const std::map<std::string, TransactionData>& records, int container,
                              FileIndex& files, std::vector<Anomaly>& anomalies);

// A system segment, whose list has been checked with its journal.
StoredSegment AssembleSystem(const SegmentSnapshot& state, int container, FileIndex& files,
                             std::vector<Anomaly>& anomalies);

}  // namespace pdr

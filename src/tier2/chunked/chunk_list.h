// Chunk lists of stored segments, checked against the files. docs/formats/lts-chunked.md section 2,
// recovery-semantics.md H29.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "format/system_journal.h"
#include "tier2/file_index.h"
#include "tier2/view.h"

namespace pdr {

// Bytes. Whatever says more is damaged: sums of what does not must not overflow.
inline constexpr uint64_t kMaxSegmentLength = uint64_t{1} << 62;

// The record of a chunk, valid until it is asked for another; nothing when there is no active one.
using FindChunkRecord = absl::FunctionRef<const ChunkMetadata*(const std::string& chunk)>;

// Walks the list of a segment record as far as there are records. Chunk records
// are trusted over the segment record's length, count and last chunk; the anomalies "list-broken"
// and "list-disagrees" say where they differ (recovery-image-chunked.md section 9).
StoredSegment AssembleChunked(SegmentMetadata segment, int64_t version, FindChunkRecord find,
                              int container, FileCursor& files, std::vector<Anomaly>& anomalies);

// A system segment, whose list has been checked with its journal.
StoredSegment AssembleSystem(const SegmentSnapshot& state, int container, FileCursor& files,
                             std::vector<Anomaly>& anomalies);

}  // namespace pdr

// The stored segments of a chunked container, from the records of its storage metadata table.
// docs/formats/lts-chunked.md section 2.
#pragma once

#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "format/storage_metadata.h"
#include "verify/findings.h"
#include "verify/stored.h"

namespace pdr::verify {

using StorageRecords = std::map<std::string, TransactionData>;  // live, by key

// Which segment lists a chunk file; a second segment that lists it is a finding.
using ChunkOwners = absl::flat_hash_map<std::string, std::string>;

// Follows the chunk lists of all active segments; `epoch` is that of the next boot.
StoredMap WalkChunkLists(const StorageRecords& records, uint64_t epoch, ChunkOwners& owners,
                         Findings& findings);

// One segment with its chunks in list order, as Stored. Checks what adds up and what does not.
Stored ToStored(const SegmentMetadata& segment, const std::vector<ChunkMetadata>& chunks,
                ChunkOwners& owners, Findings& findings);

}  // namespace pdr::verify

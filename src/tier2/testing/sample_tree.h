// Small Tier-2 trees for tests: the one-container chunked sample of the vectors, and rolling trees
// made here.
#pragma once

#include <string>
#include <vector>

#include "format/segment_info.h"
#include "tier2/testing/memory_disk.h"

namespace pdr {

// testdata/vectors/lts_sample_epoch<n>.json: container 0 of 1.
void LoadChunkedSample(const std::string& testdata, int epoch, MemoryDisk& disk);

// A table segment's bytes: one put per record.
std::string MetadataTable(const std::vector<SegmentInfo>& records);
SegmentInfo MakeRecord(const std::string& name, int64_t length = 0, int64_t start_offset = 0);

struct RollingChunkSpec {
  uint64_t offset = 0;
  std::string bytes;
};
// Header and chunks as RollingStorage leaves them: all chunks but the last read-only.
void PutRolling(MemoryDisk& disk, const std::string& segment,
                const std::vector<RollingChunkSpec>& chunks, bool sealed = false);
// metadata_<container> with these records and one for itself.
void PutRollingMetadata(MemoryDisk& disk, int container, std::vector<SegmentInfo> records);

}  // namespace pdr

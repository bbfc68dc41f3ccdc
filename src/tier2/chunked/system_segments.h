// The four system segments of a container, from its newest snapshot and the journals after it.
// docs/formats/lts-chunked.md sections 3, 4 and 6, recovery-image-chunked.md section 1.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "format/system_journal.h"

namespace pdr {

std::array<std::string, 4> SystemSegmentNames(int container);

// The state that bootstrap builds. Every error is one on which production's boot fails.
class SystemSegments {
 public:
  explicit SystemSegments(int container);  // four empty segments

  Status Apply(const SystemSnapshot& snapshot);
  Status Apply(const JournalRecord& record);  // a record seen before changes nothing
  // The last truncation of each segment; once, after all records.
  Status ApplyTruncations();

  // For step 4: segments whose length the last chunk's file decides.
  Status AdoptLastChunkLength(const std::string& segment, uint64_t file_size);

  const std::map<std::string, SegmentSnapshot>& segments() const { return segments_; }

 private:
  StatusOr<SegmentSnapshot*> Find(const std::string& segment);
  Status ApplyOne(const ChunkAddedRecord& record);
  Status ApplyOne(const AppendRecord& record);
  Status ApplyOne(const JournalTruncationRecord& record);
  Status ApplyOne(const SystemSnapshot& record) { return Apply(record); }

  std::map<std::string, SegmentSnapshot> segments_;
  std::map<std::string, JournalTruncationRecord> truncations_;
  absl::flat_hash_set<std::string> seen_;  // encoded records
};

}  // namespace pdr

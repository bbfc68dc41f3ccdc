// System journal batches and snapshots. docs/formats/lts-chunked.md section 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "format/storage_metadata.h"

namespace pdr {

struct ChunkAddedRecord {
  std::string segment;
  std::string new_chunk;
  std::string old_chunk;  // empty = none
  uint64_t offset = 0;    // segment offset of the new chunk
  bool operator==(const ChunkAddedRecord&) const = default;
};
struct JournalTruncationRecord {
  std::string segment;
  uint64_t offset = 0;  // new start offset of the segment
  std::string first_chunk;
  uint64_t first_chunk_start_offset = 0;
  bool operator==(const JournalTruncationRecord&) const = default;
};
struct SegmentSnapshot {
  SegmentMetadata segment;
  std::vector<ChunkMetadata> chunks;  // in list order
  bool operator==(const SegmentSnapshot&) const = default;
};
struct SystemSnapshot {
  uint64_t epoch = 0;
  uint32_t file_index = 0;  // highest journal index of that epoch the snapshot includes
  std::vector<SegmentSnapshot> segments;
  bool operator==(const SystemSnapshot&) const = default;
};
struct AppendRecord {
  std::string segment;
  std::string chunk;
  uint64_t offset = 0;  // within the chunk
  uint64_t length = 0;
  bool operator==(const AppendRecord&) const = default;
};
using JournalRecord =
    std::variant<ChunkAddedRecord, JournalTruncationRecord, SystemSnapshot, AppendRecord>;

// All whole batches of a journal file, in order. A partial last batch ends the file without an
// error (`complete` = false), as production treats it; an unknown format byte is an error.
struct JournalFile {
  std::vector<std::vector<JournalRecord>> batches;
  bool complete = true;
};
StatusOr<JournalFile> DecodeJournalFile(std::string_view bytes);
std::string EncodeJournalBatch(const std::vector<JournalRecord>& records);

StatusOr<SystemSnapshot> DecodeSnapshotFile(std::string_view bytes);
std::string EncodeSnapshotFile(const SystemSnapshot& snapshot);
// The invariants production checks when it applies a snapshot.
Status CheckSnapshotInvariants(const SystemSnapshot& snapshot);

}  // namespace pdr

// What a rebuilt container consists of: new Tier-2 files and the durable log's frames.
// docs/formats/recovery-image-chunked.md sections 2-3, recovery-image-rolling.md sections 2-5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/attributes.h"
#include "format/segment_info.h"
#include "format/storage_records.h"
#include "tier2/inventory.h"

namespace pdr {

inline constexpr uint32_t kFileMode = 0644;
inline constexpr uint32_t kSealedFileMode = 0444;
inline constexpr uint64_t kIndexChunkBytes = 33554432;  // rollover size of attribute indexes

struct ImageFile {
  std::string path;  // relative to the Tier-2 root
  uint32_t mode = kFileMode;
  std::string content;
  bool operator==(const ImageFile&) const = default;
};

struct ContainerImage {
  std::vector<ImageFile> files;
  std::vector<std::string> frames;  // data frames, in log order
};

// A container about to be laid out. Records are complete and final.
struct ContainerState {
  int container = 0;
  Layout layout = Layout::kChunked;
  uint64_t epoch = 1;                 // above every epoch found on disk; the log record's epoch
  int64_t last_modified_ms = 0;       // stamped on the metadata segment in the checkpoint
  std::vector<SegmentInfo> segments;  // sorted by name; system tables are added by the layout
  // Chunked only: the storage metadata table's records, system segments left out.
  StorageRecords storage_records;
};

// Adds the files of one rolling segment: chunks of at most max_bytes, all but the last read-only,
// and the header. docs/formats/lts-rolling.md section 2.
void LayOutRollingSegment(const std::string& name, std::string_view data, uint64_t max_bytes,
                          std::vector<ImageFile>& files);

// Pure; same state, same bytes.
ContainerImage LayOutContainer(const ContainerState& state);

}  // namespace pdr

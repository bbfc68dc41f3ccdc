// Checkpoint payloads. docs/formats/durable-log.md section 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/attributes.h"

namespace pdr {

struct CheckpointSegment {
  int64_t segment_id = 0;
  std::string name;
  int64_t length = 0;
  int64_t storage_length = 0;
  bool merged = false;
  bool sealed = false;
  bool sealed_in_storage = false;
  bool deleted = false;
  bool deleted_in_storage = false;
  int64_t last_modified = 0;  // Java epoch ms
  int64_t start_offset = 0;
  Attributes attributes;  // core, non-null
  bool operator==(const CheckpointSegment&) const = default;
};
struct MetadataCheckpoint {
  int container = 0;
  std::vector<CheckpointSegment> segments;
  bool operator==(const MetadataCheckpoint&) const = default;
};
StatusOr<MetadataCheckpoint> DecodeMetadataCheckpoint(std::string_view bytes);
std::string EncodeMetadataCheckpoint(const MetadataCheckpoint& checkpoint);

struct StorageCheckpointSegment {
  int64_t segment_id = 0;
  int64_t storage_length = 0;
  bool sealed_in_storage = false;
  bool deleted = false;
  bool deleted_in_storage = false;
  bool operator==(const StorageCheckpointSegment&) const = default;
};
StatusOr<std::vector<StorageCheckpointSegment>> DecodeStorageMetadataCheckpoint(
    std::string_view bytes);
std::string EncodeStorageMetadataCheckpoint(const std::vector<StorageCheckpointSegment>& segments);

}  // namespace pdr

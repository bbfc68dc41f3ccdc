// The records of key-value tables and reader groups. docs/formats/controller-tables.md sections
// 6, 7.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "format/controller_records.h"

namespace pdr {

// Key-value tables and reader groups share their states.
enum class LifeState : uint8_t { kUnknown, kCreating, kDeleting, kActive };
std::string_view LifeStateName(LifeState state);
StatusOr<LifeState> DecodeLifeState(std::string_view bytes);

struct KvTableEpochRecord {
  int32_t epoch = 0;
  std::vector<SegmentRecord> segments;
  int64_t creation_time = 0;
  bool operator==(const KvTableEpochRecord&) const = default;
};
StatusOr<KvTableEpochRecord> DecodeKvTableEpochRecord(std::string_view bytes);

struct KvTableConfiguration {
  std::string scope;
  std::string table;
  int32_t partitions = 0;
  int32_t primary_key_length = 0;    // bytes
  int32_t secondary_key_length = 0;  // bytes; every key is primary + secondary
  bool operator==(const KvTableConfiguration&) const = default;
};
StatusOr<KvTableConfiguration> DecodeKvTableConfiguration(std::string_view bytes);

struct ReaderGroupConfiguration {
  int64_t refresh_ms = 0;
  int64_t checkpoint_interval_ms = 0;
  int32_t outstanding_checkpoints = 0;
  uint32_t retention_type = 0;
  int64_t generation = 0;
  bool updating = false;
  std::map<std::string, SegmentOffsets> start;  // scope/stream -> cut; empty cut = unbounded
  std::map<std::string, SegmentOffsets> end;
  bool operator==(const ReaderGroupConfiguration&) const = default;
};
StatusOr<ReaderGroupConfiguration> DecodeReaderGroupConfiguration(std::string_view bytes);

}  // namespace pdr

// The records of a stream's metadata table. docs/formats/controller-tables.md section 4.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/controller_records.h"

namespace pdr {

enum class StreamState : uint8_t {
  kUnknown,
  kCreating,
  kActive,
  kUpdating,
  kScaling,
  kCommittingTransactions,
  kTruncating,
  kSealing,
  kSealed,
};
std::string_view StreamStateName(StreamState state);  // as the controller prints it
StatusOr<StreamState> DecodeStreamState(std::string_view bytes);
std::string EncodeStreamState(StreamState state);

struct EpochRecord {
  int32_t epoch = 0;
  int32_t reference_epoch = 0;  // lower than `epoch` when it duplicates that epoch's segments
  std::vector<SegmentRecord> segments;
  int64_t creation_time = 0;
  bool operator==(const EpochRecord&) const = default;
};
StatusOr<EpochRecord> DecodeEpochRecord(std::string_view bytes);

struct StreamTruncationRecord {
  SegmentOffsets cut;             // where the stream begins; empty = never truncated
  std::set<SegmentId> deleted;    // segments before the cut, deleted
  std::set<SegmentId> to_delete;  // ... that an unfinished truncation deletes
  int64_t size_till = 0;          // bytes before the cut
  bool updating = false;          // the truncation is not finished
  bool operator==(const StreamTruncationRecord&) const = default;
};
StatusOr<StreamTruncationRecord> DecodeTruncationRecord(std::string_view bytes);

// A shard of the map segment -> length at which it was sealed by a scale.
StatusOr<SegmentOffsets> DecodeSealedSizes(std::string_view bytes);

struct RetentionCut {
  int64_t time = 0;  // ms
  int64_t size = 0;  // bytes of the stream before the cut
  SegmentOffsets cut;
  bool operator==(const RetentionCut&) const = default;
};
StatusOr<RetentionCut> DecodeRetentionCut(std::string_view bytes);

enum class ScaleType : uint8_t { kFixed, kByKilobytesPerSecond, kByEventsPerSecond };
struct ScalingPolicy {
  ScaleType type = ScaleType::kFixed;
  int32_t target_rate = 0;
  int32_t scale_factor = 0;
  int32_t min_segments = 0;
  bool operator==(const ScalingPolicy&) const = default;
};

enum class RetentionType : uint8_t { kTime, kSize };
struct RetentionPolicy {
  RetentionType type = RetentionType::kTime;
  int64_t limit = 0;  // ms or bytes
  int64_t max = 0;    // 0 when older than this field
  bool operator==(const RetentionPolicy&) const = default;
};

struct StreamConfiguration {
  std::string scope;
  std::string stream;
  std::optional<ScalingPolicy> scaling;
  std::optional<RetentionPolicy> retention;
  bool updating = false;
  int64_t rollover_size = 0;  // bytes; 0 = the server's default
  bool operator==(const StreamConfiguration&) const = default;
};
StatusOr<StreamConfiguration> DecodeStreamConfiguration(std::string_view bytes);

// A scale under way: these segments are to be sealed, those replace them.
struct EpochTransition {
  int32_t active_epoch = -1;
  std::set<SegmentId> to_seal;
  std::set<SegmentId> created;
  std::vector<std::pair<double, double>> ranges;  // of `created`, as recorded
  int64_t time = 0;                               // when it was asked for, ms
  // The controller keeps an empty record when no scale is under way.
  bool in_progress() const { return active_epoch >= 0; }
  bool operator==(const EpochTransition&) const = default;
};
StatusOr<EpochTransition> DecodeEpochTransition(std::string_view bytes);

}  // namespace pdr

// Segment attributes: ids, the core attributes, and segment types.
// docs/formats/table-segments.md section 2, recovery-semantics.md section 1.4.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "absl/container/btree_map.h"

namespace pdr {

// The 16-byte attribute id (two signed 64-bit halves); core ids have high = kCoreHigh.
struct AttributeId {
  int64_t high = 0;
  int64_t low = 0;
  auto operator<=>(const AttributeId&) const = default;
};

inline constexpr int64_t kNullAttributeValue = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kCoreHigh = std::numeric_limits<int64_t>::min();
// "No segment id": the id a record carries until the container maps the segment.
inline constexpr int64_t kNoSegmentId = std::numeric_limits<int64_t>::min();

constexpr AttributeId CoreAttribute(int64_t low) { return {kCoreHigh, low}; }

inline constexpr AttributeId kCreationTime = CoreAttribute(0);
inline constexpr AttributeId kEventCount = CoreAttribute(1);
inline constexpr AttributeId kScalePolicyType = CoreAttribute(2);
inline constexpr AttributeId kScalePolicyRate = CoreAttribute(3);
inline constexpr AttributeId kRolloverSize = CoreAttribute(4);
inline constexpr AttributeId kIndexRootPointer = CoreAttribute(7);
inline constexpr AttributeId kPersistSequenceNumber = CoreAttribute(8);
inline constexpr AttributeId kSegmentType = CoreAttribute(9);
inline constexpr AttributeId kSnapshotId = CoreAttribute(10);
inline constexpr AttributeId kSnapshotEpoch = CoreAttribute(11);
inline constexpr AttributeId kAttributeIdLength = CoreAttribute(12);
inline constexpr AttributeId kCreationEpoch = CoreAttribute(15);
inline constexpr AttributeId kIndexOffset = CoreAttribute(0x100000);
inline constexpr AttributeId kEntryCount = CoreAttribute(0x100001);
inline constexpr AttributeId kBucketCount = CoreAttribute(0x100002);
inline constexpr AttributeId kTotalEntryCount = CoreAttribute(0x100003);
inline constexpr AttributeId kCompactionOffset = CoreAttribute(0x100004);
inline constexpr AttributeId kMinUtilization = CoreAttribute(0x100005);
inline constexpr AttributeId kTableRetired = CoreAttribute(0x100006);

// Bits of kSegmentType.
inline constexpr int64_t kTypeTable = 0x01;
inline constexpr int64_t kTypeFixedKeyTable = 0x05;
inline constexpr int64_t kTypeSystemTable = 0x71;  // metadata and storage metadata tables
inline constexpr int64_t kTypeTransient = 0x80;

// Ordered, so that everything derived from it is the same on every run.
using Attributes = absl::btree_map<AttributeId, int64_t>;

}  // namespace pdr

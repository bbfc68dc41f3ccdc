// CompareSegment and CompareTable of live_check.h.
#include <algorithm>

#include "format/attributes.h"
#include "format/names.h"
#include "live/live_check.h"

namespace pdr {
namespace {

template <typename... Args>
void Find(LiveReport& report, const PlannedSegment& planned, std::string_view code,
          fmt::format_string<Args...> format, Args&&... args) {
  report.findings.push_back({std::string(code), planned.container, planned.info.name,
                             fmt::format(format, std::forward<Args>(args)...)});
}

int64_t AttributeOf(const SegmentInfo& info, AttributeId id) {
  const auto found = info.attributes.find(id);
  return found == info.attributes.end() ? kNullAttributeValue : found->second;
}

void CompareOffsets(const PlannedSegment& planned, const WireSegmentInfo& live,
                    LiveReport& report) {
  const SegmentInfo& info = planned.info;
  if (live.start_offset < info.start_offset) {
    Find(report, planned, "live-start", "begins at {}, planned at {}", live.start_offset,
         info.start_offset);
  }
  if (live.length < info.length) {
    Find(report, planned, "live-length", "ends at {}, planned at {}", live.length, info.length);
  } else if (info.sealed && live.length > info.length) {
    Find(report, planned, "live-length", "was planned sealed at {}, but ends at {}", info.length,
         live.length);
  }
  report.grown += live.length > info.length ? 1 : 0;
  report.truncated += live.start_offset > info.start_offset ? 1 : 0;
}

void CompareMissing(const PlannedSegment& planned, const WireReply& reply, LiveReport& report) {
  const auto* refusal = std::get_if<WireRefusal>(&reply.body);
  if (refusal != nullptr && refusal->type != WireType::kNoSuchSegment) {
    Find(report, planned, "live-unreadable", "the segment store answers {} {}",
         WireTypeName(refusal->type), refusal->text);
    return;
  }
  if (ParseTransactionName(planned.info.name)) {
    ++report.ended;
    return;
  }
  Find(report, planned, "live-missing",
       "does not exist: not recovered, or deleted since production was started");
}

}  // namespace

bool IsTable(const PlannedSegment& segment) {
  const int64_t type = AttributeOf(segment.info, kSegmentType);
  return type != kNullAttributeValue && (type & kTypeTable) != 0 &&
         !InternalSegmentContainer(segment.info.name);
}

void CompareSegment(const PlannedSegment& planned, const WireReply& reply, LiveReport& report) {
  const auto* live = std::get_if<WireSegmentInfo>(&reply.body);
  const bool exists = live != nullptr && live->exists && !live->deleted;
  if (InternalSegmentContainer(planned.info.name)) {
    ++(exists ? report.own : report.unanswered);
    return;
  }
  if (!exists) {
    CompareMissing(planned, reply, report);
    return;
  }
  ++report.segments;
  if (planned.info.sealed && !live->sealed) {
    Find(report, planned, "live-seal", "is not sealed, but was planned to be");
  }
  report.sealed += live->sealed && !planned.info.sealed ? 1 : 0;
  CompareOffsets(planned, *live, report);
}

void CompareTable(const PlannedSegment& planned, const WireReply& reply, LiveReport& report) {
  const auto* live = std::get_if<WireTableInfo>(&reply.body);
  if (live == nullptr) {
    CompareMissing(planned, reply, report);
    return;
  }
  ++report.tables;
  report.keys += static_cast<uint64_t>(std::max<int64_t>(live->entries, 0));
  // A fixed-key table's keys are counted in its index only.
  const bool counted = AttributeOf(planned.info, kSegmentType) != kTypeFixedKeyTable;
  const int64_t expected = AttributeOf(planned.info, kEntryCount);
  const bool unchanged =
      live->length == planned.info.length && live->start_offset == planned.info.start_offset;
  if (counted && unchanged && expected != kNullAttributeValue && live->entries != expected) {
    Find(report, planned, "live-keys", "has {} keys, planned {}, although nothing was written",
         live->entries, expected);
  }
}

}  // namespace pdr

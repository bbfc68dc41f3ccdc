#include "container/segment_container.h"

#include "format/names.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

Status CheckState(const SegmentInfo& s) {
  if (!IsSafeRelativePath(s.name)) return InvalidArgument("segment name '{}'", s.name);
  if (s.start_offset >= 0 && s.start_offset <= s.length) return OkStatus();
  return InvalidArgument("{}: start offset {} and length {} cannot be", s.name, s.start_offset,
                         s.length);
}

}  // namespace

Status SegmentContainer::CreateSegments(std::vector<SegmentInfo> segments) {
  for (SegmentInfo& s : segments) {
    RETURN_IF_ERROR(CheckState(s));
    const std::string name = s.name;
    if (!segments_.emplace(name, std::move(s)).second) return AlreadyExists("segment {}", name);
  }
  return OkStatus();
}

Status SegmentContainer::UpdateAttributes(const std::string& segment,
                                          const Attributes& attributes) {
  auto it = segments_.find(segment);
  if (it == segments_.end()) return NotFound("segment {}", segment);
  for (const auto& [id, value] : attributes) {
    if (id.high != kCoreHigh) return InvalidArgument("{}: only core attributes", segment);
    if (value == kNullAttributeValue) {
      it->second.attributes.erase(id);
    } else {
      it->second.attributes[id] = value;
    }
  }
  return OkStatus();
}

void SegmentContainer::SetStorageRecords(StorageRecords records) {
  storage_records_ = std::move(records);
}

ContainerImage SegmentContainer::LayOut() const {
  ContainerState state;
  state.container = options_.container;
  state.layout = options_.layout;
  state.epoch = options_.epoch;
  state.last_modified_ms = options_.last_modified_ms;
  state.segments.reserve(segments_.size());
  for (const auto& [name, info] : segments_) state.segments.push_back(info);
  state.storage_records = storage_records_;
  return LayOutContainer(state);
}

Status SegmentContainer::Flush(Disk& disk, Tier1& tier1) const {
  DurableLog log(tier1, options_.container);
  LogMetadata record;
  record.epoch = options_.epoch;
  RETURN_IF_ERROR(log.Reserve(record));
  const ContainerImage image = LayOut();
  for (const ImageFile& file : image.files) {
    RETURN_IF_ERROR(MakeDirs(disk, ParentPath(file.path)));
    RETURN_IF_ERROR(WriteFileDurably(disk, file.path, file.content, file.mode));
  }
  ASSIGN_OR_RETURN(int64_t ledger, log.WriteLedger(image.frames, options_.run_id));
  ASSIGN_OR_RETURN(std::optional<VersionedLogMetadata> reserved, log.Load());
  if (!reserved) return Aborted("the log of container {} vanished", options_.container);
  record.ledgers.push_back({ledger, 1, LedgerStatus::kUnknown});
  record.enabled = true;
  return log.Store(record, reserved->version).status();
}

}  // namespace pdr

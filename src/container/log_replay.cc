#include "container/log_replay.h"

#include <algorithm>
#include <set>

namespace pdr {
namespace {

bool IsCore(const AttributeId& id) { return id.high == kCoreHigh; }

// Java's addition; an overflow is caught by the final check, as it is in production.
int64_t Plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

void Update(ReplayedSegment& segment, const std::vector<AttributeUpdate>& updates) {
  for (const AttributeUpdate& u : updates) {
    if (IsCore(u.id)) segment.attributes[u.id] = u.value;
  }
}

Attributes CoreOnly(const Attributes& attributes) {
  Attributes core;
  for (const auto& [id, value] : attributes) {
    if (IsCore(id)) core[id] = value;
  }
  return core;
}

Status CheckWritable(const ReplayedSegment& segment) {
  if (segment.merged) return DataLoss("segment {} is merged", segment.name);
  if (segment.sealed) return DataLoss("segment {} is sealed", segment.name);
  return OkStatus();
}

bool OnlyCore(const UpdateAttributesOperation& op) {
  return op.variable_updates.empty() &&
         std::all_of(op.updates.begin(), op.updates.end(),
                     [](const AttributeUpdate& u) { return IsCore(u.id); });
}

template <typename Record>
void SetStorageState(ReplayedSegment& segment, const Record& record) {
  segment.storage_length = record.storage_length;
  segment.sealed_in_storage = record.sealed_in_storage;
  segment.deleted = record.deleted;
  segment.deleted_in_storage = record.deleted_in_storage;
}

}  // namespace

Status LogReplay::Feed(std::string_view frame, const LogAddress& address) {
  RETURN_IF_ERROR(failure_);
  auto operations = reader_.Feed(frame, address);
  failure_ = operations.status();
  RETURN_IF_ERROR(failure_);
  for (const Operation& operation : *operations) {
    failure_ = Annotate(
        Apply(operation),
        fmt::format("operation {} ({})", operation.sequence_number, OperationName(operation)));
    RETURN_IF_ERROR(failure_);
  }
  return OkStatus();
}

StatusOr<ReplayedContainer> LogReplay::Finish() {
  RETURN_IF_ERROR(failure_);
  RETURN_IF_ERROR(CheckResult());
  for (auto& [id, segment] : result_.segments) {
    segment.attributes.try_emplace(kSegmentType, 0);
    segment.sealed_in_storage = segment.sealed_in_storage && segment.sealed;
    segment.deleted_in_storage = segment.deleted_in_storage && segment.deleted;
  }
  return std::move(result_);
}

Status LogReplay::Apply(const Operation& operation) {
  const bool checkpoint = std::holds_alternative<MetadataCheckpointOperation>(operation.body);
  // Truncation leaves operations of an older time in front of the first checkpoint.
  if (result_.operations == 0 && !checkpoint) return OkStatus();
  RETURN_IF_ERROR(std::visit([&](const auto& op) { return Accept(op); }, operation.body));
  ++result_.operations;
  result_.last_sequence_number = operation.sequence_number;
  return OkStatus();
}

StatusOr<ReplayedSegment*> LogReplay::Mapped(int64_t id) {
  const auto it = result_.segments.find(id);
  if (it == result_.segments.end()) return DataLoss("segment id {} is not mapped", id);
  return &it->second;
}

StatusOr<ReplayedSegment*> LogReplay::Target(int64_t id) {
  ASSIGN_OR_RETURN(ReplayedSegment * segment, Mapped(id));
  if (segment->deleted) return DataLoss("segment {} is deleted", segment->name);
  return segment;
}

// An id that is mapped keeps its name, whatever name comes with it.
ReplayedSegment& LogReplay::GetOrCreate(int64_t id, const std::string& name) {
  const auto [it, created] = result_.segments.try_emplace(id);
  if (created) {
    it->second.name = name;
    ids_[name] = id;
  }
  return it->second;
}

void LogReplay::Unmap(int64_t id) {
  const auto it = result_.segments.find(id);
  ids_.erase(it->second.name);
  result_.segments.erase(it);
}

Status LogReplay::Accept(const AppendOperation& op) {
  ASSIGN_OR_RETURN(ReplayedSegment * segment, Target(op.segment_id));
  RETURN_IF_ERROR(CheckWritable(*segment));
  if (op.offset != segment->length) {
    return DataLoss("segment {} has length {}, the append is at {}", segment->name, segment->length,
                    op.offset);
  }
  segment->length = Plus(segment->length, static_cast<int64_t>(op.data.size()));
  Update(*segment, op.updates);
  return OkStatus();
}

Status LogReplay::Accept(const SealOperation& op) {
  ASSIGN_OR_RETURN(ReplayedSegment * segment, Target(op.segment_id));
  RETURN_IF_ERROR(CheckWritable(*segment));
  if (op.offset < 0) return DataLoss("seal at {}", op.offset);
  segment->sealed = true;
  return OkStatus();
}

Status LogReplay::Accept(const MergeOperation& op) {
  ASSIGN_OR_RETURN(ReplayedSegment * target, Target(op.target_id));
  ASSIGN_OR_RETURN(ReplayedSegment * source, Mapped(op.source_id));
  if (source->merged) return DataLoss("source {} is merged", source->name);
  if (!source->sealed) return DataLoss("source {} is not sealed", source->name);
  if (source->start_offset > 0) return DataLoss("source {} is truncated", source->name);
  if (target->sealed) return DataLoss("target {} is sealed", target->name);
  if (op.offset != target->length || op.length != source->length) {
    return DataLoss("merge of {} bytes at {}: the source has {}, the target {}", op.length,
                    op.offset, source->length, target->length);
  }
  source->merged = true;
  target->length = Plus(target->length, op.length);
  Update(*target, op.updates);
  return OkStatus();
}

Status LogReplay::Accept(const MapOperation& op) {
  const auto named = ids_.find(op.name);
  if (named != ids_.end() && named->second != op.segment_id) {
    return DataLoss("segment {} has id {} and is mapped to {}", op.name, named->second,
                    op.segment_id);
  }
  ReplayedSegment& segment = GetOrCreate(op.segment_id, op.name);
  segment.storage_length = op.length;
  segment.length = std::max(segment.length, op.length);
  if (segment.length > 0) segment.start_offset = std::min(op.start_offset, segment.length);
  segment.sealed = segment.sealed || op.sealed;
  segment.pinned = segment.pinned || op.pinned;
  segment.attributes = CoreOnly(op.attributes);
  return OkStatus();
}

Status LogReplay::Accept(const UpdateAttributesOperation& op) {
  ASSIGN_OR_RETURN(ReplayedSegment * segment, Target(op.segment_id));
  if (segment->merged || !OnlyCore(op)) RETURN_IF_ERROR(CheckWritable(*segment));
  Update(*segment, op.updates);
  return OkStatus();
}

Status LogReplay::Accept(const TruncateOperation& op) {
  ASSIGN_OR_RETURN(ReplayedSegment * segment, Target(op.segment_id));
  if (op.offset < segment->start_offset || op.offset > segment->length) {
    return DataLoss("segment {} spans {} to {}, truncated at {}", segment->name,
                    segment->start_offset, segment->length, op.offset);
  }
  segment->start_offset = op.offset;
  return OkStatus();
}

Status LogReplay::Accept(const DeleteOperation& op) {
  ASSIGN_OR_RETURN(ReplayedSegment * segment, Target(op.segment_id));
  segment->deleted = true;
  return OkStatus();
}

Status LogReplay::Accept(const MetadataCheckpointOperation& op) {
  ASSIGN_OR_RETURN(const MetadataCheckpoint checkpoint, DecodeMetadataCheckpoint(op.contents));
  if (checkpoint.container != container_) {
    return DataLoss("checkpoint of container {}, not {}", checkpoint.container, container_);
  }
  if (result_.operations > 0) return Follow(checkpoint);
  Begin(checkpoint);
  return OkStatus();
}

void LogReplay::Begin(const MetadataCheckpoint& checkpoint) {
  for (const CheckpointSegment& record : checkpoint.segments) {
    ReplayedSegment& segment = GetOrCreate(record.segment_id, record.name);
    SetStorageState(segment, record);
    segment.length = record.length;
    segment.start_offset = record.start_offset;
    segment.merged = record.merged;
    segment.sealed = record.sealed || record.sealed_in_storage;
    segment.deleted = record.deleted || record.deleted_in_storage;
    segment.attributes = CoreOnly(record.attributes);
  }
}

// A later checkpoint only tells how far the storage writer got, and what was evicted.
Status LogReplay::Follow(const MetadataCheckpoint& checkpoint) {
  std::map<int64_t, const CheckpointSegment*> records;
  for (const CheckpointSegment& record : checkpoint.segments) {
    if (!records.emplace(record.segment_id, &record).second) {
      return DataLoss("segment id {} is listed twice", record.segment_id);
    }
  }
  std::vector<int64_t> evicted;
  for (auto& [id, segment] : result_.segments) {
    const auto it = records.find(id);
    if (it != records.end()) {
      segment.sealed = segment.sealed || it->second->sealed_in_storage;
      SetStorageState(segment, *it->second);
    } else if (segment.deleted || segment.storage_length >= segment.length) {
      evicted.push_back(id);
    }
  }
  for (int64_t id : evicted) Unmap(id);
  return OkStatus();
}

Status LogReplay::Accept(const StorageMetadataCheckpointOperation& op) {
  ASSIGN_OR_RETURN(const auto records, DecodeStorageMetadataCheckpoint(op.contents));
  for (const StorageCheckpointSegment& record : records) {
    ASSIGN_OR_RETURN(ReplayedSegment * segment, Mapped(record.segment_id));
    SetStorageState(*segment, record);
  }
  return OkStatus();
}

Status LogReplay::CheckResult() const {
  std::set<std::string_view> names;
  for (const auto& [id, segment] : result_.segments) {
    if (!names.insert(segment.name).second) {
      return DataLoss("segment {} has two ids, one is {}", segment.name, id);
    }
    if (segment.length < 0 || segment.storage_length < 0 || segment.start_offset < 0 ||
        segment.start_offset > segment.length) {
      return DataLoss("segment {}: start {}, length {}, length in storage {}", segment.name,
                      segment.start_offset, segment.length, segment.storage_length);
    }
  }
  return OkStatus();
}

StatusOr<ReplayedContainer> ReplayLog(DurableLog& log) {
  LogReplay replay(log.container());
  RETURN_IF_ERROR(log.ReadAll([&](std::string_view frame, const LogAddress& address) {
    return replay.Feed(frame, address);
  }));
  return replay.Finish();
}

}  // namespace pdr

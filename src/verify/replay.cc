#include "verify/replay.h"

#include <algorithm>
#include <limits>
#include <variant>

#include "format/btree.h"

namespace pdr::verify {
namespace {

bool OnlyCore(const std::vector<AttributeUpdate>& updates) {
  return std::all_of(updates.begin(), updates.end(),
                     [](const AttributeUpdate& u) { return u.id.high == kCoreHigh; });
}

// False: no segment can be that long.
bool Extend(int64_t& length, int64_t by) {
  if (by < 0 || length > std::numeric_limits<int64_t>::max() - by) return false;
  length += by;
  return true;
}

}  // namespace

bool IsTable(const Attributes& attributes) {
  auto type = attributes.find(kSegmentType);
  if (type != attributes.end() && (type->second & kTypeTable) != 0) return true;
  return attributes.contains(kIndexOffset);  // tables from before the type attribute
}

bool IsFixedKeyTable(const Attributes& attributes) {
  auto type = attributes.find(kSegmentType);
  return type != attributes.end() && (type->second & kTypeFixedKeyTable) == kTypeFixedKeyTable;
}

Status Replay::Apply(const Operation& operation) {
  const bool checkpoint = std::holds_alternative<MetadataCheckpointOperation>(operation.body);
  if (!has_checkpoint() && !checkpoint) return OkStatus();
  Status status = std::visit([this](const auto& op) { return Do(op); }, operation.body);
  ++operations_;
  if (status.ok()) return status;
  return DataLoss("operation {} ({}): {}", operation.sequence_number, OperationName(operation),
                  Message(status));
}

StatusOr<LogSegment*> Replay::Mapped(int64_t id) {
  auto it = segments_.find(id);
  if (it == segments_.end()) return DataLoss("segment id {} is not mapped", id);
  return &it->second;
}

StatusOr<LogSegment*> Replay::Existing(int64_t id) {
  ASSIGN_OR_RETURN(LogSegment * segment, Mapped(id));
  if (segment->state.deleted) return DataLoss("segment {} is deleted", segment->state.name);
  return segment;
}

void Replay::Update(LogSegment& segment, const std::vector<AttributeUpdate>& updates,
                    const std::vector<VariableAttributeUpdate>& variable_updates) {
  const bool table = IsTable(segment.state.attributes);
  for (const AttributeUpdate& u : updates) {
    if (u.id.high != kCoreHigh) {
      if (table) segment.index_updates[BtreeKey(u.id)] = u.value;
    } else if (u.value == kNullAttributeValue) {
      segment.state.attributes.erase(u.id);
    } else {
      segment.state.attributes[u.id] = u.value;
    }
  }
  if (!table) return;
  for (const VariableAttributeUpdate& u : variable_updates) segment.index_updates[u.id] = u.value;
}

Status Replay::Do(const AppendOperation& op) {
  ASSIGN_OR_RETURN(LogSegment * segment, Existing(op.segment_id));
  CheckpointSegment& state = segment->state;
  if (state.merged || state.sealed) return DataLoss("{} is sealed or merged", state.name);
  if (op.offset != state.length) {
    return DataLoss("{}: append at {}, length is {}", state.name, op.offset, state.length);
  }
  Update(*segment, op.updates, op.variable_updates);
  if (!Extend(state.length, static_cast<int64_t>(op.data.size()))) {
    return DataLoss("{}: append at {}", state.name, op.offset);
  }
  if (IsTable(state.attributes) && !op.data.empty()) segment->appends[op.offset] = op.data;
  return OkStatus();
}

Status Replay::Do(const SealOperation& op) {
  ASSIGN_OR_RETURN(LogSegment * segment, Existing(op.segment_id));
  if (segment->state.merged || segment->state.sealed || op.offset < 0) {
    return DataLoss("{} cannot be sealed", segment->state.name);
  }
  segment->state.sealed = true;
  return OkStatus();
}

Status Replay::Do(const MergeOperation& op) {
  ASSIGN_OR_RETURN(LogSegment * target, Existing(op.target_id));
  ASSIGN_OR_RETURN(LogSegment * source, Existing(op.source_id));
  const CheckpointSegment& from = source->state;
  if (!from.sealed || from.merged || from.start_offset != 0 || from.length != op.length) {
    return DataLoss("{} cannot be merged", from.name);
  }
  if (target->state.sealed || target->state.merged || target->state.length != op.offset) {
    return DataLoss("{} cannot take a merge at {}", target->state.name, op.offset);
  }
  Update(*target, op.updates, {});
  if (!Extend(target->state.length, op.length)) {
    return DataLoss("{}: merge of {} bytes", target->state.name, op.length);
  }
  source->state.merged = true;
  return OkStatus();
}

Status Replay::Do(const MapOperation& op) {
  auto name = ids_.find(op.name);
  if (name != ids_.end() && name->second != op.segment_id) {
    return DataLoss("{} is mapped as id {} already", op.name, name->second);
  }
  // A mapped id keeps its first name, whatever this operation says.
  auto [it, fresh] = segments_.try_emplace(op.segment_id);
  CheckpointSegment& state = it->second.state;
  if (fresh) {
    state.segment_id = op.segment_id;
    state.name = op.name;
    ids_[op.name] = op.segment_id;
  }
  state.storage_length = op.length;
  state.length = std::max(state.length, op.length);
  if (state.length > 0) state.start_offset = std::min(op.start_offset, state.length);
  state.sealed = state.sealed || op.sealed;
  for (const auto& [id, value] : op.attributes) {
    if (id.high == kCoreHigh && value != kNullAttributeValue) state.attributes[id] = value;
  }
  return OkStatus();
}

Status Replay::Do(const UpdateAttributesOperation& op) {
  ASSIGN_OR_RETURN(LogSegment * segment, Existing(op.segment_id));
  if (segment->state.merged) return DataLoss("{} is merged", segment->state.name);
  if (segment->state.sealed && !(OnlyCore(op.updates) && op.variable_updates.empty())) {
    return DataLoss("{} is sealed", segment->state.name);
  }
  Update(*segment, op.updates, op.variable_updates);
  return OkStatus();
}

Status Replay::Do(const TruncateOperation& op) {
  ASSIGN_OR_RETURN(LogSegment * segment, Existing(op.segment_id));
  CheckpointSegment& state = segment->state;
  if (op.offset < state.start_offset || op.offset > state.length) {
    return DataLoss("{}: truncation at {} is outside [{}, {}]", state.name, op.offset,
                    state.start_offset, state.length);
  }
  state.start_offset = op.offset;
  return OkStatus();
}

Status Replay::Do(const DeleteOperation& op) {
  ASSIGN_OR_RETURN(LogSegment * segment, Mapped(op.segment_id));
  segment->state.deleted = true;
  return OkStatus();
}

Status Replay::Do(const MetadataCheckpointOperation& op) {
  ASSIGN_OR_RETURN(MetadataCheckpoint checkpoint, DecodeMetadataCheckpoint(op.contents));
  if (checkpoint.container != container_) {
    return DataLoss("the checkpoint is of container {}", checkpoint.container);
  }
  if (!has_checkpoint()) return Restart(checkpoint);
  Merge(checkpoint);
  return OkStatus();
}

Status Replay::Restart(const MetadataCheckpoint& checkpoint) {
  for (const CheckpointSegment& s : checkpoint.segments) {
    if (!ids_.emplace(s.name, s.segment_id).second) return DataLoss("{} occurs twice", s.name);
    if (!segments_.emplace(s.segment_id, LogSegment{s, {}, {}}).second) {
      return DataLoss("segment id {} occurs twice", s.segment_id);
    }
  }
  return OkStatus();
}

void Replay::Merge(const MetadataCheckpoint& checkpoint) {
  std::map<int64_t, const CheckpointSegment*> listed;
  for (const CheckpointSegment& s : checkpoint.segments) listed[s.segment_id] = &s;
  for (auto it = segments_.begin(); it != segments_.end();) {
    CheckpointSegment& state = it->second.state;
    auto found = listed.find(it->first);
    if (found == listed.end()) {
      if (state.deleted || state.storage_length >= state.length) {
        ids_.erase(state.name);
        it = segments_.erase(it);
        continue;
      }
    } else {
      const CheckpointSegment& s = *found->second;
      state.storage_length = s.storage_length;
      state.sealed_in_storage = s.sealed_in_storage;
      state.sealed = state.sealed || s.sealed_in_storage;
      state.deleted = s.deleted;
      state.deleted_in_storage = s.deleted_in_storage;
    }
    ++it;
  }
}

Status Replay::Do(const StorageMetadataCheckpointOperation& op) {
  ASSIGN_OR_RETURN(std::vector<StorageCheckpointSegment> listed,
                   DecodeStorageMetadataCheckpoint(op.contents));
  for (const StorageCheckpointSegment& s : listed) {
    ASSIGN_OR_RETURN(LogSegment * segment, Mapped(s.segment_id));
    CheckpointSegment& state = segment->state;
    state.storage_length = s.storage_length;
    state.sealed_in_storage = s.sealed_in_storage;
    state.sealed = state.sealed || s.sealed_in_storage;
    state.deleted = s.deleted;
    state.deleted_in_storage = s.deleted_in_storage;
  }
  return OkStatus();
}

std::map<std::string, LogSegment> Replay::TakeSegments() {
  std::map<std::string, LogSegment> result;
  for (auto& [id, segment] : segments_) {
    std::string name = segment.state.name;
    result.emplace(std::move(name), std::move(segment));
  }
  return result;
}

}  // namespace pdr::verify

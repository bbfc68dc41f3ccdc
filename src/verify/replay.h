// The in-memory metadata of a container as replaying its log makes it, with the checks production
// makes. docs/formats/durable-log.md sections 4 and 5.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/attributes.h"
#include "format/checkpoint.h"
#include "format/operation.h"

namespace pdr::verify {

struct LogSegment {
  CheckpointSegment state;
  // Of table segments only: what the log holds of the data, by segment offset, and of the index, by
  // stored B-tree key (kNullAttributeValue = removed). Both may be in Tier-2 already.
  std::map<int64_t, std::string> appends;
  std::map<std::string, int64_t> index_updates;

  bool gone() const { return state.deleted || state.merged; }
};

bool IsTable(const Attributes& attributes);
bool IsFixedKeyTable(const Attributes& attributes);

class Replay {
 public:
  explicit Replay(int container) : container_(container) {}

  // DataLoss: production would disable the log here.
  Status Apply(const Operation& operation);

  bool has_checkpoint() const { return operations_ > 0; }
  uint64_t operations() const { return operations_; }  // from the first checkpoint on
  // By name; moves the state out.
  std::map<std::string, LogSegment> TakeSegments();

 private:
  Status Do(const AppendOperation& op);
  Status Do(const SealOperation& op);
  Status Do(const MergeOperation& op);
  Status Do(const MapOperation& op);
  Status Do(const UpdateAttributesOperation& op);
  Status Do(const TruncateOperation& op);
  Status Do(const MetadataCheckpointOperation& op);
  Status Do(const StorageMetadataCheckpointOperation& op);
  Status Do(const DeleteOperation& op);
  Status Restart(const MetadataCheckpoint& checkpoint);
  void Merge(const MetadataCheckpoint& checkpoint);

  StatusOr<LogSegment*> Mapped(int64_t id);
  StatusOr<LogSegment*> Existing(int64_t id);  // mapped and not deleted
  static void Update(LogSegment& segment, const std::vector<AttributeUpdate>& updates,
                     const std::vector<VariableAttributeUpdate>& variable_updates);

  int container_;
  uint64_t operations_ = 0;
  std::map<int64_t, LogSegment> segments_;
  std::map<std::string, int64_t> ids_;
};

}  // namespace pdr::verify

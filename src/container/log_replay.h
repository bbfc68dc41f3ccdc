// What a segment container knows after recovering from its durable log, and whether production
// would accept that log. docs/formats/durable-log.md sections 4 and 5.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "container/operation_reader.h"
#include "format/attributes.h"
#include "format/checkpoint.h"
#include "tier1/durable_log.h"

namespace pdr {

struct ReplayedSegment {
  std::string name;
  int64_t length = -1;
  int64_t storage_length = -1;
  int64_t start_offset = 0;
  bool merged = false;
  bool sealed = false;
  bool sealed_in_storage = false;
  bool deleted = false;
  bool deleted_in_storage = false;
  bool pinned = false;
  Attributes attributes;  // core only
  bool operator==(const ReplayedSegment&) const = default;
};

struct ReplayedContainer {
  std::map<int64_t, ReplayedSegment> segments;  // by id
  int64_t last_sequence_number = 0;
  // From the first checkpoint on. With 0, production begins anew with an empty checkpoint.
  uint64_t operations = 0;
};

// Feed frames in log order, then Finish. The first error is final. DataLoss is a violation: what
// production answers by disabling the log or failing to start.
class LogReplay {
 public:
  explicit LogReplay(int container) : container_(container) {}

  Status Feed(std::string_view frame, const LogAddress& address);
  StatusOr<ReplayedContainer> Finish();

 private:
  Status Apply(const Operation& operation);

  // The segment, if it is mapped; with Target also not deleted.
  StatusOr<ReplayedSegment*> Mapped(int64_t id);
  StatusOr<ReplayedSegment*> Target(int64_t id);
  ReplayedSegment& GetOrCreate(int64_t id, const std::string& name);
  void Unmap(int64_t id);

  Status Accept(const AppendOperation& op);
  Status Accept(const SealOperation& op);
  Status Accept(const MergeOperation& op);
  Status Accept(const MapOperation& op);
  Status Accept(const UpdateAttributesOperation& op);
  Status Accept(const TruncateOperation& op);
  Status Accept(const MetadataCheckpointOperation& op);
  Status Accept(const StorageMetadataCheckpointOperation& op);
  Status Accept(const DeleteOperation& op);
  void Begin(const MetadataCheckpoint& checkpoint);
  Status Follow(const MetadataCheckpoint& checkpoint);
  // What production checks when it takes the result over.
  Status CheckResult() const;

  int container_;
  OperationReader reader_;
  ReplayedContainer result_;
  std::map<std::string, int64_t> ids_;  // by name
  Status failure_;
};

// Replays the whole log, changing nothing. NotFound if it was never created.
StatusOr<ReplayedContainer> ReplayLog(DurableLog& log);

}  // namespace pdr

// A segment container, opened on a durable log and a Tier-2 layout: creates segments with a
// predefined state, updates attributes, flushes, closes; reopened from its log it answers segment
// info. All segments of a flush are laid out at once: no segment costs a round trip.
// docs/formats/recovery-semantics.md sections 1.1-1.3.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "container/container_image.h"
#include "container/log_replay.h"
#include "tier1/tier1.h"
#include "tier2/disk.h"
#include "tier2/segment_data.h"

namespace pdr {

struct ContainerOptions {
  int container = 0;
  Layout layout = Layout::kChunked;
  uint64_t epoch = 1;            // of the log; above every epoch in Tier-2
  int64_t last_modified_ms = 0;  // stamped on the metadata segment
  std::string run_id;            // marks the ledger
};

class SegmentContainer {
 public:
  explicit SegmentContainer(ContainerOptions options) : options_(std::move(options)) {}

  // Adds segments as they are to be: name, sealed, length, start offset, attributes. AlreadyExists
  // when a name is there; InvalidArgument for offsets that cannot be. Nothing is written yet.
  Status CreateSegments(std::vector<SegmentInfo> segments);
  // Sets (or, with kNullAttributeValue, removes) core attributes of a created segment.
  Status UpdateAttributes(const std::string& segment, const Attributes& attributes);
  // Chunked: where the created segments' bytes are; the storage metadata table's records.
  void SetStorageRecords(StorageRecords records);

  // The files and frames of everything created so far; pure.
  ContainerImage LayOut() const;
  // Writes all of it where nothing is yet: Tier-2 files, durably and under their final names, then
  // the log, enabled last. AlreadyExists when a file or the log is there. (A recovery, which has
  // originals to set aside, stages LayOut() itself.)
  Status Flush(Disk& disk, Tier1& tier1) const;

 private:
  ContainerOptions options_;
  std::map<std::string, SegmentInfo> segments_;
  StorageRecords storage_records_;
};

// A container reopened from its log, read-only, as a flush or a recovery left it.
class OpenedContainer {
 public:
  // NotFound without a log; DataLoss when the log or Tier-2 is not what production would accept.
  static StatusOr<OpenedContainer> Open(const Disk& disk, Tier1& tier1, int container,
                                        Layout layout);

  // What production would answer, looked up through the metadata table's index. NotFound.
  StatusOr<SegmentInfo> GetSegmentInfo(const std::string& segment) const;
  uint64_t metadata_length() const { return table_.length; }

 private:
  explicit OpenedContainer(const Disk& disk) : disk_(&disk) {}
  Status FindChunked(int container, const ReplayedSegment& metadata);
  Status FindRolling(int container);
  StatusOr<StoredSegment> RollingSegment(const std::string& name) const;

  const Disk* disk_;
  StoredSegment table_;  // the metadata table in Tier-2
  StoredSegment index_;  // its attribute index
};

}  // namespace pdr

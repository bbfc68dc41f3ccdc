// `storage list-segments`: a row for every segment of a Tier-2, without the attribute indexes, and
// with no more of it in memory than that and the metadata of the containers that are being read.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/status.h"
#include "base/text_arena.h"
#include "format/segment_info.h"
#include "tier2/inventory.h"
#include "tier2/segment_data.h"
#include "tier2/view.h"

namespace pdr {

// Everything production would know, without attribute indexes, container metadata and the
// garbage-collection queues that every server makes for itself; a segment that exists only as a
// record has length 0.
struct SegmentRow {
  std::string_view name;
  uint64_t length = 0;
  uint64_t start_offset = 0;
  bool sealed = false;
};

struct Listing {
  std::vector<std::vector<SegmentRow>> containers;  // index = container id; rows sorted by name
  size_t anomalies = 0;                             // met on the way to the rows
  std::unique_ptr<TextArena> names;                 // of the rows
};

StatusOr<Listing> ListTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                            Progress& progress);

// What is stored says of a segment; `name` as part of something that outlives the row.
SegmentRow RowOf(std::string_view name, const StoredSegment& segment);

// The rows of one container: of what is stored, in any order, and proved to belong to it; and of
// its metadata records. Their names are in `names`.
StatusOr<std::vector<SegmentRow>> MergeWithRecords(const Disk& disk, int container_count,
                                                   ContainerView& container,
                                                   std::vector<SegmentRow> stored,
                                                   TextArena& names);

// The rows of one container from both its sources.
class RowMerger {
 public:
  // Rows of what is stored, in any order. The names of the rows that come out are in `names`.
  RowMerger(std::vector<SegmentRow> stored, TextArena& names);
  // In the order of their names. Returns whether it is of something that is stored.
  [[nodiscard]] bool AddRecord(std::string_view name, const SegmentInfo& record);
  std::vector<SegmentRow> Take();

 private:
  void Add(SegmentRow row);

  std::vector<SegmentRow> stored_;
  size_t next_ = 0;
  TextArena& names_;
  std::vector<SegmentRow> rows_;
};

}  // namespace pdr

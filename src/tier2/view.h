// Tier-2 as the old containers knew it: per container, the old metadata records and what is stored.
// Layout-neutral; rolling/ and chunked/ fill it. docs/formats/lts-rolling.md, lts-chunked.md.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/status.h"
#include "format/segment_info.h"
#include "format/storage_records.h"
#include "tier2/inventory.h"
#include "tier2/segment_data.h"

namespace pdr {

// Something in Tier-2 that is not as a clean shutdown leaves it. Codes are listed in
// docs/anomalies.md; lower-case words joined by '-', e.g. "chunk-missing".
struct Anomaly {
  std::string code;
  int container = -1;   // -1: not about one container
  std::string subject;  // segment or file name
  std::string message;  // what, where
  bool operator==(const Anomaly&) const = default;
};

// A segment's record, and where in metadata_<C> its entry begins.
struct TableRecord : SegmentInfo {
  int64_t entry_at = -1;
};

struct ContainerView {
  int container = 0;
  // The old metadata table, newest version per key; includes records of system segments.
  std::map<std::string, TableRecord> records;
  // Every stored segment that the container owns, attribute indexes included, system segments not.
  std::map<std::string, StoredSegment> stored;
  // metadata_<C>, its index; chunked also storage_metadata_<C> and its index. Only those found.
  std::map<std::string, StoredSegment> system;

  // Chunked only: the active records of the storage metadata table; system segments left out.
  // `inactive` holds the keys of records without the ACTIVE flag and of delete markers.
  StorageRecords storage_records;
  std::set<std::string> inactive;

  // Keys that the container metadata table or, chunked, the storage metadata table once had and
  // removed: segments (and chunks) that were deleted, or merged into another.
  std::set<std::string> removed;

  std::vector<Anomaly> anomalies;

  // Whether the storage metadata once had this key, and gave it up.
  bool GaveUp(const std::string& key) const {
    return inactive.contains(key) || removed.contains(key);
  }
  // Stored segments of this container that were found elsewhere, and their anomalies.
  void AddSegments(ContainerView part);
};

// What Tier-2 says that is not about one container.
struct Tier2Whole {
  Layout layout = Layout::kChunked;
  int container_count = 0;
  // Highest epoch in any chunk, journal or snapshot name, owner epoch or CREATION_EPOCH; 0 = none
  // (rolling files carry no epoch).
  uint64_t max_epoch = 0;
  // Chunk files that no stored segment lists (all containers), sorted. Chunked and rolling.
  std::vector<std::string> unreferenced;
  std::vector<Anomaly> anomalies;  // not about one container
};

struct Tier2View : Tier2Whole {
  std::vector<ContainerView> containers;  // index = container id

  // All anomalies, in a stable order.
  std::vector<Anomaly> AllAnomalies() const;
};

// With the containers that the inventory found, and nothing in them.
Tier2View EmptyView(const Inventory& inventory);

// Of the containers' metadata tables together.
uint64_t MetadataBytes(const Inventory& inventory);

// How many containers to read at a time: as many as there are processors (`threads`), and more, so
// that calls can be waited for side by side, where their metadata tables are small.
size_t ContainersAtOnce(const Disk& disk, const Inventory& inventory, size_t threads);

// Who takes what is read of the containers. Calls for different containers may come side by side.
class ContainerTaker {
 public:
  virtual ~ContainerTaker() = default;
  // All of a container, once.
  virtual Status Take(ContainerView container) = 0;
  // How many stored segments may come together, of all containers, before they are handed over as
  // parts: only the rolling layout is not read container by container.
  virtual uint64_t most_segments() const = 0;
  // Part of a container, to be put aside until all of it is wanted.
  virtual Status TakePart(ContainerView part) = 0;
  // Adds the parts of its container that were put aside.
  virtual Status Complete(ContainerView& container) = 0;
};

// Reads all containers' metadata on so many threads, and hands them over. One unreadable segment
// becomes an anomaly; unreadable metadata of a container is an error (H32).
StatusOr<Tier2Whole> ReadTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                               Progress& progress, ContainerTaker& taker);
// With all of them in memory.
StatusOr<Tier2View> ReadTier2(const Disk& disk, const Inventory& inventory, size_t threads,
                              Progress& progress);

}  // namespace pdr

// Gathering in parts, so that several hosts can share it: the views of all containers; then the
// tables of each container; then, once all of the controller's tables are known, the streams of
// each; then what all of them tell together. Gather() is all of it in a row.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/status.h"
#include "recovery/evidence.h"
#include "recovery/gather.h"
#include "recovery/salvage.h"
#include "tier2/disk.h"
#include "tier2/inventory.h"

namespace pdr {

// Whether a segment is looked into for itself.
bool IsJudged(const std::string& segment);

// The controller tables of a container by name; an error for one that could not be read.
using TableContents = std::map<std::string, StatusOr<TableValues>>;

// One container of the evidence, while it is added to.
struct GatherTarget {
  GatheredContainer& container;
  Layout layout;
};

// Everything but what the segments' bytes tell: container metadata, headers, file names and sizes.
class GatheredViews {
 public:
  static StatusOr<GatheredViews> Read(const Disk& disk, const Inventory& inventory,
                                      const GatherOptions& options, Progress& progress);

  // That are to be looked into; salvage may find more.
  uint64_t segments() const;
  // How many containers to work on side by side, up to `threads`.
  size_t AtOnce(size_t threads) const { return evidence_.containers.AtOnce(threads); }
  // A container with what salvage finds for it, but without its storage records. Once for each;
  // from any thread.
  StatusOr<GatheredContainer> Take(size_t container, Progress& progress);
  StatusOr<StorageRecords> TakeStorageRecords(size_t container);
  // When all are taken: what is not about one container, and a place for those that are.
  Evidence Finish();

 private:
  Evidence evidence_;
  std::vector<uint64_t> judged_;  // segments that are looked into, by container
  std::vector<OrphanChunks> orphans_;
  std::vector<std::set<std::string>> adopted_;  // of them
};

// Keeps up to `depth` segments under way at a time. Opens only files of that container's segments;
// what cannot be read becomes an anomaly.
TableContents GatherTables(const Disk& disk, const GatherOptions& options, size_t depth,
                           const GatherTarget& target, Progress& progress);
// From the tables of all containers; reads nothing.
ControllerEvidence GatherController(const TableContents& tables, size_t threads);
// As GatherTables.
void GatherStreams(const Disk& disk, const GatherOptions& options, size_t depth,
                   const ControllerEvidence& controller, const GatherTarget& target,
                   Progress& progress);

// What the containers together tell, when the streams of each are gathered.
class WholeGatherer {
 public:
  // The controller's evidence is there; it may be looked at until the end.
  explicit WholeGatherer(Evidence& evidence);
  // Takes out of the container what belongs to the whole. Once for each; from any thread.
  void Add(GatheredContainer& container);
  void Finish();

 private:
  void NoteSegment(const std::string& segment);
  void NoteTransaction(const std::string& segment);

  Evidence& evidence_;
  std::map<std::string, StreamEvidence*> made_ahead_;  // by segment
  std::set<std::string> unfinished_;  // ids of transactions that are open or being committed
  std::mutex mutex_;
  RequestEvidence requests_;
  std::vector<bool*> found_;  // in the controller's evidence
};

}  // namespace pdr

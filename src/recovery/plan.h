// The plan: what will be done, per container, and why. Pure data; the same evidence gives the same
// plan. docs/formats/recovery-semantics.md section 4 is the decision table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "container/container_image.h"
#include "format/cluster_nodes.h"
#include "format/segment_info.h"
#include "recovery/manifest.h"
#include "recovery/segment_sources.h"
#include "recovery/shelf.h"
#include "tier2/view.h"

namespace pdr {

// One reason for one decision: a code of docs/anomalies.md and a sentence with the numbers.
struct Note {
  std::string code;
  std::string message;
  bool operator==(const Note&) const = default;
};

struct SegmentDecision {
  SegmentInfo info;         // as it will be registered
  std::vector<Note> notes;  // empty: taken over as it was found
  SegmentSources sources = {};
  bool operator==(const SegmentDecision&) const = default;
};

// A file moved out of the namespace, into the run's directory; the bytes stay.
struct SetAside {
  std::string path;
  std::string code;
  bool operator==(const SetAside&) const = default;
};

// Rolling: a file that keeps its name but only its first bytes; the original is set aside.
struct FileCut {
  std::string path;
  uint64_t keep_bytes = 0;
  uint32_t mode = kFileMode;
  bool operator==(const FileCut&) const = default;
};

// A file whose mode is wrong for what its segment is (sealed or not). Rolling only.
struct ModeChange {
  std::string path;
  uint32_t from = 0;
  uint32_t to = 0;
  bool operator==(const ModeChange&) const = default;
};

// A table segment whose attribute index is written anew from its data at build time.
struct IndexRebuild {
  std::string segment;
  StoredSegment data;                  // after the cut
  std::optional<StoredSegment> index;  // the old one, needed for fixed-key tables
};

struct ContainerPlan {
  int container = 0;
  std::vector<SegmentDecision> segments;        // sorted by name
  std::vector<SegmentDecision> not_registered;  // what was known of those, likewise
  StorageRecords storage_records;               // chunked: final, but for rebuilds
  std::vector<SetAside> set_aside;              // sorted by path
  std::vector<FileCut> cuts;
  std::vector<ModeChange> modes;
  std::vector<ImageFile> rewritten;  // rolling headers, originals set aside; added chunks
  std::vector<IndexRebuild> rebuilds;
  std::vector<TableFile> table_files;  // of the old metadata tables
};

// Codec of a shelf, and of the hosts that share a recovery.
struct ContainerPlanCodec {
  static uint64_t Bytes(const ContainerPlan& plan);
  static ContainerPlan Cut(ContainerPlan& plan);
  static bool IsEmpty(const ContainerPlan& plan);
  static void Join(ContainerPlan& plan, ContainerPlan slice);
  static std::string Encode(const ContainerPlan& plan);
  // Of this container; DataLoss when it is another one's.
  static StatusOr<ContainerPlan> Decode(std::string_view bytes, size_t container);
};

// A tail that is cut to its last whole event or entry.
struct TailCut {
  int container = 0;
  std::string segment;
  uint64_t at = 0;
  uint64_t bytes = 0;
  bool proven = true;
  uint64_t walked_from = 0;
};

// What plans of containers come to, so that not all of them have to be looked at again.
struct PlanTotals {
  uint64_t segments = 0;  // registered, and of these
  uint64_t empty = 0;
  uint64_t sealed = 0;
  uint64_t bytes = 0;
  uint64_t rebuilds = 0;
  std::map<std::string, uint64_t> aside;  // files by code
  std::vector<TailCut> cuts;              // by container and segment
  std::set<std::string> touched;          // directories and files that a run changes
  uint64_t tier2_bytes = 0;               // that a run writes there, at most
  uint64_t workspace_bytes = 0;           // likewise

  void Add(PlanTotals other);
};
PlanTotals TotalsOf(const ContainerPlan& plan);

struct ControllerPlan {
  // The transaction id counter: high part, low part. docs/formats/recovery-image-rolling.md
  // section 6: one above the highest high part ever seen needs no list of old ids.
  TransactionCounter counter;
  std::vector<std::string> emptied_reader_groups;  // state segments of the controller's own groups
  std::vector<NodeWrite> nodes;                    // paths below the cluster's namespace, sorted
};

struct Loss {
  std::string subject;   // segment, transaction, or "cluster"
  std::string what;      // "bytes", "events", "entries", "keys", "transaction", "window"
  uint64_t amount = 0;   // of a window: segments that were open in it
  bool exact = false;    // false: at least this much
  std::string evidence;  // which file or table says so
  // Of a window: what was acknowledged before had reached Tier-2. Milliseconds since the epoch.
  std::optional<int64_t> from_ms = {};
  bool operator==(const Loss&) const = default;
};

// What is not about one container.
struct WholePlan {
  Layout layout = Layout::kChunked;
  int container_count = 0;
  uint64_t epoch = 1;  // of the logs: above every epoch found on disk
  PlanTotals totals;   // of all containers
  ControllerPlan controller;
  std::vector<Anomaly> anomalies;  // sorted; those that need --allow are in anomaly_codes.h
  std::vector<Loss> losses;        // sorted by subject
};

struct Plan : WholePlan {
  Shelf<ContainerPlan, ContainerPlanCodec> containers;
};

}  // namespace pdr

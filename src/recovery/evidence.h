// Everything the planner looks at: a value, gathered by reading Tier-2 and never by writing.
// docs/formats/recovery-semantics.md sections 1.3, 3 and 5.3.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/btree.h"
#include "recovery/controller_evidence.h"
#include "recovery/shelf.h"
#include "tier2/view.h"

namespace pdr {

// How a segment's bytes end.
enum class TailKind : uint8_t {
  kNotChecked,  // empty, or not a kind whose framing is known
  kWhole,       // ends on an event or entry
  kTorn,        // ends inside one: `end` is the boundary before
  kUnframed,    // the bytes are no events (a byte stream): kept as they are
  kDamaged,     // events, then bytes that are no event, far from the tail
};

struct TailFact {
  TailKind kind = TailKind::kNotChecked;
  uint64_t end = 0;          // offset after the last whole event or entry
  uint64_t walked_from = 0;  // where the walk began
  bool proven = true;        // walked from the start offset, not from a later known boundary
  uint64_t units = 0;        // events or entries walked over
  uint64_t torn_bytes = 0;   // between `end` and the stored length
  // Where the first event begins, when nothing says it: chunks begin anywhere (H3).
  std::optional<uint64_t> guessed_start;
  uint64_t missing_bytes = 0;  // of the torn event or entry, when its header is there
};

// The attribute index of a segment, judged on its own.
struct IndexFact {
  bool present = false;
  bool whole = true;       // the newest footer is at the very end
  uint64_t valid_end = 0;  // offset after the newest readable footer; 0 = none
};

// A table segment: its data against its index.
struct TableFact {
  bool fixed_key = false;
  uint64_t key_length = 16;   // of a fixed-key table
  uint64_t entries = 0;       // in the data, removals included
  uint64_t live_keys = 0;     // after recovery
  uint64_t index_ahead = 0;   // keys whose index points beyond the data: updates lost
  uint64_t index_behind = 0;  // keys whose newest entry the index does not point to
  bool in_step = true;        // index and data agree exactly
  uint64_t damaged_head = 0;  // bytes at its start that are no entry, before the first one
  // Fixed-key: no readable index. Removals exist only there, so all of them are undone (H9).
  bool removals_unknown = false;
};

// Chunk files that are missing or shorter than they must be. docs/formats/recovery-semantics.md
// H29.
struct HoleFact {
  uint64_t lost_head_bytes = 0;  // chunks missing at the start: the segment begins after them
  uint64_t cut_at = 0;           // the first hole further on: the segment ends there
  uint64_t lost_tail_bytes = 0;  // from there to the recorded end
  StoredSegment original;        // with the chunks that are gone
};

struct SegmentFacts {
  TailFact tail;
  std::shared_ptr<const HoleFact> hole;  // null: there is none, as nearly always
  IndexFact index;
  std::optional<TableFact> table;
};

// Fewer bytes than these may be equal by chance: a torn header looks like the next one.
inline constexpr uint64_t kTransactionProofBytes = 64;

// A stored transaction segment against the segment its commit merges into (H17).
struct TransactionFact {
  std::string target;        // "" = not known
  uint64_t bytes = 0;        // of the source, as stored
  uint64_t found_bytes = 0;  // of them, from the first on, that the target holds at `found_at`
  uint64_t found_at = 0;
  bool found_events_whole = true;  // what was found ends on an event
  bool shares_chunks = false;      // found because the target lists the source's chunk files
};

// A reader group's position in a segment that it will read when others have ended.
inline constexpr int64_t kNotBegun = -1;

// The farthest position that a reader group, or a stream's watermarks, name in a segment.
struct ReadPosition {
  std::string holder;  // the segment that says so
  std::string segment;
  int64_t offset = 0;
};

// What salvage did to a stored segment before anything was judged (chunked layout).
struct Salvage {
  uint64_t recorded_length = 0;  // by the storage metadata
  uint64_t adopted_bytes = 0;
  std::vector<std::string> adopted_chunks;  // files no record listed
};

struct ContainerEvidence {
  std::map<std::string, SegmentFacts> facts;  // by segment; attribute indexes not among the keys
  std::map<std::string, Salvage> salvaged;    // by segment
  std::map<std::string, TransactionFact> transactions;  // by transaction segment
  std::vector<ReadPosition> positions;                  // by holder
  RequestEvidence requests;
};

// Everything about one container: as Tier-2 has it, after salvage, and what was found out about it.
struct GatheredContainer {
  ContainerView view;
  ContainerEvidence evidence;
};
// Codec of a shelf, and of the hosts that share a recovery.
struct GatheredCodec {
  static uint64_t Bytes(const GatheredContainer& container);
  static GatheredContainer Cut(GatheredContainer& container);
  static bool IsEmpty(const GatheredContainer& container);
  static void Join(GatheredContainer& container, GatheredContainer slice);
  static std::string Encode(const GatheredContainer& container);
  // Of this container; DataLoss when it is another one's.
  static StatusOr<GatheredContainer> Decode(std::string_view bytes, size_t container);
};
// Codec of a shelf.
struct StorageRecordsCodec {
  static uint64_t Bytes(const StorageRecords& records);
  static StorageRecords Cut(StorageRecords& records);
  static bool IsEmpty(const StorageRecords& records);
  static void Join(StorageRecords& records, const StorageRecords& slice);
  static std::string Encode(const StorageRecords& records);
  static StatusOr<StorageRecords> Decode(std::string_view bytes, size_t container);
};

// What is not about one container.
struct WholeEvidence {
  Tier2Whole view;
  bool modes_lost = false;  // rolling: file modes do not tell what is sealed
  // The highest "high part" of the counter in any name, of segments, files and listed chunks.
  int32_t highest_transaction_high = 0;
  // When Tier-2 was last written to, by the times of its data files; nanoseconds since the epoch.
  int64_t newest_file_ns = 0;
};

struct Evidence : WholeEvidence {
  std::shared_ptr<Scratch> scratch = Scratch::None();  // for all that is as large as the cluster
  Shelf<GatheredContainer, GatheredCodec> containers;  // by container, and apart from them:
  Shelf<StorageRecords, StorageRecordsCodec> storage_records;  // nobody asks for them until the end
  // Of all containers, taken out of them.
  std::vector<std::vector<ReadPosition>> positions;  // by container
  // Of the transactions that the controller has not finished, those of which any segment is or was
  // there: their ids, in hex.
  std::set<std::string> transactions;
  // Chunk files that a transaction and the segment it is merged into both list.
  std::set<std::string> merged_chunks;
  ControllerEvidence controller;

  // Room for so many containers.
  void PlaceFor(size_t count, std::shared_ptr<Scratch> aside) {
    containers = {count, aside};
    storage_records = {count, aside};
    scratch = std::move(aside);
  }
  // Keeps a container, and its storage records apart from it.
  Status Put(size_t container, GatheredContainer value) {
    RETURN_IF_ERROR(storage_records.Put(container, std::exchange(value.view.storage_records, {})));
    return containers.Put(container, std::move(value));
  }
};

}  // namespace pdr

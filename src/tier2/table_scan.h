// Reading a table segment by scanning its entries. docs/formats/table-segments.md section 1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/table_entry.h"
#include "tier2/segment_data.h"

namespace pdr {

struct LiveTableEntry {
  std::string_view key;
  std::string_view value;
  int64_t offset = 0;   // of the entry in the segment
  int64_t version = 0;  // that made it win
};

struct TableScan {
  std::vector<LiveTableEntry> live;       // newest version per key, sorted by key; removals out
  std::vector<std::string_view> removed;  // keys whose newest version is a removal, sorted
  uint64_t entries = 0;                   // all entries read, removals included
  uint64_t end = 0;  // offset after the last whole entry; < segment length if the tail is torn
  // Why reading stopped before the length; OK when it did not. OutOfRange: the last entry is cut
  // off; DataLoss: bytes that are no entry; NotFound: a chunk is missing or too short.
  Status tail;
  // What was read, which the keys and values above are parts of. A table holds little more than
  // what is live in it: production compacts it (docs/formats/table-segments.md).
  std::vector<std::unique_ptr<char[]>> bytes;

  // Nothing when the key is not live. `near`: the index of an entry that is probably near.
  const LiveTableEntry* Find(std::string_view key, size_t near = 0) const;
};

// Streams the segment in bounded pieces from its start offset. Errors are I/O errors only; bytes
// that do not parse end the scan and are described in `tail`.
StatusOr<TableScan> ScanTable(const Disk& disk, const StoredSegment& segment);

// Calls `visit` for every whole entry in order, without keeping any; same stopping rule.
struct TableWalk {
  uint64_t end = 0;
  Status tail;
};
StatusOr<TableWalk> WalkTable(
    const Disk& disk, const StoredSegment& segment,
    const std::function<void(int64_t offset, const TableEntry& entry)>& visit);

}  // namespace pdr

// A table segment's data held against its attribute index, and the index it must have.
// docs/formats/recovery-semantics.md H4, H6-H9, H13; recovery-image-chunked.md section 9.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "format/btree.h"
#include "recovery/evidence.h"
#include "tier2/segment_data.h"
#include "tier2/table_scan.h"

namespace pdr {

struct TableJudgement {
  TableFact fact;
  TailFact tail;
  IndexFact index;
  // What a correct index holds, sorted by key; its statistics are needed for fixed-key tables only.
  std::vector<BtreeLeafEntry> entries;
  uint64_t buckets = 0;  // hash tables: distinct key hashes
  TableScan scan;        // live: without what only the index of a fixed-key table knows as removed
};

// `index` may be null (no index stored). Attributes tell the kind and the key length; for a
// fixed-key table without ATTRIBUTE_ID_LENGTH the length of its first key is taken.
StatusOr<TableJudgement> JudgeTable(const Disk& disk, const StoredSegment& data,
                                    const StoredSegment* index, const Attributes& attributes);

}  // namespace pdr

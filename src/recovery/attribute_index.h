// Reading attribute indexes as recovery needs it: the newest readable tree, even behind a torn
// tail. docs/formats/attribute-index.md section 5, recovery-semantics.md H5.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "format/btree.h"
#include "recovery/evidence.h"
#include "tier2/segment_data.h"

namespace pdr {

struct FoundIndex {
  IndexFact fact;
  BtreeFooter footer;  // of the newest readable tree; meaningless when fact.valid_end is 0
};

// Looks at the last 12 bytes first, then searches backwards for a footer whose root page validates.
// key_length in bytes. I/O errors are errors; damage is in the fact.
StatusOr<FoundIndex> FindIndex(const Disk& disk, const StoredSegment& index, size_t key_length);

// All entries of the tree under `footer`, in key order. DataLoss when a page does not parse.
StatusOr<std::vector<BtreeLeafEntry>> ReadIndex(const Disk& disk, const StoredSegment& index,
                                                const BtreeFooter& footer, size_t key_length);

}  // namespace pdr

// The old container metadata: reading metadata_<C> and proving the container count by its keys.
// docs/formats/table-segments.md section 5, recovery-semantics.md H32 and H39.
#pragma once

#include <string_view>

#include "absl/functional/function_ref.h"
#include "base/status.h"
#include "tier2/table_scan.h"
#include "tier2/view.h"

namespace pdr {

// Scans a metadata table whose loss would be the container's loss: a missing or short chunk is an
// error; a cut or damaged tail is an anomaly of the container.
StatusOr<TableScan> ScanMetadataTable(const Disk& disk, const StoredSegment& table,
                                      ContainerView& container);

// FailedPrecondition when `segment`, found in the metadata of `container`, belongs to another one.
Status CheckOwner(std::string_view segment, int container, int container_count);

// Whether it is metadata_<C> or its attribute index.
bool IsMetadataSegment(std::string_view segment);

// Calls `take` for every record of metadata_<C>, found in container.system and decoded so, in the
// order of their names; `entry_at` is where its entry begins. That it belongs to the container
// (CheckOwner) is for `take` to prove. The removed keys go to the container.
using DecodeRecord = StatusOr<SegmentInfo>(std::string_view bytes);
using TakeRecord =
    absl::FunctionRef<Status(std::string_view name, SegmentInfo info, int64_t entry_at)>;
Status VisitMetadataRecords(const Disk& disk, ContainerView& container, DecodeRecord& decode,
                            TakeRecord take);

// Fills container.records with them.
Status ReadMetadataRecords(const Disk& disk, int container_count, ContainerView& container);

}  // namespace pdr

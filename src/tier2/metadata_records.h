// The old container metadata: reading metadata_<C> and proving the container count by its keys.
// docs/formats/table-segments.md section 5, recovery-semantics.md H32 and H39.
#pragma once

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

// Fills container.records from metadata_<C>, found in container.system.
Status ReadMetadataRecords(const Disk& disk, int container_count, ContainerView& container);

}  // namespace pdr

// The records of a storage metadata table. docs/formats/lts-chunked.md section 2.
#pragma once

#include <string_view>

#include "base/status.h"
#include "format/storage_metadata.h"
#include "tier2/table_scan.h"
#include "tier2/view.h"

namespace pdr {

// storage_metadata_<C>, found in container.system; the removed keys go to the container.
StatusOr<TableScan> ScanStorageTable(const Disk& disk, ContainerView& container);

// Into what may hold another one. False, and an anomaly, when the entry's value is no record of its
// key.
bool ReadStorageRecord(const LiveTableEntry& entry, ContainerView& container,
                       TransactionData& data);

// A record that is not active is garbage that was not collected yet.
bool IsActive(const TransactionData& data);

// Whether the key is of a system segment or a chunk of one. Pravega never stores those, but another
// tool's replay may have left them.
bool IsSystemKey(std::string_view key);

}  // namespace pdr

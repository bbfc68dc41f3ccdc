// Fencing a ledger that its writer did not close, and closing it at its last acknowledged entry.
// docs/formats/bookkeeper-wire.md section 6, "Recovery".
#pragma once

#include <memory>

#include "base/status.h"
#include "tier1/bookkeeper/bookkeeper_cluster.h"

namespace pdr {

// The ledger, closed. A closed one is returned as it is. Killed anywhere, it can be run again.
StatusOr<VersionedLedger> RecoverLedger(const std::shared_ptr<BookKeeperCluster>& cluster,
                                        VersionedLedger ledger);

}  // namespace pdr

// LedgerStore over a directory: one directory per ledger (ledger_file.h), and the next ledger id in
// the file `next`, so that ids only grow.
#pragma once

#include <memory>
#include <string>

#include "tier1/ledger_store.h"

namespace pdr::embedded {

std::unique_ptr<LedgerStore> OpenLedgerStore(const std::string& directory);

}  // namespace pdr::embedded

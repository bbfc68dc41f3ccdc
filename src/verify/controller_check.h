// The controller state that a recovery has to supply. docs/formats/recovery-image-chunked.md
// sections 6 and 7, recovery-image-rolling.md section 6.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tier1/tier1.h"
#include "verify/findings.h"
#include "verify/names_on_disk.h"

namespace pdr::verify {

Status CheckController(Tier1& tier1, const std::optional<TransactionNumber>& highest_transaction,
                       const std::map<std::string, int64_t>& reader_group_bytes,
                       Findings& findings);

}  // namespace pdr::verify

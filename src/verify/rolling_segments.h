// The stored segments of a rolling container, from their header files.
// docs/formats/lts-rolling.md section 5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/chunked_segments.h"
#include "verify/findings.h"
#include "verify/stored.h"

namespace pdr::verify {

// Opens the segment as production does; nothing when it does not exist for production.
StatusOr<std::optional<Stored>> OpenRolling(const Disk& disk, const std::string& segment,
                                            ChunkOwners& owners, Findings& findings);

StatusOr<StoredMap> OpenAllRolling(const Disk& disk, const std::vector<std::string>& segments,
                                   ChunkOwners& owners, Findings& findings);

}  // namespace pdr::verify

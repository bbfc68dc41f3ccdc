// The stored segments of a rolling container, from their header files.
// docs/formats/lts-rolling.md section 5.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "verify/chunked_segments.h"
#include "verify/findings.h"
#include "verify/seen_files.h"
#include "verify/stored.h"

namespace pdr::verify {

// Opens these segments as production does, up to `depth` calls at a time. Left out are those that
// do not exist for production.
StatusOr<StoredMap> OpenRolling(const SeenFiles& files, std::span<const std::string> segments,
                                size_t depth, ChunkOwners& owners, Findings& findings);

}  // namespace pdr::verify

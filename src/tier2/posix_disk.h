// The Disk over a mounted file system.
#pragma once

#include <memory>
#include <string>

#include "tier2/disk.h"

namespace pdr {

enum class DiskAccess { kReadOnly, kReadWrite };

// Enough to hide the round trips of a network file system; a local one loses little by it.
// docs/decisions/0010-many-reads-at-a-time.md
inline constexpr size_t kDefaultReadDepth = 64;

// `root` may itself be a symbolic link to a directory. Fails with NotFound, FailedPrecondition (not
// a directory) or PermissionDenied. A read-only disk refuses every effect.
StatusOr<std::unique_ptr<Disk>> OpenPosixDisk(const std::string& root, DiskAccess access,
                                              size_t read_depth = kDefaultReadDepth);

}  // namespace pdr

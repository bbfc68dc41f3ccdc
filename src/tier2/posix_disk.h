// The Disk over a mounted file system.
#pragma once

#include <memory>
#include <string>

#include "tier2/disk.h"

namespace pdr {

enum class DiskAccess { kReadOnly, kReadWrite };

// `root` may itself be a symbolic link to a directory. Fails with NotFound, FailedPrecondition (not
// a directory) or PermissionDenied. A read-only disk refuses every effect.
StatusOr<std::unique_ptr<Disk>> OpenPosixDisk(const std::string& root, DiskAccess access);

}  // namespace pdr

// The Disk over a mounted file system.
#pragma once

#include <memory>
#include <string>

#include "tier2/disk.h"

namespace pdr {

enum class DiskAccess { kReadOnly, kReadWrite };

// How it is read. docs/decisions/0010-many-reads-at-a-time.md
struct DiskReading {
  // Threads that may wait for it. Enough to hide the round trips of a network file system; a local
  // one loses little by it.
  size_t depth = 64;
  // Whether one of 16 of them reads up to 16 small files at a time, where the kernel lets it.
  bool io_uring = true;
};

// `root` may itself be a symbolic link to a directory. Fails with NotFound, FailedPrecondition (not
// a directory) or PermissionDenied. A read-only disk refuses every effect.
StatusOr<std::unique_ptr<Disk>> OpenPosixDisk(const std::string& root, DiskAccess access,
                                              const DiskReading& reading = {});

}  // namespace pdr

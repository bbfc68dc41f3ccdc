// What a file system would refuse, asked without trying: room and rights.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"

namespace pdr {

// Paths as in tier2/disk.h.
class DiskLimits {
 public:
  virtual ~DiskLimits() = default;
  // Room that this process may still fill, in bytes.
  virtual StatusOr<uint64_t> FreeBytes() const = 0;
  // Whether this process may move names out of and into a directory, or set the mode of a file.
  virtual Status CheckMayChange(const std::string& path) const = 0;
};

// Of a mounted file system.
StatusOr<std::unique_ptr<DiskLimits>> OpenPosixLimits(const std::string& root);

}  // namespace pdr

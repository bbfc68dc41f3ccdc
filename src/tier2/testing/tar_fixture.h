// The checked-in Tier-2 trees (testdata/fixtures) for tests.
#pragma once

#include <string>

#include "base/status.h"
#include "tier2/disk.h"
#include "tier2/testing/memory_disk.h"

namespace pdr {

// A directory below the system's temporary one, removed with everything in it.
class TempDir {
 public:
  TempDir();
  // On a file system in memory if there is one: for tests that sync thousands of times.
  static TempDir InMemory();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit TempDir(const std::string& parent);
  std::string path_;
};

// Unpacks <testdata>/fixtures/<name>/tier2.tar.zst into `directory`, with modes; returns the root
// of the tree.
StatusOr<std::string> ExtractFixture(const std::string& testdata, const std::string& name,
                                     const std::string& directory);
// Copies the regular files of a disk, with modes.
Status LoadInto(MemoryDisk& to, const Disk& from);
// Both of the above.
Status LoadFixture(const std::string& testdata, const std::string& name, MemoryDisk& to);

}  // namespace pdr

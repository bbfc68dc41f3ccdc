// A container's files as one walk over Tier-2 saw them.
#pragma once

#include <string>

#include "base/status.h"
#include "tier2/disk.h"
#include "verify/names_on_disk.h"

namespace pdr::verify {

class SeenFiles {
 public:
  // `changing`: production has written to the container, and may do so now: the disk is asked for
  // everything.
  SeenFiles(const Disk& disk, const DiskNames& names, bool changing)
      : disk_(&disk), names_(&names), changing_(changing) {}

  const Disk& disk() const { return *disk_; }
  bool changing() const { return changing_; }
  // Null: the walk saw no regular file of that path.
  const InventoryFile* Find(std::string_view path) const { return names_->Find(path); }
  // Of a regular file; NotFound: there is none of that path.
  StatusOr<FileStat> Look(const std::string& path) const;

 private:
  StatusOr<FileStat> Ask(const std::string& path) const;

  const Disk* disk_;
  const DiskNames* names_;
  bool changing_;
};

}  // namespace pdr::verify

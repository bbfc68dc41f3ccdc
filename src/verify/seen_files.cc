#include "verify/seen_files.h"

#include "format/names.h"

namespace pdr::verify {

StatusOr<FileStat> SeenFiles::Look(const std::string& path) const {
  if (changing_) return Ask(path);
  if (const InventoryFile* file = Find(path)) {
    return FileStat{FileKind::kRegular, file->size, file->mode, file->mtime_ns};
  }
  if (names_->MayBeUnseen(path)) return Ask(path);
  return NotFound("there is no file '{}'", path);
}

StatusOr<FileStat> SeenFiles::Ask(const std::string& path) const {
  if (!IsSafeRelativePath(path)) return NotFound("'{}' is not the name of a file", path);
  StatusOr<FileStat> stat = disk_->Stat(path);
  if (!stat.ok() && stat.status().code() != StatusCode::kNotFound) {
    return Annotate(stat.status(), path);
  }
  if (stat.ok() && stat->kind != FileKind::kRegular) {
    return NotFound("'{}' is not a regular file", path);
  }
  return stat;
}

}  // namespace pdr::verify

#include "recovery/run_directory.h"

#include "recovery/manifest.h"

namespace pdr {
namespace {

// Depth first. True when the directory is gone.
StatusOr<bool> RemoveBelow(Disk& disk, const std::string& dir, bool files_too) {
  StatusOr<std::vector<DirEntry>> entries = disk.List(dir);
  if (absl::IsNotFound(entries.status())) return true;
  RETURN_IF_ERROR(entries.status());
  bool empty = true;
  for (const DirEntry& entry : *entries) {
    const std::string path = JoinPath(dir, entry.name);
    if (entry.kind == FileKind::kDirectory) {
      ASSIGN_OR_RETURN(bool gone, RemoveBelow(disk, path, files_too));
      empty = empty && gone;
    } else if (files_too && entry.kind == FileKind::kRegular) {
      RETURN_IF_ERROR(disk.Remove(path));
    } else {
      empty = false;
    }
  }
  if (!empty) return false;
  RETURN_IF_ERROR(disk.Remove(dir));
  return true;
}

}  // namespace

Status CleanRunDir(Disk& disk, const std::string& run_id) {
  if (run_id.empty()) return Internal("a run without an id");
  RETURN_IF_ERROR(RemoveBelow(disk, RunDir(run_id) + "/new", /*files_too=*/true).status());
  RETURN_IF_ERROR(RemoveBelow(disk, RunDir(run_id), /*files_too=*/false).status());
  // Other runs may have directories beside it.
  StatusOr<std::vector<DirEntry>> others = disk.List(std::string(kOwnDir));
  if (absl::IsNotFound(others.status())) return OkStatus();
  RETURN_IF_ERROR(others.status());
  return others->empty() ? disk.Remove(std::string(kOwnDir)) : disk.SyncDir(std::string(kOwnDir));
}

}  // namespace pdr

#include "recovery/share_files.h"

#include "recovery/manifest.h"
#include "recovery/run_directory.h"
#include "recovery/share_names.h"

namespace pdr {
namespace {

constexpr uint32_t kMode = 0644;
constexpr uint64_t kMaxPointerBytes = 256;
constexpr uint64_t kMaxRecordBytes = uint64_t{8} << 30;
constexpr std::string_view kFinished = "finished";
constexpr std::string_view kUndone = "undone";

std::string Pointer() { return fmt::format("{}/shared-run", kOwnDir); }

// AlreadyExists, with nothing left of `aside`, when there is one of that name.
Status GiveName(Disk& disk, const std::string& aside, const std::string& path) {
  Status renamed = disk.Rename(aside, path);
  if (absl::IsAlreadyExists(renamed)) RETURN_IF_ERROR(disk.Remove(aside));
  RETURN_IF_ERROR(renamed);
  RETURN_IF_ERROR(disk.SyncDir(ParentPath(aside)));
  return ParentPath(aside) == ParentPath(path) ? OkStatus() : disk.SyncDir(ParentPath(path));
}

}  // namespace

std::string ShareDir(const std::string& run_id) { return RunDir(run_id) + "/share"; }

namespace {

// Where the pointer waits until it gets its name.
std::string WaitingPointer(const std::string& run_id) { return ShareDir(run_id) + "/pointer"; }

}  // namespace

StatusOr<std::optional<std::string>> CurrentSharedRun(const Disk& disk) {
  StatusOr<std::string> text = ReadWholeFile(disk, Pointer(), kMaxPointerBytes);
  if (absl::IsNotFound(text.status())) return std::optional<std::string>();
  RETURN_IF_ERROR(text.status());
  if (!text->ends_with('\n') || text->find('/') != std::string::npos) {
    return DataLoss("{} does not name a run", Pointer());
  }
  text->pop_back();
  return std::optional(*text);
}

Status WithdrawUnpublishedRuns(Disk& disk) {
  StatusOr<std::vector<DirEntry>> runs = disk.List(std::string(kOwnDir));
  if (absl::IsNotFound(runs.status())) return OkStatus();
  RETURN_IF_ERROR(runs.status());
  for (const DirEntry& run : *runs) {
    if (run.kind != FileKind::kDirectory) continue;
    const std::string waiting = WaitingPointer(run.name);
    ASSIGN_OR_RETURN(const bool there, IsPresent(disk, waiting));
    if (there) RETURN_IF_ERROR(disk.Remove(waiting));
  }
  return OkStatus();
}

Status PublishSharedRun(Disk& disk, const std::string& run_id) {
  const std::string aside = WaitingPointer(run_id);
  RETURN_IF_ERROR(WriteFileDurably(disk, aside, run_id + "\n", kMode));
  Status named = GiveName(disk, aside, Pointer());
  if (absl::IsAlreadyExists(named)) return Aborted("another host has begun a run; join it");
  return named;
}

Status RetireSharedRun(Disk& disk, const std::string& run_id, ShareEnd end) {
  ASSIGN_OR_RETURN(std::optional<std::string> current, CurrentSharedRun(disk));
  if (current != run_id) return OkStatus();
  const std::string to =
      fmt::format("{}/{}", ShareDir(run_id), end == ShareEnd::kFinished ? kFinished : kUndone);
  RETURN_IF_ERROR(disk.Rename(Pointer(), to));
  RETURN_IF_ERROR(disk.SyncDir(ParentPath(to)));
  return disk.SyncDir(std::string(kOwnDir));
}

StatusOr<std::optional<ShareEnd>> HowSharedRunEnded(const Disk& disk, const std::string& run_id) {
  for (ShareEnd end : {ShareEnd::kFinished, ShareEnd::kUndone}) {
    const std::string_view name = end == ShareEnd::kFinished ? kFinished : kUndone;
    ASSIGN_OR_RETURN(bool there, HasShareRecord(disk, run_id, std::string(name)));
    if (there) return std::optional(end);
  }
  return std::optional<ShareEnd>();
}

Status PublishShareRecord(Disk& disk, const std::string& run_id, const std::string& name,
                          std::string_view token, std::string_view bytes) {
  const std::string path = JoinPath(ShareDir(run_id), name);
  const std::string aside = fmt::format("{}.{}", path, token);
  RETURN_IF_ERROR(MakeDirs(disk, ShareDir(run_id)));
  RETURN_IF_ERROR(WriteFileDurably(disk, aside, bytes, kMode));
  Status named = GiveName(disk, aside, path);
  return absl::IsAlreadyExists(named) ? OkStatus() : named;
}

Status RemoveGatherings(Disk& disk) {
  StatusOr<std::vector<DirEntry>> runs = disk.List(std::string(kOwnDir));
  if (absl::IsNotFound(runs.status())) return OkStatus();
  RETURN_IF_ERROR(runs.status());
  for (const DirEntry& run : *runs) {
    if (run.kind != FileKind::kDirectory || !IsGatherId(run.name)) continue;
    StatusOr<std::vector<DirEntry>> records = disk.List(ShareDir(run.name));
    if (!absl::IsNotFound(records.status())) RETURN_IF_ERROR(records.status());
    for (const DirEntry& record : records.ok() ? *records : std::vector<DirEntry>()) {
      if (record.kind != FileKind::kRegular) continue;
      RETURN_IF_ERROR(disk.Remove(JoinPath(ShareDir(run.name), record.name)));
    }
    RETURN_IF_ERROR(CleanRunDir(disk, run.name));
  }
  return OkStatus();
}

StatusOr<std::string> LoadShareRecord(const Disk& disk, const std::string& run_id,
                                      const std::string& name) {
  return ReadWholeFile(disk, JoinPath(ShareDir(run_id), name), kMaxRecordBytes);
}

StatusOr<bool> HasShareRecord(const Disk& disk, const std::string& run_id,
                              const std::string& name) {
  return IsPresent(disk, JoinPath(ShareDir(run_id), name));
}

}  // namespace pdr

#include "recovery/file_steps.h"

#include <functional>
#include <set>

namespace pdr {
namespace {

class FileMover {
 public:
  explicit FileMover(Disk& disk) : disk_(disk) {}

  Status Move(const std::string& from, const std::string& to) {
    RETURN_IF_ERROR(MakeDirs(disk_, ParentPath(to)));
    Status renamed = disk_.Rename(from, to);
    if (renamed.ok()) {
      touched_.insert(ParentPath(from));
      touched_.insert(ParentPath(to));
    }
    return renamed;
  }

  Status Sync() {
    for (const std::string& dir : touched_) RETURN_IF_ERROR(disk_.SyncDir(dir));
    touched_.clear();
    return OkStatus();
  }

  void Touch(const std::string& path) { touched_.insert(ParentPath(path)); }

 private:
  Disk& disk_;
  std::set<std::string> touched_;
};

Status SetAsideOne(Disk& disk, FileMover& mover, const FileStep& step) {
  ASSIGN_OR_RETURN(bool aside, IsPresent(disk, step.other));
  ASSIGN_OR_RETURN(bool there, IsPresent(disk, step.path));
  if (there || !aside) {
    // When both are there, either a new file has been installed since, or the original has two
    // names for now: Disk::Rename tells them apart, and ends the second.
    Status moved = mover.Move(step.path, step.other);
    if (!aside || !absl::IsAlreadyExists(moved)) return Annotate(moved, "setting aside");
  }
  // Done before, perhaps right before a crash: make sure both directories are durable.
  mover.Touch(step.path);
  mover.Touch(step.other);
  return OkStatus();
}

Status InstallOne(Disk& disk, FileMover& mover, const FileStep& step) {
  ASSIGN_OR_RETURN(bool waiting, IsPresent(disk, step.other));
  if (waiting) return Annotate(mover.Move(step.other, step.path), "installing");
  mover.Touch(step.path);
  mover.Touch(step.other);
  ASSIGN_OR_RETURN(FileStat there, disk.Stat(step.path));
  if (there.size == step.size) return OkStatus();
  return DataLoss("{} has {} bytes, the plan put {} there; was something else writing?", step.path,
                  there.size, step.size);
}

Status SetModeOne(Disk& disk, const std::string& path, uint32_t mode) {
  ASSIGN_OR_RETURN(FileStat there, disk.Stat(path));
  return there.mode == mode ? OkStatus() : disk.SetMode(path, mode);
}

Status ForKind(const std::vector<FileStep>& steps, FileStep::Kind kind, FileMover& mover,
               const std::function<Status(const FileStep&)>& work) {
  for (const FileStep& step : steps) {
    if (step.kind == kind) RETURN_IF_ERROR(work(step));
  }
  return mover.Sync();
}

}  // namespace

Status DoFileSteps(Disk& disk, const std::vector<FileStep>& steps) {
  FileMover mover(disk);
  RETURN_IF_ERROR(ForKind(steps, FileStep::Kind::kSetAside, mover,
                          [&](const FileStep& s) { return SetAsideOne(disk, mover, s); }));
  RETURN_IF_ERROR(ForKind(steps, FileStep::Kind::kInstall, mover,
                          [&](const FileStep& s) { return InstallOne(disk, mover, s); }));
  return ForKind(steps, FileStep::Kind::kSetMode, mover,
                 [&](const FileStep& s) { return SetModeOne(disk, s.path, s.new_mode); });
}

Status UndoFileSteps(Disk& disk, const std::vector<FileStep>& steps) {
  FileMover mover(disk);
  RETURN_IF_ERROR(ForKind(steps, FileStep::Kind::kSetMode, mover,
                          [&](const FileStep& s) { return SetModeOne(disk, s.path, s.old_mode); }));
  RETURN_IF_ERROR(ForKind(steps, FileStep::Kind::kInstall, mover, [&](const FileStep& s) -> Status {
    ASSIGN_OR_RETURN(bool waiting, IsPresent(disk, s.other));
    ASSIGN_OR_RETURN(bool installed, IsPresent(disk, s.path));
    if (waiting || !installed) return OkStatus();
    return Annotate(mover.Move(s.path, s.other), "taking back");
  }));
  return ForKind(steps, FileStep::Kind::kSetAside, mover, [&](const FileStep& s) -> Status {
    ASSIGN_OR_RETURN(bool aside, IsPresent(disk, s.other));
    if (!aside) return OkStatus();
    return Annotate(mover.Move(s.other, s.path), "putting back");
  });
}

}  // namespace pdr

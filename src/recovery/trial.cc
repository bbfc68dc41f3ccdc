#include "recovery/trial.h"

#include <string>

#include "tier2/inventory.h"

namespace pdr {
namespace {

Status RemoveIfThere(Disk& disk, const std::string& path) {
  Status removed = disk.Remove(path);
  return absl::IsNotFound(removed) ? OkStatus() : removed;
}

Status RemoveTrial(Disk& disk, const std::string& dir) {
  RETURN_IF_ERROR(RemoveIfThere(disk, dir + "/before"));
  RETURN_IF_ERROR(RemoveIfThere(disk, dir + "/after"));
  RETURN_IF_ERROR(RemoveIfThere(disk, dir));
  const std::string own(kOwnDir);
  StatusOr<std::vector<DirEntry>> runs = disk.List(own);
  if (absl::IsNotFound(runs.status())) return OkStatus();
  RETURN_IF_ERROR(runs.status());
  return runs->empty() ? disk.Remove(own) : OkStatus();
}

Status Try(Disk& disk, const std::string& dir) {
  RETURN_IF_ERROR(MakeDirs(disk, dir));
  RETURN_IF_ERROR(WriteFileDurably(disk, dir + "/before", "trial", 0644));
  RETURN_IF_ERROR(disk.Rename(dir + "/before", dir + "/after"));
  RETURN_IF_ERROR(disk.SetMode(dir + "/after", 0444));
  return disk.SyncDir(dir);
}

}  // namespace

Status TryOwnDirectory(Disk& disk) {
  const std::string dir = std::string(kOwnDir) + "/trial";
  RETURN_IF_ERROR(RemoveTrial(disk, dir));  // of one that was interrupted
  const Status tried = Try(disk, dir);
  const Status removed = RemoveTrial(disk, dir);
  return Annotate(tried.ok() ? removed : tried, "trying to write below Tier-2's root");
}

std::vector<Status> CheckMayCarryOut(const Disk& disk, const DiskLimits* limits, const Plan& plan) {
  std::vector<Status> out;
  for (const std::string& path : plan.totals.touched) {
    Status may = limits != nullptr ? limits->CheckMayChange(path) : disk.Stat(path).status();
    if (!may.ok() && !absl::IsNotFound(may)) out.push_back(std::move(may));
  }
  return out;
}

}  // namespace pdr

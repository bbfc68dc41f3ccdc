// What a recovery by one host alone, and undo, have to know of shared ones.
#include "recovery/share_files.h"
#include "recovery/share_load.h"
#include "recovery/share_run.h"

namespace pdr {

Status CheckNoSharedRun(const Disk& disk) {
  ASSIGN_OR_RETURN(const std::optional<std::string> current, CurrentSharedRun(disk));
  if (!current) return OkStatus();
  return FailedPrecondition(
      "the shared run {} was begun here and has not ended: go on with dr recover --share, or take "
      "it back with dr undo",
      *current);
}

Status StopSharedRun(Tier1& tier1, const std::string& run_id) {
  ShareBoard board(tier1);
  ASSIGN_OR_RETURN(const std::optional<Board> there, board.Load());
  if (!there || there->run_id != run_id) return OkStatus();  // it has ended, or was never shared
  return board.Update(run_id, [](Board& b) {
    if (b.stage == ShareStage::kUndo) return false;
    b.stage = ShareStage::kUndo;
    return true;
  });
}

Status ForgetSharedRun(Disk& disk, Tier1& tier1, const std::string& run_id) {
  RETURN_IF_ERROR(RemoveGatherings(disk));
  RETURN_IF_ERROR(RetireSharedRun(disk, run_id, ShareEnd::kUndone));
  return ShareBoard(tier1).Remove(run_id);
}

StatusOr<bool> AdoptSharedRun(const Disk& disk, Tier1& tier1, const std::string& run_id,
                              Workspace& workspace, const RecoverOptions& options,
                              const Clock& clock) {
  RETURN_IF_ERROR(CheckBelongsHere(tier1, run_id));
  ASSIGN_OR_RETURN(const SharedRun run, LoadSharedRun(disk, run_id));
  StatusOr<Manifest> manifest = LoadWholeManifest(disk, run);
  if (absl::IsNotFound(manifest.status())) return false;
  RETURN_IF_ERROR(manifest.status());
  ASSIGN_OR_RETURN(const Plan plan, LoadSharedPlan(disk, run, options.gather.scratch));
  RETURN_IF_ERROR(workspace.SavePlan(OwnIdentity(run, options), plan, clock.NowMillis()));
  RETURN_IF_ERROR(workspace.SaveManifest(*manifest, clock.NowMillis()));
  return true;
}

Status CheckBelongsHere(Tier1& tier1, const std::string& run_id) {
  ASSIGN_OR_RETURN(const std::optional<Board> board, ShareBoard(tier1).Load());
  if (board && board->run_id == run_id) return OkStatus();
  return FailedPrecondition(
      "the shared run {} was begun here with another ZooKeeper or another cluster name ({} does "
      "not "
      "name it): give this host the configuration of the others",
      run_id, SharePath(tier1.config));
}

Identity OwnIdentity(const SharedRun& run, const RecoverOptions& options) {
  Identity identity = run.identity;
  identity.root = options.root;
  identity.config_file = options.config_file;
  identity.settings = options.settings;
  return identity;
}

}  // namespace pdr

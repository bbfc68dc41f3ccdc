// recover ROOT WORKDIR: a whole recovery, Tier-2 overlaid and Tier-1 embedded below WORKDIR, with
// what each phase takes.
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "bench/phase_timer.h"
#include "recovery/recover.h"
#include "tier2/overlay_disk.h"
#include "tier2/posix_disk.h"

namespace pdr::bench {
namespace {

constexpr size_t kThreads = 4;

Status Recover(const std::string& root, const std::string& work) {
  std::filesystem::create_directories(work + "/upper");
  std::filesystem::create_directories(work + "/tier1");
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> base, OpenPosixDisk(root, DiskAccess::kReadOnly));
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> upper,
                   OpenPosixDisk(work + "/upper", DiskAccess::kReadWrite));
  ASSIGN_OR_RETURN(std::unique_ptr<OverlayDisk> overlay, OverlayDisk::Open(*base, *upper));
  ASSIGN_OR_RETURN(Tier1 tier1, OpenEmbeddedTier1(work + "/tier1", {}));
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::Open(work + "/workspace"));
  RecoverOptions options;
  options.root = root;
  options.run_id = "bench";
  options.threads = options.gather.threads = kThreads;
  options.rehearsal = true;
  PhaseTimer timer;
  RecoverRun run(*overlay, tier1, *workspace, options, Clock::Real(), timer);
  ASSIGN_OR_RETURN(RecoverResult result, run.Run([&](const PlannedRun&) {
    timer.Phase("before build", 0);
    return true;
  }));
  timer.End();
  if (result.outcome != RecoverOutcome::kDone) return Internal("the recovery did not end as done");
  return OkStatus();
}

}  // namespace
}  // namespace pdr::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: recover ROOT WORKDIR\n");
    return 2;
  }
  const pdr::Status status = pdr::bench::Recover(argv[1], argv[2]);
  if (status.ok()) return 0;
  fmt::print(stderr, "recover: {}\n", pdr::Message(status));
  return 1;
}

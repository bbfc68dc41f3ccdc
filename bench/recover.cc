// recover ROOT WORKDIR [DEPTH DELAY_US]: a whole recovery, Tier-2 overlaid and Tier-1 embedded
// below WORKDIR, with what each phase takes; with DEPTH calls to Tier-2 at a time, every call
// delayed by DELAY_US, as over a network.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "bench/phase_timer.h"
#include "recovery/recover.h"
#include "tier2/overlay_disk.h"
#include "tier2/posix_disk.h"
#include "tier2/testing/slow_disk.h"

namespace pdr::bench {
namespace {

constexpr size_t kThreads = 4;

struct Distance {
  size_t depth = 64;
  std::chrono::microseconds delay{0};
};

Status Recover(const std::string& root, const std::string& work, const Distance& distance) {
  std::filesystem::create_directories(work + "/upper");
  std::filesystem::create_directories(work + "/tier1");
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> base,
                   OpenPosixDisk(root, DiskAccess::kReadOnly, {.depth = distance.depth}));
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> upper,
                   OpenPosixDisk(work + "/upper", DiskAccess::kReadWrite));
  ASSIGN_OR_RETURN(std::unique_ptr<OverlayDisk> overlay, OverlayDisk::Open(*base, *upper));
  SlowDisk slow(*overlay, distance.delay, distance.depth);
  Disk& tier2 = distance.delay.count() > 0 ? static_cast<Disk&>(slow) : *overlay;
  ASSIGN_OR_RETURN(Tier1 tier1, OpenEmbeddedTier1(work + "/tier1", {}));
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::Open(work + "/workspace"));
  RecoverOptions options;
  options.root = root;
  options.run_id = "bench";
  options.threads = options.gather.threads = kThreads;
  options.rehearsal = true;
  PhaseTimer timer;
  RecoverRun run(tier2, tier1, *workspace, options, Clock::Real(), timer);
  ASSIGN_OR_RETURN(RecoverResult result, run.Run([&](const PlannedRun&) {
    timer.Phase("before build", 0);
    return true;
  }));
  timer.End();
  if (distance.delay.count() > 0) {
    fmt::print("{{\"calls\": {}, \"most_at_once\": {}}}\n", slow.calls(), slow.most_at_once());
  }
  if (result.outcome != RecoverOutcome::kDone) return Internal("the recovery did not end as done");
  return OkStatus();
}

}  // namespace
}  // namespace pdr::bench

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5) {
    fmt::print(stderr, "usage: recover ROOT WORKDIR [DEPTH DELAY_US]\n");
    return 2;
  }
  pdr::bench::Distance distance;
  if (argc == 5) {
    distance.depth = static_cast<size_t>(std::atoi(argv[3]));
    distance.delay = std::chrono::microseconds(std::atoi(argv[4]));
  }
  const pdr::Status status = pdr::bench::Recover(argv[1], argv[2], distance);
  if (status.ok()) return 0;
  fmt::print(stderr, "recover: {}\n", pdr::Message(status));
  return 1;
}

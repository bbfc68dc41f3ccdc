// slow_list ROOT DEPTH DELAY_US: lists all segments with DEPTH calls at a time, every call delayed
// by DELAY_US, as over a network.
#include <chrono>
#include <cstdlib>

#include "bench/phase_timer.h"
#include "tier2/listing.h"
#include "tier2/posix_disk.h"
#include "tier2/testing/slow_disk.h"

namespace pdr::bench {
namespace {

constexpr size_t kThreads = 4;

Status List(const std::string& root, size_t depth, std::chrono::microseconds delay) {
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> disk,
                   OpenPosixDisk(root, DiskAccess::kReadOnly, {.depth = depth}));
  SlowDisk slow(*disk, delay, depth);
  const Disk& used = delay.count() > 0 ? static_cast<const Disk&>(slow) : *disk;
  PhaseTimer timer;
  timer.Phase("list", 0);
  ASSIGN_OR_RETURN(Inventory inventory, ScanTier2(used, Progress::Silent()));
  ASSIGN_OR_RETURN(Listing listing, ListTier2(used, inventory, kThreads, Progress::Silent()));
  timer.End();
  if (delay.count() > 0) {
    fmt::print("{{\"calls\": {}, \"most_at_once\": {}}}\n", slow.calls(), slow.most_at_once());
  }
  return OkStatus();
}

}  // namespace
}  // namespace pdr::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: slow_list ROOT DEPTH DELAY_US\n");
    return 2;
  }
  const pdr::Status status = pdr::bench::List(argv[1], static_cast<size_t>(std::atoi(argv[2])),
                                              std::chrono::microseconds(std::atoi(argv[3])));
  if (status.ok()) return 0;
  fmt::print(stderr, "slow_list: {}\n", pdr::Message(status));
  return 1;
}

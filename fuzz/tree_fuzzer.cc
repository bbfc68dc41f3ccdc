// A damaged Tier-2 through scan, gather and plan: an error or a plan, the same with all of it
// written aside meanwhile, and no name in the plan leads out of the root.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "base/progress.h"
#include "format/names.h"
#include "fuzz/tree_edits.h"
#include "recovery/gather.h"
#include "recovery/plan_digest.h"
#include "recovery/planner.h"
#include "tier2/listing.h"

namespace pdr {
namespace {

void CheckPath(const std::string& path) {
  if (IsSafeRelativePath(path)) return;
  std::fprintf(stderr, "a planned path leads out of the root: %s\n", path.c_str());
  std::abort();
}

void CheckPaths(const ContainerPlan& plan) {
  for (const SetAside& file : plan.set_aside) CheckPath(file.path);
  for (const FileCut& file : plan.cuts) CheckPath(file.path);
  for (const ModeChange& file : plan.modes) CheckPath(file.path);
  for (const ImageFile& file : plan.rewritten) CheckPath(file.path);
  for (const SegmentDecision& segment : plan.segments) CheckPath(segment.info.name);
  for (const IndexRebuild& rebuild : plan.rebuilds) CheckPath(rebuild.segment);
}

std::vector<FileTree> Trees() {
  auto rolling = SmallRollingTree("testdata");
  if (!rolling.ok()) std::abort();
  return {SmallChunkedTree("testdata", 1), SmallChunkedTree("testdata", 2), *std::move(rolling)};
}

// The digest, or nothing when there is no plan.
std::optional<std::string> PlanWith(const Disk& disk, const Inventory& inventory,
                                    const GatherOptions& options) {
  auto evidence = Gather(disk, inventory, options, Progress::Silent());
  if (!evidence.ok()) return std::nullopt;
  const auto plan = MakePlan(inventory, *std::move(evidence), {});
  if (!plan.ok()) return std::nullopt;
  const Status looked = plan->containers.LookAtAll([](const ContainerPlan& container) {
    CheckPaths(container);
    return OkStatus();
  });
  const auto digest = PlanDigest(*plan);
  if (!looked.ok() || !digest.ok()) std::abort();
  return *digest;
}

// Where the parts of a plan are meanwhile makes no difference.
void PlanDamagedTree(std::string_view input) {
  static const std::vector<FileTree> trees = Trees();
  static const auto aside = std::make_shared<Scratch>("/tmp", 0);
  MemoryDisk disk;
  MakeDamagedTree(trees, input, disk);
  const auto inventory = ScanTier2(disk, Progress::Silent());
  if (!inventory.ok()) return;
  static_cast<void>(ListTier2(disk, *inventory, 1, Progress::Silent()));
  GatherOptions options;
  options.threads = 1;
  options.tail_check = input.size() % 2 == 0 ? TailCheck::kFull : TailCheck::kFast;
  const auto kept = PlanWith(disk, *inventory, options);
  options.scratch = aside;
  options.mixed_segments = 2;
  if (PlanWith(disk, *inventory, options) != kept) std::abort();
}

}  // namespace
}  // namespace pdr

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pdr::PlanDamagedTree(std::string(data, data + size));
  return 0;
}

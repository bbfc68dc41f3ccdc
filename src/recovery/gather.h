// Gathers the evidence: reads tables, indexes and tails, and changes nothing.
#pragma once

#include <memory>

#include "base/progress.h"
#include "base/status.h"
#include "recovery/evidence.h"
#include "tier2/disk.h"
#include "tier2/inventory.h"

namespace pdr {

enum class TailCheck {
  kFull,  // every event header from the start offset on: every cut is proven
  kFast,  // from the newest boundary the metadata vouches for; cuts may be inferred
};

struct GatherOptions {
  TailCheck tail_check = TailCheck::kFast;
  size_t threads = 2;
  std::shared_ptr<Scratch> scratch = Scratch::None();
  uint64_t mixed_segments = 100000;  // rolling: so many at a time, which are not yet told apart
};

StatusOr<Evidence> Gather(const Disk& disk, const Inventory& inventory,
                          const GatherOptions& options, Progress& progress);

}  // namespace pdr

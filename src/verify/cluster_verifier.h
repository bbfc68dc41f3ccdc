// Verification in parts: containers one by one, wherever they are judged, and then the whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "verify/names_on_disk.h"
#include "verify/outcome.h"
#include "verify/verify.h"

namespace pdr::verify {

// What judging a container takes for each of its chunk files, as a profile of the heap shows it;
// building it takes no more.
inline constexpr uint64_t kJudgedFileBytes = 4000;

class ClusterVerifier {
 public:
  // Walks Tier-2's names once, opening no file. What is passed must outlive the verifier.
  static StatusOr<ClusterVerifier> Open(const Disk& disk, Tier1& tier1,
                                        const VerifyOptions& options);
  // Opens only what belongs to that container, with up to `depth` calls to Tier-2 at a time. Errors
  // as for VerifyCluster; thread-safe.
  StatusOr<ContainerOutcome> Judge(int container, size_t depth) const;
  // Of chunks, in one container.
  uint64_t MostFiles() const;
  // The report over all containers' outcomes, in their order, and over the controller's nodes.
  StatusOr<VerifyReport> Sum(std::vector<ContainerOutcome> outcomes) const;

 private:
  ClusterVerifier(const Disk& disk, Tier1& tier1, const VerifyOptions& options, DiskNames names)
      : disk_(&disk), tier1_(&tier1), options_(&options), names_(std::move(names)) {}

  const Disk* disk_;
  Tier1* tier1_;
  const VerifyOptions* options_;
  DiskNames names_;
};

}  // namespace pdr::verify

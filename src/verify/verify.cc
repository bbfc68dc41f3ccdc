#include "verify/verify.h"

#include <algorithm>
#include <utility>

#include "base/memory.h"
#include "base/parallel.h"
#include "verify/cluster_verifier.h"
#include "verify/container_judge.h"
#include "verify/controller_check.h"
#include "verify/names_on_disk.h"

namespace pdr {
namespace verify {

StatusOr<ClusterVerifier> ClusterVerifier::Open(const Disk& disk, Tier1& tier1,
                                                const VerifyOptions& options) {
  if (options.container_count < 1) {
    return InvalidArgument("{} containers cannot be verified", options.container_count);
  }
  ASSIGN_OR_RETURN(DiskNames names, WalkNames(disk, options.layout, options.container_count));
  return ClusterVerifier(disk, tier1, options, std::move(names));
}

StatusOr<ContainerOutcome> ClusterVerifier::Judge(int container, size_t depth) const {
  StatusOr<ContainerOutcome> outcome =
      JudgeContainer(*disk_, *tier1_, *options_, names_, container, depth);
  if (!outcome.ok()) return Annotate(outcome.status(), fmt::format("container {}", container));
  return outcome;
}

uint64_t ClusterVerifier::MostFiles() const {
  uint64_t most = 0;
  for (const ContainerNames& names : names_.containers) {
    most = std::max<uint64_t>(most, names.chunks.size());
  }
  return most;
}

StatusOr<VerifyReport> ClusterVerifier::Sum(std::vector<ContainerOutcome> outcomes) const {
  ContainerOutcome whole;
  whole.highest_transaction = names_.highest_transaction;
  for (ContainerOutcome& outcome : outcomes) whole.Merge(std::move(outcome));
  VerifyReport& report = whole.report;
  Findings findings(report, -1);
  RETURN_IF_ERROR(
      CheckController(*tier1_, whole.highest_transaction, whole.reader_group_bytes, findings));
  // Once the controller has run, it has taken the nodes over, and its tables lag behind in Tier-2.
  if (report.containers_written == 0) {
    RETURN_IF_ERROR(CheckNeeds(*tier1_, whole.needs, findings));
  }
  return std::move(report);
}

}  // namespace verify

StatusOr<VerifyReport> VerifyCluster(const Disk& disk, Tier1& tier1, const VerifyOptions& options,
                                     Progress& progress) {
  const size_t count = static_cast<size_t>(std::max(options.container_count, 0));
  progress.Phase("verify", count);
  ASSIGN_OR_RETURN(const verify::ClusterVerifier verifier,
                   verify::ClusterVerifier::Open(disk, tier1, options));
  std::vector<verify::ContainerOutcome> outcomes(count);
  const uint64_t each = verify::kJudgedFileBytes * verifier.MostFiles();
  const DepthShares shares =
      ShareDepth(disk, FitAtOnce(options.threads, options.memory, each), count);
  RETURN_IF_ERROR(ParallelFor(count, shares.at_once, [&](size_t i) -> Status {
    ASSIGN_OR_RETURN(outcomes[i], verifier.Judge(static_cast<int>(i), shares.each));
    progress.Advance(1);
    return OkStatus();
  }));
  return verifier.Sum(std::move(outcomes));
}

}  // namespace pdr

#include "verify/verify.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "verify/cluster_verifier.h"
#include "verify/container_judge.h"
#include "verify/controller_check.h"
#include "verify/names_on_disk.h"

namespace pdr {
namespace {

void Add(VerifyReport& total, VerifyReport part) {
  std::move(part.findings.begin(), part.findings.end(), std::back_inserter(total.findings));
  std::move(part.notes.begin(), part.notes.end(), std::back_inserter(total.notes));
  total.containers += part.containers;
  total.containers_written += part.containers_written;
  total.segments += part.segments;
  total.chunks += part.chunks;
  total.table_segments += part.table_segments;
  total.table_keys += part.table_keys;
}

}  // namespace

namespace verify {

StatusOr<ClusterVerifier> ClusterVerifier::Open(const Disk& disk, Tier1& tier1,
                                                const VerifyOptions& options) {
  if (options.container_count < 1) {
    return InvalidArgument("{} containers cannot be verified", options.container_count);
  }
  ASSIGN_OR_RETURN(DiskNames names, WalkNames(disk, options.layout, options.container_count));
  return ClusterVerifier(disk, tier1, options, std::move(names));
}

StatusOr<ContainerOutcome> ClusterVerifier::Judge(int container) const {
  ContainerOutcome outcome;
  const ContainerNames& names = names_.containers.at(static_cast<size_t>(container));
  Status judged = ContainerJudge(*disk_, *tier1_, *options_, container, names, outcome).Run();
  if (!judged.ok()) return Annotate(judged, fmt::format("container {}", container));
  return outcome;
}

StatusOr<VerifyReport> ClusterVerifier::Sum(std::vector<ContainerOutcome> outcomes) const {
  VerifyReport report;
  std::optional<TransactionNumber> highest = names_.highest_transaction;
  std::map<std::string, int64_t> reader_groups;
  ControllerNeeds needs;
  for (ContainerOutcome& outcome : outcomes) {
    if (outcome.highest_transaction.has_value()) {
      highest =
          std::max(highest.value_or(*outcome.highest_transaction), *outcome.highest_transaction);
    }
    reader_groups.merge(outcome.reader_group_bytes);
    needs.Merge(std::move(outcome.needs));
    Add(report, std::move(outcome.report));
  }
  Findings findings(report, -1);
  RETURN_IF_ERROR(CheckController(*tier1_, highest, reader_groups, findings));
  // Once the controller has run, it has taken the nodes over, and its tables lag behind in Tier-2.
  if (report.containers_written == 0) {
    RETURN_IF_ERROR(CheckNeeds(*tier1_, needs, findings));
  }
  return report;
}

}  // namespace verify

StatusOr<VerifyReport> VerifyCluster(const Disk& disk, Tier1& tier1, const VerifyOptions& options,
                                     Progress& progress) {
  ASSIGN_OR_RETURN(const verify::ClusterVerifier verifier,
                   verify::ClusterVerifier::Open(disk, tier1, options));
  const size_t count = static_cast<size_t>(options.container_count);
  progress.Phase("verify", count);
  std::vector<verify::ContainerOutcome> outcomes(count);
  RETURN_IF_ERROR(ParallelFor(count, options.threads, [&](size_t i) -> Status {
    ASSIGN_OR_RETURN(outcomes[i], verifier.Judge(static_cast<int>(i)));
    progress.Advance(1);
    return OkStatus();
  }));
  return verifier.Sum(std::move(outcomes));
}

}  // namespace pdr

#include "verify/verify.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/parallel.h"
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

StatusOr<VerifyReport> VerifyCluster(const Disk& disk, Tier1& tier1, const VerifyOptions& options,
                                     Progress& progress) {
  if (options.container_count < 1) {
    return InvalidArgument("{} containers cannot be verified", options.container_count);
  }
  const size_t count = static_cast<size_t>(options.container_count);
  progress.Phase("verify", count);
  ASSIGN_OR_RETURN(verify::DiskNames names,
                   verify::WalkNames(disk, options.layout, options.container_count));
  std::vector<verify::ContainerOutcome> outcomes(count);
  RETURN_IF_ERROR(ParallelFor(count, options.threads, [&](size_t i) {
    const int container = static_cast<int>(i);
    Status judged =
        verify::ContainerJudge(disk, tier1, options, container, names.containers[i], outcomes[i])
            .Run();
    progress.Advance(1);
    return Annotate(judged, fmt::format("container {}", container));
  }));

  VerifyReport report;
  std::optional<verify::TransactionNumber> highest = names.highest_transaction;
  std::map<std::string, int64_t> reader_groups;
  verify::ControllerNeeds needs;
  for (verify::ContainerOutcome& outcome : outcomes) {
    if (outcome.highest_transaction.has_value()) {
      highest =
          std::max(highest.value_or(*outcome.highest_transaction), *outcome.highest_transaction);
    }
    reader_groups.merge(outcome.reader_group_bytes);
    needs.Merge(std::move(outcome.needs));
    Add(report, std::move(outcome.report));
  }
  verify::Findings findings(report, -1);
  RETURN_IF_ERROR(verify::CheckController(tier1, highest, reader_groups, findings));
  // Once the controller has run, it has taken the nodes over, and its tables lag behind in Tier-2.
  if (report.containers_written == 0) {
    RETURN_IF_ERROR(verify::CheckNeeds(tier1, needs, findings));
  }
  return report;
}

}  // namespace pdr

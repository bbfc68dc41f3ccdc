#include "recovery/planner.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <set>
#include <tuple>

#include "base/parallel.h"
#include "format/names.h"
#include "recovery/container_planner.h"
#include "recovery/controller_work.h"
#include "recovery/layout_files.h"
#include "recovery/losses.h"
#include "recovery/positions.h"
#include "recovery/segment_kind.h"
#include "recovery/transactions.h"
#include "recovery/unrecorded_streams.h"

namespace pdr {
namespace {

std::vector<Brief> BriefContainers(const Inventory& inventory, const Evidence& evidence,
                                   const ControllerWork& work, std::vector<Anomaly>& anomalies) {
  const int count = evidence.view.container_count;
  std::vector<Brief> briefs(static_cast<size_t>(count));
  const auto of = [&](const std::string& segment) -> Brief* {
    const auto owner = static_cast<size_t>(ContainerOf(segment, count));
    return owner < briefs.size() ? &briefs[owner] : nullptr;
  };
  const auto expect = [&](const std::string& name) {
    if (Brief* brief = of(name)) brief->expected.push_back(name);
  };
  for (const std::string& name : evidence.controller.ExpectedSegments()) expect(name);
  for (const auto& [name, addition] : work.additions) expect(name);
  for (const std::string& name : work.tables) expect(name);
  for (const std::string& path : evidence.view.unreferenced) {
    std::string segment = path;
    if (auto chunk = ParseChunkName(path)) segment = chunk->segment;
    if (auto chunk = ParseRollingChunkName(path)) segment = chunk->segment;
    if (Brief* brief = of(segment)) {
      brief->unreferenced.push_back(path);
      continue;
    }
    anomalies.push_back(
        {"container-out-of-range", -1, path,
         fmt::format("belongs to container {} of {}", ContainerOf(segment, count), count)});
  }
  std::vector<std::vector<const InventoryFile*>> headers = HeadersByContainer(inventory);
  for (size_t c = 0; c < briefs.size(); ++c) briefs[c].headers = std::move(headers[c]);
  return briefs;
}

// Plans the containers, so many at a time, and adds up what they come to. Each is forgotten once it
// is planned, and its plan put on the shelf.
class ClusterPlanner {
 public:
  ClusterPlanner(const Inventory& inventory, Evidence& evidence, const PlanOptions& options,
                 Plan& plan)
      : inventory_(inventory),
        evidence_(evidence),
        options_(options),
        plan_(plan),
        reached_(FarthestPositions(evidence)),
        positions_(evidence),
        unrecorded_(evidence.controller),
        outcomes_(evidence.containers.size()) {}

  Status Run(const ControllerWork& work, size_t threads) {
    const std::vector<Brief> briefs = BriefContainers(inventory_, evidence_, work, plan_.anomalies);
    const size_t count = outcomes_.size();
    plan_.containers = Shelf<ContainerPlan, ContainerPlanCodec>(count, evidence_.scratch);
    const size_t at_once = evidence_.containers.AtOnce(threads);
    RETURN_IF_ERROR(ParallelFor(count, at_once, [&](size_t c) -> Status {
      ASSIGN_OR_RETURN(GatheredContainer container, evidence_.containers.Take(c));
      ASSIGN_OR_RETURN(container.view.storage_records, evidence_.storage_records.Take(c));
      return Keep(c, PlanContainer({inventory_, evidence_, work, reached_, options_}, briefs[c],
                                   container));
    }));
    bool unclean = false;
    for (Outcome& o : outcomes_) {
      std::move(o.anomalies.begin(), o.anomalies.end(), std::back_inserter(plan_.anomalies));
      std::move(o.losses.begin(), o.losses.end(), std::back_inserter(plan_.losses));
      std::move(o.emptied_reader_groups.begin(), o.emptied_reader_groups.end(),
                std::back_inserter(plan_.controller.emptied_reader_groups));
      plan_.totals.Add(std::move(o.totals));
      unclean |= o.written_after_flush;
    }
    if (unclean) StateWindow(evidence_.newest_file_ns, options_, plan_);
    positions_.Finish(plan_.anomalies);
    unrecorded_.Finish(plan_.anomalies);
    return OkStatus();
  }

 private:
  struct Outcome {
    std::vector<Anomaly> anomalies;
    std::vector<Loss> losses;
    std::vector<std::string> emptied_reader_groups;
    PlanTotals totals;
    bool written_after_flush = false;
  };

  Status Keep(size_t container, PlannedContainer planned) {
    Outcome& outcome = outcomes_[container];
    outcome.anomalies = std::move(planned.anomalies);
    outcome.losses = std::move(planned.losses);
    outcome.totals = TotalsOf(planned.plan);
    outcome.written_after_flush = planned.written_after_flush;
    for (const SegmentDecision& s : planned.plan.segments) {
      if (!IsControllerReaderGroup(s.info.name)) continue;
      outcome.emptied_reader_groups.push_back(s.info.name);
    }
    {
      const std::lock_guard lock(mutex_);
      positions_.Add(planned.plan);
      unrecorded_.Add(planned.plan);
    }
    return plan_.containers.Put(container, std::move(planned.plan));
  }

  const Inventory& inventory_;
  Evidence& evidence_;
  const PlanOptions& options_;
  Plan& plan_;
  const Reached reached_;
  std::mutex mutex_;  // for the next two
  PositionCheck positions_;
  UnrecordedStreams unrecorded_;
  std::vector<Outcome> outcomes_;  // by container
};

// Part of an atomic batch may be all that reached Tier-2: of a segment that nothing else knows, a
// broken list is no loss.
void ForgetListsOfLeftovers(std::vector<Anomaly>& anomalies) {
  std::set<std::string> leftovers;
  for (const Anomaly& a : anomalies) {
    if (a.code == "leftover") leftovers.insert(a.subject);
  }
  std::erase_if(anomalies, [&](const Anomaly& a) {
    return a.code == "list-broken" && leftovers.contains(a.subject);
  });
}

// What its tables lack is unknown of its streams too, and they may not be reachable (H23).
void NoteControllerProblems(const ControllerEvidence& controller, Plan& plan) {
  for (const ControllerProblem& p : controller.problems) {
    plan.anomalies.push_back({p.code, -1, p.subject, p.message});
  }
}

TransactionCounter NextCounter(const Evidence& evidence) {
  int32_t highest = evidence.highest_transaction_high;
  if (const auto& counter = evidence.controller.highest_counter) {
    highest = std::max(highest, counter->high);
  }
  return {highest + 1, 0};
}

}  // namespace

StatusOr<Plan> MakePlan(const Inventory& inventory, Evidence evidence, const PlanOptions& options,
                        size_t threads) {
  Plan plan;
  plan.layout = evidence.view.layout;
  plan.container_count = evidence.view.container_count;
  plan.epoch = evidence.view.max_epoch + 1;
  for (const Anomaly& a : evidence.view.anomalies) {
    // A merge that Tier-2 had begun: two segments list a file until the plan settles whose it is.
    const bool merged = a.code == "chunk-shared" && evidence.merged_chunks.contains(a.subject);
    if (!merged) plan.anomalies.push_back(a);
  }
  ControllerWork work = PlanControllerWork(evidence.controller, options);
  std::move(work.anomalies.begin(), work.anomalies.end(), std::back_inserter(plan.anomalies));
  FindLostTransactions(evidence, plan.anomalies, plan.losses);
  RETURN_IF_ERROR(ClusterPlanner(inventory, evidence, options, plan).Run(work, threads));
  ForgetListsOfLeftovers(plan.anomalies);
  NoteControllerProblems(evidence.controller, plan);
  plan.controller.counter = NextCounter(evidence);
  plan.controller.nodes = std::move(work.nodes);
  std::stable_sort(plan.losses.begin(), plan.losses.end(),
                   [](const Loss& a, const Loss& b) { return a.subject < b.subject; });
  std::stable_sort(
      plan.anomalies.begin(), plan.anomalies.end(), [](const Anomaly& a, const Anomaly& b) {
        return std::tie(a.container, a.subject, a.code) < std::tie(b.container, b.subject, b.code);
      });
  return plan;
}

}  // namespace pdr

#include "recovery/share_load.h"

#include <utility>

#include "recovery/plan_digest.h"
#include "recovery/share_files.h"
#include "recovery/share_names.h"

namespace pdr {

StatusOr<SharedRun> LoadSharedRun(const Disk& disk, const std::string& run_id) {
  StatusOr<std::string> bytes = LoadShareRecord(disk, run_id, kRunRecord);
  if (absl::IsNotFound(bytes.status())) {
    return FailedPrecondition(
        "the hosts at work share run {}, of which nothing is below this root: mount the same "
        "Tier-2 on every host",
        run_id);
  }
  RETURN_IF_ERROR(bytes.status());
  StatusOr<SharedRun> run = DecodeSharedRun(*bytes);
  if (!run.ok()) return Annotate(run.status(), fmt::format("record of run {}", run_id));
  if (run->run_id != run_id) return DataLoss("run {} has the record of {}", run_id, run->run_id);
  return run;
}

StatusOr<Plan> LoadSharedPlan(const Disk& disk, const SharedRun& run,
                              std::shared_ptr<Scratch> scratch) {
  Plan plan;
  plan.layout = run.layout();
  plan.container_count = run.identity.container_count;
  plan.epoch = run.epoch;
  plan.controller = run.controller;
  plan.anomalies = run.anomalies;
  plan.losses = run.losses;
  const size_t count = run.container_count();
  plan.containers = Shelf<ContainerPlan, ContainerPlanCodec>(count, std::move(scratch));
  for (size_t c = 0; c < count; ++c) {
    const std::string name = PlanRecord(c);
    ASSIGN_OR_RETURN(const std::string bytes, LoadShareRecord(disk, run.run_id, name));
    StatusOr<ContainerPlan> part = ContainerPlanCodec::Decode(bytes, c);
    if (!part.ok()) return Annotate(part.status(), name);
    plan.totals.Add(TotalsOf(*part));
    RETURN_IF_ERROR(plan.containers.Put(c, *std::move(part)));
  }
  ASSIGN_OR_RETURN(const std::string digest, PlanDigest(plan));
  if (digest == run.identity.plan_digest) return plan;
  return DataLoss("the plan of run {} is not the one that was made: its digest differs",
                  run.run_id);
}

StatusOr<ContainerManifest> LoadSharedManifest(const Disk& disk, const std::string& run_id,
                                               size_t container) {
  const std::string name = ManifestRecord(container);
  ASSIGN_OR_RETURN(const std::string bytes, LoadShareRecord(disk, run_id, name));
  StatusOr<ContainerManifest> manifest = DecodeContainerManifest(bytes);
  if (!manifest.ok()) return Annotate(manifest.status(), name);
  return manifest;
}

StatusOr<Manifest> LoadWholeManifest(const Disk& disk, const SharedRun& run) {
  Manifest manifest = OutlineOf(run);
  for (size_t c = 0; c < manifest.containers.size(); ++c) {
    ASSIGN_OR_RETURN(manifest.containers[c], LoadSharedManifest(disk, run.run_id, c));
  }
  return manifest;
}

}  // namespace pdr

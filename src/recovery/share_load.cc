#include "recovery/share_load.h"

#include "base/parallel.h"
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

StatusOr<Plan> LoadSharedPlan(const Disk& disk, const SharedRun& run, size_t threads) {
  Plan plan;
  plan.layout = run.layout();
  plan.container_count = run.identity.container_count;
  plan.epoch = run.epoch;
  plan.controller = run.controller;
  plan.anomalies = run.anomalies;
  plan.losses = run.losses;
  plan.containers.resize(run.container_count());
  RETURN_IF_ERROR(ParallelFor(plan.containers.size(), threads, [&](size_t c) -> Status {
    const std::string name = PlanRecord(c);
    ASSIGN_OR_RETURN(const std::string bytes, LoadShareRecord(disk, run.run_id, name));
    StatusOr<ContainerPlan> part = DecodeContainerPlan(bytes);
    if (!part.ok()) return Annotate(part.status(), name);
    plan.containers[c] = *std::move(part);
    return OkStatus();
  }));
  if (PlanDigest(plan) == run.identity.plan_digest) return plan;
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

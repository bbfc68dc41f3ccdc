// The files that hosts of a shared run exchange, as bytes: each says its kind and version and
// carries a checksum. docs/workspace.md, Shared runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "recovery/manifest.h"
#include "recovery/plan.h"
#include "recovery/workspace.h"
#include "verify/outcome.h"

namespace pdr {

// What is decided once, by the host that planned; the containers' plans are files of their
// own, as ContainerPlanCodec has them.
struct SharedRun {
  std::string run_id;
  std::string planned_by;        // host
  Identity identity;             // without what is each host's own: share_run.h
  uint64_t epoch = 1;            // of the logs
  int64_t last_modified_ms = 0;  // part of the bytes that are built, so the same on all hosts
  ControllerPlan controller;
  std::vector<NodeWrite> nodes;
  std::vector<Anomaly> anomalies;
  std::vector<Loss> losses;

  Layout layout() const;
  size_t container_count() const { return static_cast<size_t>(identity.container_count); }
};

// The manifest without the containers' steps and frames.
Manifest OutlineOf(const SharedRun& run);

std::string EncodeSharedRun(const SharedRun& run);
StatusOr<SharedRun> DecodeSharedRun(std::string_view bytes);

std::string EncodeContainerManifest(const ContainerManifest& manifest);
StatusOr<ContainerManifest> DecodeContainerManifest(std::string_view bytes);

std::string EncodeContainerOutcome(const verify::ContainerOutcome& outcome);
StatusOr<verify::ContainerOutcome> DecodeContainerOutcome(std::string_view bytes);

}  // namespace pdr

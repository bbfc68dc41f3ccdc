// What a dr command works on: Tier-2, Tier-1 and the workspace, real or rehearsed.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/config_file.h"
#include "recovery/workspace.h"
#include "tier1/tier1.h"
#include "tier2/disk_limits.h"
#include "tier2/overlay_disk.h"
#include "tier2/posix_disk.h"

namespace pdr {

struct TargetOptions {
  std::string root;
  std::string config_file;
  std::vector<std::string> overrides;
  std::string tier1;  // empty, or embedded:DIR
  std::string workspace = "pravega-dr-workspace";
  bool rehearse = false;
  DiskReading reading;
};

void AddTargetOptions(CLI::App& command, TargetOptions& options, bool with_root);

// A rehearsal leaves Tier-2 and the real Tier-1 alone: changes go to an overlay and to an embedded
// log, both below <workspace>/rehearsal. It is chosen by --rehearse, by --tier1 embedded:DIR, and
// whenever no ZooKeeper is configured.
struct Target {
  PravegaConfig config;
  bool rehearsal = false;
  bool unasked = false;  // it is a rehearsal only because no ZooKeeper is configured
  std::string rehearsal_dir;
  std::unique_ptr<Disk> base;
  std::unique_ptr<Disk> upper;
  std::unique_ptr<Disk> overlay;
  std::unique_ptr<DiskLimits> limits;  // of a real Tier-2
  Tier1 tier1;
  Status tier1_status;  // whether it could be opened
  std::unique_ptr<Workspace> workspace;

  Disk& disk() { return rehearsal ? *overlay : *base; }
};

enum class Rehearsal {
  kContinue,  // use what an earlier rehearsal left
  kFresh,     // a finished rehearsal is thrown away first
};

// Opens all of it. A Tier-1 that cannot be reached within the session timeout is no failure here,
// so that a fresh run can tell it together with whatever else is in its way. A rehearsal that
// nobody asked for is refused where a real run is under way.
StatusOr<Target> OpenTarget(const TargetOptions& options, Rehearsal rehearsal);

// The directory of the run's database: the workspace, or its rehearsal.
std::string RunWorkspace(const TargetOptions& options, const PravegaConfig& config);

}  // namespace pdr

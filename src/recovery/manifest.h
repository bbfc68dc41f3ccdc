// The manifest: everything the commit does, as data. Written to the workspace before the first
// effect outside the run's own directory, so that an interrupted commit is resumed from it and
// never from a second look at a half-changed Tier-2.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tier2/inventory.h"

namespace pdr {

struct FileStep {
  enum class Kind : uint8_t { kSetAside, kInstall, kSetMode };
  Kind kind = Kind::kSetAside;
  std::string path;       // relative to the root
  std::string other;      // kSetAside: where the original goes; kInstall: where the new file waits
  uint64_t size = 0;      // kInstall: bytes
  uint32_t old_mode = 0;  // kSetMode: before
  uint32_t new_mode = 0;  // kSetMode, kInstall: after
  bool operator==(const FileStep&) const = default;
};

struct ContainerManifest {
  int container = 0;
  std::vector<FileStep> steps;      // all kSetAside, then all kInstall, then all kSetMode
  std::vector<std::string> frames;  // of the one ledger
  bool operator==(const ContainerManifest&) const = default;
};

struct NodeWrite {  // a node outside the containers' logs
  std::string path;
  std::string data;
  bool operator==(const NodeWrite&) const = default;
};

struct Manifest {
  std::string run_id;
  Layout layout = Layout::kChunked;
  uint64_t epoch = 1;
  std::vector<ContainerManifest> containers;  // index = container id
  std::vector<NodeWrite> nodes;
  bool operator==(const Manifest&) const = default;
};

// Below the Tier-2 root: .pravega-dr/<run id>
std::string RunDir(const std::string& run_id);
// Where an original goes: <run>/backup_system/... for _system/..., <run>/backup/... for the rest.
std::string AsidePath(const std::string& run_id, const std::string& path);
// Where new files wait: <run>/new
std::string StagingDir(const std::string& run_id);

}  // namespace pdr

#include "recovery/manifest.h"

#include <fmt/format.h>

namespace pdr {

std::string RunDir(const std::string& run_id) { return fmt::format("{}/{}", kOwnDir, run_id); }

std::string AsidePath(const std::string& run_id, const std::string& path) {
  const bool system = path.starts_with("_system/");
  return fmt::format("{}/backup{}{}", RunDir(run_id), system ? "" : "/", path);
}

std::string StagingDir(const std::string& run_id) { return RunDir(run_id) + "/new"; }

}  // namespace pdr

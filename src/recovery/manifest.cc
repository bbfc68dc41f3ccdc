#include "recovery/manifest.h"

#include <fmt/format.h>

namespace pdr {

std::string RunDir(const std::string& run_id) { return fmt::format("{}/{}", kOwnDir, run_id); }

std::string AsidePath(const std::string& run_id, const std::string& path) {
  const bool system = path.starts_with("_system/");
  return fmt::format("{}/backup{}{}", RunDir(run_id), system ? "" : "/", path);
}

std::string StagedPath(const std::string& run_id, const std::string& path) {
  return fmt::format("{}/new/{}", RunDir(run_id), path);
}

}  // namespace pdr

#include "cli/version.h"

#include <fmt/format.h>

namespace pdr {

std::string VersionNumber() { return PDR_VERSION; }

std::string VersionText() {
  const std::string revision = PDR_REVISION;
  return fmt::format(
      "pravega-dr {} ({}{} build, {})\n"
      "supports Pravega 0.13 (chunked layout) and up to 0.12 (rolling layout)",
      PDR_VERSION, revision.empty() ? "" : "revision " + revision + ", ", PDR_BUILD_TYPE,
      PDR_COMPILER);
}

}  // namespace pdr

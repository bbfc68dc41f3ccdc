// What ZooKeeper tells of the shared run that a workspace takes part in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "recovery/workspace.h"

namespace pdr {

struct ShareHost {
  std::string name;
  bool leads = false;           // plans, reserves or enables
  std::vector<int> containers;  // that it holds just now
};

struct ShareNow {
  std::string stage;
  size_t done = 0;  // containers whose part of the stage is done
  size_t containers = 0;
  std::vector<ShareHost> hosts;
};

// Nothing when no shared run of that identity is under way, which opens no connection.
StatusOr<std::optional<ShareNow>> LookAtSharedRun(const Identity& identity);

std::string ShareText(const ShareNow& now);  // lines
Json ShareJson(const ShareNow& now);

}  // namespace pdr

// What a reader of Tier-2 leaves out, and what becomes of a container when it is read.
#pragma once

#include <functional>

#include "tier2/view.h"

namespace pdr {

struct ReadScope {
  // For a list of segments: attribute indexes are not even opened, epochs and block records not
  // looked at.
  bool rows_only = false;
  // Called once per container, when all of it is read; may take it out of the view, so that only
  // the containers that are being read are in memory. Not for one container twice, but from any
  // thread.
  std::function<void(ContainerView&)> done = [](ContainerView&) {};
};

}  // namespace pdr

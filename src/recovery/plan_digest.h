// One digest over everything a plan decides: same plan, same digest.
#pragma once

#include <string>

#include "recovery/plan.h"

namespace pdr {

StatusOr<std::string> PlanDigest(const Plan& plan);  // hex

}  // namespace pdr

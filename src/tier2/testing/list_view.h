// The rows of everything that a view holds, as ListTier2 must give them without one.
#pragma once

#include "tier2/listing.h"
#include "tier2/view.h"

namespace pdr {

Listing ListView(const Tier2View& view);

}  // namespace pdr

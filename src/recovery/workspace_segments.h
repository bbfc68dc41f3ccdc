// The table of segments in the workspace's database, written with the rest of the plan.
#pragma once

#include <sqlite3.h>

#include "base/status.h"
#include "recovery/plan.h"

namespace pdr {

// Every segment with its notes and sources, registered or not, and the files of the metadata
// tables.
Status InsertSegments(sqlite3* db, const Plan& plan);

}  // namespace pdr

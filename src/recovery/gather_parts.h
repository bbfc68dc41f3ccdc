// Gathering in parts, so that several hosts can share it: the views of all containers; then the
// tables of each container; then, once all of the controller's tables are known, the streams of
// each; then what all of them tell together. Gather() is all of it in a row.
#pragma once

#include <map>
#include <string>

#include "base/progress.h"
#include "base/status.h"
#include "recovery/evidence.h"
#include "recovery/gather.h"
#include "tier2/disk.h"
#include "tier2/inventory.h"

namespace pdr {

// The controller tables of a container by name; an error for one that could not be read.
using TableContents = std::map<std::string, StatusOr<TableValues>>;

// One container of the evidence, while it is added to.
struct GatherTarget {
  ContainerView& view;
  ContainerEvidence& evidence;
  Layout layout;
};

// Everything but what the segments' bytes tell: container metadata, headers, file names and sizes.
StatusOr<Evidence> GatherViews(const Disk& disk, const Inventory& inventory, size_t threads,
                               Progress& progress);
// Keeps up to `depth` segments under way at a time. Opens only files of that container's segments;
// what cannot be read becomes an anomaly.
TableContents GatherTables(const Disk& disk, const GatherOptions& options, size_t depth,
                           const GatherTarget& target, Progress& progress);
// From the tables of all containers; reads nothing.
ControllerEvidence GatherController(const TableContents& tables, size_t threads);
// As GatherTables.
void GatherStreams(const Disk& disk, const GatherOptions& options, size_t depth,
                   const ControllerEvidence& controller, const GatherTarget& target,
                   Progress& progress);
// What the containers together tell about the controller, when all of them are gathered.
void GatherWhole(Evidence& evidence);

}  // namespace pdr

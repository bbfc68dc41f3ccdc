// The stored segments of the rolling layout, from their headers. docs/formats/lts-rolling.md
// sections 3 and 5.
#pragma once

#include <functional>
#include <string_view>

#include "base/progress.h"
#include "base/status.h"
#include "tier2/file_index.h"
#include "tier2/view.h"

namespace pdr {

// `name` is part of a path of the inventory. Called for one segment at a time, no name twice, in no
// certain order.
using TakeRolling =
    std::function<Status(ContainerView& container, std::string_view name, StoredSegment segment)>;

// Reads every header, directory by directory, as many calls at a time as the disk likes; those of
// attribute indexes only when they are wanted. What is wrong goes to the view's anomalies; a header
// of container metadata that cannot be used is an error (H32).
Status ReadRollingSegments(const Disk& disk, const Inventory& inventory, FileIndex& files,
                           bool indexes, Progress& progress, Tier2View& view,
                           const TakeRolling& take);

}  // namespace pdr

// Independent work over an index range, on a bounded number of threads.
#pragma once

#include <cstddef>
#include <functional>

#include "base/status.h"

namespace pdr {

// Calls work(0) ... work(count - 1) on up to `threads` threads, in this order as they become free;
// no more once one has failed. The error of the smallest failing index is returned, so that the
// outcome does not depend on timing.
Status ParallelFor(size_t count, size_t threads, const std::function<Status(size_t)>& work);

}  // namespace pdr

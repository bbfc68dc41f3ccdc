// Which segment store serves each container, as the controller tells its clients.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/status.h"
#include "live/endpoint.h"

namespace pdr {

// A name in each container that no cluster uses. Its container answers for it (NoSuchSegment) only
// when it is online.
std::string ProbeName(int64_t number);
std::vector<int64_t> ProbeNumbers(int container_count);

// One store per container. The first of `controllers` that can be reached is asked. Unavailable
// when none can, or when a container has no store yet; FailedPrecondition when clients must
// authenticate.
StatusOr<std::vector<Endpoint>> FindContainerStores(const std::vector<Endpoint>& controllers,
                                                    int container_count,
                                                    std::chrono::milliseconds timeout);

}  // namespace pdr

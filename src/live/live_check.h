// Is the running cluster what the plan promised? Asks the segment stores about every planned
// segment and compares. Production may have gone on since: segments grow, are sealed, are
// truncated, transactions end; none of this is wrong. docs/formats/segment-store-wire.md section 5.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/status.h"
#include "format/segment_info.h"
#include "format/wire_command.h"
#include "live/endpoint.h"

namespace pdr {

struct PlannedSegment {
  int container = 0;
  SegmentInfo info;
};

struct LiveFinding {
  std::string code;  // docs/anomalies.md
  int container = 0;
  std::string segment;
  std::string message;
  bool operator==(const LiveFinding&) const = default;
};

struct LiveReport {
  std::vector<LiveFinding> findings;  // in the order of the plan
  uint64_t stores = 0;
  uint64_t containers = 0;  // online: they answered
  uint64_t segments = 0;    // planned segments of which a store told
  uint64_t tables = 0;      // those of them that are tables, asked for their keys too
  uint64_t keys = 0;        // in these tables now
  uint64_t grown = 0;       // longer than planned
  uint64_t sealed = 0;      // sealed since
  uint64_t truncated = 0;   // begin later than planned
  uint64_t ended = 0;       // segments of transactions that were committed or aborted since
  // The containers' own segments: a store with an admin gateway tells of them, others need not.
  uint64_t own = 0;
  uint64_t unanswered = 0;
};

struct LiveOptions {
  std::vector<Endpoint> controllers;
  int container_count = 0;
  size_t threads = 2;
  std::chrono::milliseconds timeout{15000};  // of every single wait
  // With a cluster that is still starting: once it is over, nothing is asked anew.
  std::chrono::seconds patience{0};
  const Clock* clock = &Clock::Real();
};

// Unavailable when the cluster cannot be judged: something is not reachable, does not speak as it
// must, or not all containers come online while the patience lasts. FailedPrecondition, at once,
// when it wants authentication, or its stores speak other versions of the protocol.
StatusOr<LiveReport> CheckLiveCluster(const std::vector<PlannedSegment>& plan,
                                      const LiveOptions& options, Progress& progress);

bool IsTable(const PlannedSegment& segment);
// The two comparisons; they add to the report.
void CompareSegment(const PlannedSegment& planned, const WireReply& reply, LiveReport& report);
void CompareTable(const PlannedSegment& planned, const WireReply& reply, LiveReport& report);

}  // namespace pdr

// The independent judge: boots every container from Tier-1 read-only, as production would, and
// compares it with Tier-2, segment by segment. Shares only src/format/, the I/O seams and the walk
// over Tier-2's names with the code that wrote. docs/formats/recovery-semantics.md
// sections 1.1, 1.2, 1.5 and 5.1.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/status.h"
#include "tier1/tier1.h"
#include "tier2/disk.h"
#include "tier2/inventory.h"

namespace pdr {

struct VerifyOptions {
  Layout layout = Layout::kChunked;
  int container_count = 0;
  size_t threads = 2;
  uint64_t memory = uint64_t{256} << 20;  // about as much, for the containers that are judged
  // The last step of a recovery, enabling the logs, has not been done yet: disabled is right.
  bool logs_still_disabled = false;
};

struct Finding {
  std::string code;  // e.g. "length-mismatch", listed in docs/anomalies.md
  int container = -1;
  std::string segment;
  std::string message;  // what was expected, what is there
};

struct VerifyReport {
  std::vector<Finding> findings;    // empty = everything agrees; stable order
  std::vector<Finding> notes;       // not wrong, but worth knowing, e.g. "unreferenced-chunk"
  uint64_t containers = 0;          // booted
  uint64_t containers_written = 0;  // whose log holds more than a recovery puts there
  uint64_t segments = 0;            // registered segments compared
  uint64_t chunks = 0;              // chunk files whose existence and size were checked
  uint64_t table_segments = 0;      // whose index was compared with their data
  uint64_t table_keys = 0;          // looked up through the index
};

// Errors: Unavailable or I/O errors that make judging impossible. What is wrong with the cluster is
// never an error but a finding.
StatusOr<VerifyReport> VerifyCluster(const Disk& disk, Tier1& tier1, const VerifyOptions& options,
                                     Progress& progress);

}  // namespace pdr

// What the next boot of a container would recover from Tier-1, found out without changing anything.
// docs/formats/durable-log.md sections 1, 2 and 5.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tier1/tier1.h"
#include "verify/findings.h"
#include "verify/replay.h"

namespace pdr::verify {

struct LogState {
  uint64_t epoch = 0;  // the container epoch of the next boot
  // The log holds more than the one checkpoint of a recovery: production has written.
  bool written = false;
  int64_t last_sequence_number = 0;
  std::map<std::string, LogSegment> segments;  // by name
};

// Nothing when the container cannot boot; the findings say why.
StatusOr<std::optional<LogState>> BootLog(Tier1& tier1, int container, bool disabled_is_right,
                                          Findings& findings);

}  // namespace pdr::verify

// What a line of progress says, for any width. Pure, so that it can be tested without a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace pdr {

struct PhaseState {
  std::string name;
  std::string unit;
  uint64_t total = 0;
  uint64_t containers = 0;
  uint64_t done = 0;
  uint64_t containers_done = 0;
  uint64_t bytes = 0;
  int64_t elapsed_ms = 0;
};

// At most `width` columns: what matters least is left out first. With room there is a bar.
std::string ProgressLine(const PhaseState& phase, size_t width);

// The same without a bar and of any length, for a log.
std::string ProgressText(const PhaseState& phase);

// "verify: 16 containers in 3.4 s", when the phase is over.
std::string PhaseSummary(const PhaseState& phase);

}  // namespace pdr

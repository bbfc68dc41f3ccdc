// What each phase of the engine takes, as JSON lines on standard output.
#pragma once

#include <chrono>
#include <string>

#include "base/progress.h"

namespace pdr::bench {

// Reports every phase when the next one begins.
class PhaseTimer : public Progress {
 public:
  void Begin(const PhaseInfo& phase) override;
  void Advance(uint64_t) override {}
  void Note(std::string_view) override {}
  void End() override;

 private:
  std::string name_;
  std::chrono::steady_clock::time_point begin_;
  double cpu_ = 0;
};

}  // namespace pdr::bench

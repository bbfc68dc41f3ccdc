// Progress as one line that is drawn over and over; silent when standard error is no terminal.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "base/progress.h"

namespace pdr {

class TerminalProgress : public Progress {
 public:
  TerminalProgress();
  ~TerminalProgress() override;
  void Phase(std::string_view name, uint64_t total) override;
  void Advance(uint64_t done) override;
  void Note(std::string_view message) override;  // always a line of its own

 private:
  void Draw();
  void Erase();

  const bool terminal_;
  std::mutex mutex_;
  std::string phase_;
  uint64_t total_ = 0;
  std::atomic<uint64_t> done_ = 0;
  std::atomic<int64_t> next_draw_ms_ = 0;
  bool drawn_ = false;
};

}  // namespace pdr

// Progress on standard error: on a terminal one line that is drawn over and over, elsewhere a line
// every ten seconds.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "base/progress.h"
#include "cli/progress_line.h"

namespace pdr {

struct ProgressOptions {
  bool quiet = false;    // neither progress nor notes before the end
  bool verbose = false;  // also a line for every phase that is over
};
void AddProgressOptions(CLI::App& command, ProgressOptions& options);

class TerminalProgress : public Progress {
 public:
  explicit TerminalProgress(const ProgressOptions& options);
  ~TerminalProgress() override;
  void Begin(const PhaseInfo& phase) override;
  void End() override;
  void Expect(uint64_t more) override;
  void Advance(uint64_t done) override { done_ += done; }
  void AddBytes(uint64_t bytes) override { bytes_ += bytes; }
  void ContainerDone() override { ++containers_done_; }
  void Note(std::string_view message) override;  // always a line of its own

 private:
  void Tick();
  PhaseState State() const;
  void Draw();
  void Erase();
  void FinishPhase();

  const ProgressOptions options_;
  const bool terminal_;
  const bool color_;
  std::mutex mutex_;  // all but the counters
  std::condition_variable wake_;
  bool stop_ = false;
  bool active_ = false;
  PhaseState phase_;
  int64_t began_ms_ = 0;
  size_t drawn_ = 0;  // columns of the line that is on the screen
  std::atomic<uint64_t> done_ = 0;
  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<uint64_t> containers_done_ = 0;
  std::thread ticker_;
};

}  // namespace pdr

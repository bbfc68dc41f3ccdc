// Progress that also stands in the workspace, so that dr status can tell it from another terminal.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/status.h"

namespace pdr {

// What is being done, as the program at work last wrote it.
struct ProgressNow {
  int64_t process = 0;
  std::string phase;
  uint64_t done = 0;
  uint64_t total = 0;  // 0 = not known
  int64_t started_ms = 0;
  int64_t written_ms = 0;
  std::vector<int> containers;  // at work on these
};

// Is told which containers are worked on; thread-safe.
class ContainerWatch {
 public:
  virtual ~ContainerWatch() = default;
  virtual void Enter(int container) = 0;
  virtual void Leave(int container) = 0;
};

// NotFound when no run has begun in this workspace.
StatusOr<ProgressNow> ReadProgress(const std::string& workspace);

// Thread-safe. Writes the file <workspace>/progress when a phase begins and at most every half
// second; it is not synced, and a failure to write it is no failure of the run.
class RunProgress : public Progress, public ContainerWatch {
 public:
  RunProgress(Progress& inner, std::string workspace, const Clock& clock)
      : inner_(inner), workspace_(std::move(workspace)), clock_(clock) {}

  void Begin(const PhaseInfo& phase) override;
  void End() override { inner_.End(); }
  void Expect(uint64_t more) override;
  void Advance(uint64_t done) override;
  void AddBytes(uint64_t bytes) override { inner_.AddBytes(bytes); }
  void ContainerDone() override { inner_.ContainerDone(); }
  void Note(std::string_view message) override { inner_.Note(message); }
  void Enter(int container) override;
  void Leave(int container) override;

 private:
  void Write(bool at_once);  // with mutex_ held

  Progress& inner_;
  const std::string workspace_;
  const Clock& clock_;
  std::mutex mutex_;
  ProgressNow now_;
  std::set<int> containers_;
};

}  // namespace pdr

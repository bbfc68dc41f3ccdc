// What does not fit into memory, written aside until it is wanted again: into a file without a
// name, so that nothing of it is left, however the program ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tier2/posix_path.h"

namespace pdr {

// All calls from any thread.
class Scratch {
 public:
  // `directory`: where the file is made, when it is needed first. `memory`: about how many bytes to
  // take. Half of it is for values that wait; once they are more, all that come after them are
  // written aside, for good: then the cluster is a large one, and what stayed would only add to
  // what is worked on. That may take the other half.
  Scratch(std::string directory, uint64_t memory)
      : directory_(std::move(directory)), memory_(memory) {}
  // Everything stays in memory.
  static std::shared_ptr<Scratch> None();

  // Of the values that are worked on, all together.
  uint64_t at_work() const { return memory_ / 2; }
  // Whether so many bytes more stay in memory; they count until they are given back.
  bool Keep(uint64_t bytes);
  void GiveBack(uint64_t bytes) { kept_ -= bytes; }

  // Where in the file a value is.
  struct Extent {
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };
  // ResourceExhausted, whatever is in the way: it is the workspace's fault, and not Tier-2's.
  StatusOr<Extent> Write(std::string_view value);
  // Unavailable, likewise.
  StatusOr<std::string> Read(const Extent& extent) const;
  Status Unreadable(std::string_view why) const;
  // Its space goes back to the file system, where that is possible.
  void Forget(const Extent& extent);

 private:
  Status Open();

  const std::string directory_;
  const uint64_t memory_;
  std::atomic<uint64_t> kept_ = 0;
  std::atomic<bool> full_ = false;
  std::mutex mutex_;  // for what follows
  UniqueFd file_;     // made once, before the first extent is given out
  uint64_t end_ = 0;
};

}  // namespace pdr

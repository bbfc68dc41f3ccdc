// The sink for progress on long work. The engine reports; who listens decides how it looks.
#pragma once

#include <cstdint>
#include <string_view>

namespace pdr {

struct PhaseInfo {
  std::string_view name;
  std::string_view unit;    // what Advance counts, in the singular: "segment"
  uint64_t total = 0;       // 0 when it is not known
  uint64_t containers = 0;  // how many are worked through besides; 0 when it does not go by them
};

class Progress {
 public:
  virtual ~Progress() = default;
  // A phase begins, and the one before is over.
  virtual void Begin(const PhaseInfo& phase) = 0;
  // A phase with one step per container.
  void Phase(std::string_view name, uint64_t containers) { Begin({name, "container", containers}); }
  // The phase is over and none follows: the screen is free for results and questions.
  virtual void End() {}
  // These add to the current phase, from any thread.
  virtual void Expect(uint64_t /*more*/) {}  // than the phase began with
  virtual void Advance(uint64_t done) = 0;
  virtual void AddBytes(uint64_t) {}
  virtual void ContainerDone() {}

  virtual void Note(std::string_view message) = 0;
  static Progress& Silent();
};

}  // namespace pdr

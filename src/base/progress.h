// The sink for progress on long work. The engine reports; who listens decides how it looks.
#pragma once

#include <cstdint>
#include <string_view>

namespace pdr {

class Progress {
 public:
  virtual ~Progress() = default;
  // A phase begins; total = 0 when it is not known.
  virtual void Phase(std::string_view name, uint64_t total) = 0;
  virtual void Advance(uint64_t done) = 0;  // thread-safe; adds to the current phase
  virtual void Note(std::string_view message) = 0;
  static Progress& Silent();
};

}  // namespace pdr

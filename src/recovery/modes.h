// Whether file modes still tell what is sealed. docs/formats/recovery-semantics.md H24.
#pragma once

#include <cstdint>

#include "tier2/view.h"

namespace pdr {

inline constexpr uint32_t kOwnerWrite = 0200;
inline constexpr uint32_t kAnyWrite = 0222;

// A file's mode when its segment is sealed, or not; the other bits stay.
constexpr uint32_t ModeFor(bool sealed, uint32_t mode) {
  return sealed ? mode & ~kAnyWrite : mode | kOwnerWrite;
}

// What the modes of the rolling layout say, container by container.
class ModeJudge {
 public:
  void Add(const ContainerView& container);
  // Rolling only: true when the modes cannot be what RollingStorage left, so that they say nothing:
  // every header is read-only; or none is, although records say sealed or full chunks are writable.
  bool AreLost() const;

 private:
  uint64_t segments_ = 0;
  uint64_t sealed_ = 0;         // by their header
  uint64_t recorded_ = 0;       // by their record, with data
  uint64_t writable_full_ = 0;  // chunks before a last one, all of which should be read-only
};

}  // namespace pdr

// The Clock seam: the only source of time, so that tests and replays are deterministic.
#pragma once

#include <cstdint>
#include <string>

namespace pdr {

inline constexpr int64_t kNanosPerMilli = 1000000;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMillis() const = 0;  // wall clock, Java epoch milliseconds
  virtual void SleepMillis(int64_t millis) const = 0;
  static const Clock& Real();
};

// For messages: UTC, to the millisecond, as 2026-11-25T22:30:01.250Z.
std::string TimeText(int64_t millis);

}  // namespace pdr

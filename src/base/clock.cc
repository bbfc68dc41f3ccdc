#include "base/clock.h"

#include <fmt/chrono.h>

#include <chrono>
#include <ctime>
#include <thread>

namespace pdr {
namespace {

class RealClock : public Clock {
 public:
  int64_t NowMillis() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  void SleepMillis(int64_t millis) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(millis));
  }
};

}  // namespace

const Clock& Clock::Real() {
  static const RealClock clock;
  return clock;
}

std::string TimeText(int64_t millis) {
  const int64_t seconds = (millis - (millis < 0 ? 999 : 0)) / 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds)),
                     millis - seconds * 1000);
}

}  // namespace pdr

#include "base/clock.h"

#include <chrono>
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

}  // namespace pdr

#include "report/quantities.h"

#include <fmt/format.h>

#include <array>

namespace pdr {

std::string HumanBytes(uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double v = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; v >= 1024 && unit + 1 < kUnits.size(); ++unit) v /= 1024;
  return fmt::format("{:.1f} {}", v, kUnits[unit]);
}

std::string HumanMillis(int64_t millis) {
  const int64_t seconds = millis / 1000;
  if (seconds < 60) return fmt::format("{:.1f} s", static_cast<double>(millis) / 1000);
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

std::string Count(uint64_t n, const std::string& noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string ContainerText(int64_t container) {
  return container < 0 ? "-" : fmt::format("{}", container);
}

}  // namespace pdr

#include "cli/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "report/quantities.h"

namespace pdr {
namespace {

constexpr int64_t kTooEarlyMs = 1000;  // before that a rate is a guess
constexpr size_t kBar = 20;

double PerSecond(uint64_t amount, const PhaseState& p) {
  return static_cast<double>(amount) * 1000 / static_cast<double>(p.elapsed_ms);
}

bool Known(const PhaseState& p) { return p.total > 0; }

std::string Percent(const PhaseState& p) {
  if (!Known(p)) return "";
  return fmt::format("{}%", std::min<uint64_t>(100, p.done * 100 / p.total));
}

std::string Left(const PhaseState& p) {
  if (!Known(p) || p.done == 0 || p.done >= p.total || p.elapsed_ms < kTooEarlyMs) return "";
  const double left = static_cast<double>(p.elapsed_ms) * static_cast<double>(p.total - p.done) /
                      static_cast<double>(p.done);
  return HumanMillis(static_cast<int64_t>(left)) + " left";
}

std::string Done(const PhaseState& p) {
  if (!Known(p)) return Count(p.done, p.unit);
  return fmt::format("{}/{}", p.done, Count(p.total, p.unit));
}

std::string Containers(const PhaseState& p) {
  if (p.containers == 0) return "";
  return fmt::format("{}/{}", p.containers_done, Count(p.containers, "container"));
}

std::string Bytes(const PhaseState& p) { return p.bytes == 0 ? "" : HumanBytes(p.bytes); }

std::string Rate(const PhaseState& p) {
  if (p.elapsed_ms < kTooEarlyMs || p.done == 0) return "";
  if (p.bytes > 0) return HumanBytes(static_cast<uint64_t>(PerSecond(p.bytes, p))) + "/s";
  return fmt::format("{:.0f} {}s/s", PerSecond(p.done, p), p.unit);
}

std::string Bar(const PhaseState& p) {
  if (!Known(p)) return "";
  const size_t full = std::min<uint64_t>(kBar, p.done * kBar / p.total);
  return fmt::format("[{}{}]", std::string(full, '#'), std::string(kBar - full, '.'));
}

struct Part {
  size_t rank;  // the smaller, the longer it stays
  std::string text;
};

std::string Compose(const PhaseState& p, size_t width, bool bar) {
  const std::array<Part, 8> parts = {{{0, p.name},
                                      {7, bar ? Bar(p) : ""},
                                      {1, Percent(p)},
                                      {3, Done(p)},
                                      {4, Containers(p)},
                                      {5, Bytes(p)},
                                      {6, Rate(p)},
                                      {2, Left(p)}}};
  std::string line;
  for (size_t ranks = parts.size(); ranks > 0; --ranks) {
    line.clear();
    for (const Part& part : parts) {
      if (part.rank >= ranks || part.text.empty()) continue;
      if (!line.empty()) line += "  ";
      line += part.text;
    }
    if (line.size() <= width) return line;
  }
  return line.substr(0, width);
}

}  // namespace

std::string ProgressLine(const PhaseState& phase, size_t width) {
  return Compose(phase, width, /*bar=*/true);
}

std::string ProgressText(const PhaseState& phase) {
  return Compose(phase, std::numeric_limits<size_t>::max(), /*bar=*/false);
}

std::string PhaseSummary(const PhaseState& phase) {
  std::string out = fmt::format("{}: {}", phase.name, Count(phase.done, phase.unit));
  if (phase.bytes > 0) out += ", " + HumanBytes(phase.bytes);
  return out + " in " + HumanMillis(phase.elapsed_ms);
}

}  // namespace pdr

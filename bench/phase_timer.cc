#include "bench/phase_timer.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace pdr::bench {
namespace {

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

rusage Usage() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double Cpu(const rusage& usage) { return Seconds(usage.ru_utime) + Seconds(usage.ru_stime); }

}  // namespace

void PhaseTimer::Begin(const PhaseInfo& phase) {
  End();
  name_ = phase.name;
  begin_ = std::chrono::steady_clock::now();
  cpu_ = Cpu(Usage());
}

void PhaseTimer::End() {
  if (name_.empty()) return;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
  const rusage usage = Usage();
  fmt::print("{{\"phase\": \"{}\", \"seconds\": {:.3f}, \"cpu\": {:.3f}, \"peak_mib\": {}}}\n",
             name_, took.count(), Cpu(usage) - cpu_, usage.ru_maxrss / 1024);
  name_.clear();
}

}  // namespace pdr::bench

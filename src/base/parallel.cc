#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace pdr {

Status ParallelFor(size_t count, size_t threads, const std::function<Status(size_t)>& work) {
  std::vector<Status> results(count);
  std::atomic<size_t> next = 0;
  std::atomic<bool> failed = false;
  auto run = [&] {
    // Asked before an index is taken: so the smallest that fails is always tried.
    while (!failed) {
      const size_t i = next++;
      if (i >= count) return;
      results[i] = work(i);
      if (!results[i].ok()) failed = true;
    }
  };
  std::vector<std::jthread> pool;
  for (size_t i = 1; i < std::min(threads, count); ++i) pool.emplace_back(run);
  run();
  pool.clear();
  for (const Status& s : results) RETURN_IF_ERROR(s);
  return OkStatus();
}

}  // namespace pdr

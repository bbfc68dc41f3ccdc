#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <system_error>
#include <thread>
#include <vector>

namespace pdr {
namespace {

// False where there can be no more threads: those that there are do all the work.
bool StartOneMore(std::vector<std::jthread>& pool, const std::function<void()>& run) {
  try {
    pool.emplace_back(run);
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

}  // namespace

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
  while (pool.size() + 1 < std::min(threads, count) && StartOneMore(pool, run)) {
  }
  run();
  pool.clear();
  for (const Status& s : results) RETURN_IF_ERROR(s);
  return OkStatus();
}

}  // namespace pdr

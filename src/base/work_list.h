// Work that makes more work: a list of tasks, done by a bounded number of threads until it is empty
// and nobody can add to it any more. Newest first, so that the list stays short.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace pdr {

template <typename Task>
class WorkList {
 public:
  void Put(Task task) {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    if (waiting_ > 0) wake_.notify_one();
  }

  // Calls work(task) for every task, those included that `work` puts. Not twice at a time.
  void Run(size_t threads, const std::function<void(Task)>& work) {
    running_ = threads;
    std::vector<std::jthread> pool;
    for (size_t i = 1; i < threads; ++i) pool.emplace_back([&] { DoTasks(work); });
    DoTasks(work);
  }

 private:
  void DoTasks(const std::function<void(Task)>& work) {
    std::unique_lock lock(mutex_);
    while (true) {
      if (tasks_.empty()) {
        if (++waiting_ == running_) wake_.notify_all();
        wake_.wait(lock, [&] { return !tasks_.empty() || waiting_ == running_; });
        if (tasks_.empty()) return;
        --waiting_;
      }
      Task task = std::move(tasks_.back());
      tasks_.pop_back();
      lock.unlock();
      work(std::move(task));
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> tasks_;
  size_t running_ = 0;
  size_t waiting_ = 0;
};

}  // namespace pdr

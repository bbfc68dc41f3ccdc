#include "base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace pdr {
namespace {

TEST(ParallelFor, EveryCallIsMadeOnce) {
  for (const size_t threads : {size_t{1}, size_t{3}, size_t{100}}) {
    std::vector<std::atomic<int>> calls(50);
    EXPECT_TRUE(ParallelFor(calls.size(), threads, [&](size_t i) {
                  ++calls[i];
                  return OkStatus();
                }).ok());
    for (const std::atomic<int>& c : calls) EXPECT_EQ(c, 1);
  }
}

// Whichever fails first: those that come later in the order may be left out, none before.
TEST(ParallelFor, TheSmallestFailingIndexIsTriedAndReturned) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<size_t> calls = 0;
    const Status status = ParallelFor(1000, 8, [&](size_t i) -> Status {
      ++calls;
      if (i == 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return i < 5 ? OkStatus() : DataLoss("{}", i);
    });
    EXPECT_EQ(Message(status), "5");
    EXPECT_LE(calls, 5u + 8u);
  }
}

}  // namespace
}  // namespace pdr

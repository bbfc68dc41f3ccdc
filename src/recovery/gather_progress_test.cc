#include <gtest/gtest.h>

#include <mutex>

#include "recovery/gather.h"
#include "recovery/testing/aside.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

class Counter : public Progress {
 public:
  void Begin(const PhaseInfo& phase) override {
    total = phase.total;
    done = expected = 0;
  }
  void Expect(uint64_t more) override {
    const std::lock_guard lock(mutex_);
    expected += more;
  }
  void Advance(uint64_t n) override {
    const std::lock_guard lock(mutex_);
    done += n;
  }
  void Note(std::string_view) override {}

  uint64_t total = 0;
  uint64_t expected = 0;
  uint64_t done = 0;

 private:
  std::mutex mutex_;
};

// Salvage finds segments of which the storage metadata knows nothing.
TEST(GatherProgress, ComesToItsTotalWithWhatSalvageFinds) {
  uint64_t found = 0;
  for (const char* name : {"chunked-killed", "rolling-killed", "chunked-flushed"}) {
    MemoryDisk disk;
    ASSERT_TRUE(LoadFixture("testdata", name, disk).ok());
    const auto inventory = ScanTier2(disk, Progress::Silent());
    ASSERT_TRUE(inventory.ok());
    Counter counter;
    ASSERT_TRUE(Gather(disk, *inventory, {.scratch = AllAside()}, counter).ok());
    EXPECT_EQ(counter.done, counter.total + counter.expected) << name;
    found += counter.expected;
  }
  EXPECT_GT(found, 0u);
}

}  // namespace
}  // namespace pdr

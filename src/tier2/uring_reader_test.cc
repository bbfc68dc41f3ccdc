#include "tier2/uring_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tier2/posix_path.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kAll = UINT64_MAX;

class UringReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = UniqueFd(open(temporary_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(directory_.valid());
    Write("probe", "probed");
    reader_.Read(directory_.get(), {{{"probe", 6}}}, kAll);
    if (!reader_.available()) GTEST_SKIP() << "this kernel has no io_uring, or forbids it";
  }
  std::string At(const std::string& name) const { return temporary_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(At(name)) << text;
  }
  std::optional<std::string> One(const std::string& name, uint64_t size, uint64_t most = kAll) {
    return reader_.Read(directory_.get(), {{{name, size}}}, most)[0];
  }

  TempDir temporary_;
  UniqueFd directory_;
  UringReader reader_{8};
};

TEST_F(UringReaderTest, ReadsAnyNumberOfFilesInTheirOrder) {
  std::vector<std::string> names;
  std::vector<FileToRead> files;
  for (size_t i = 0; i < 100; ++i) {
    names.push_back(fmt::format("file-{}", i));
    Write(names.back(), std::string(1 + i * 131, static_cast<char>('a' + i % 26)));
  }
  for (size_t i = 0; i < names.size(); ++i) files.push_back({names[i], 1 + i * 131});
  for (int round = 0; round < 3; ++round) {
    const auto texts = reader_.Read(directory_.get(), files, kAll);
    ASSERT_EQ(texts.size(), files.size());
    for (size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(texts[i], std::string(1 + i * 131, static_cast<char>('a' + i % 26))) << i;
    }
  }
}

TEST_F(UringReaderTest, LeavesAllButUnchangedSmallFilesToCalls) {
  Write("nine", "123456789");
  EXPECT_EQ(One("nine", 9), "123456789");
  EXPECT_EQ(One("nine", 8), std::nullopt);   // it grew
  EXPECT_EQ(One("nine", 10), std::nullopt);  // it shrank
  EXPECT_EQ(One("nine", 9, 8), std::nullopt);
  EXPECT_EQ(One("gone", 9), std::nullopt);
  Write("empty", "");
  EXPECT_EQ(One("empty", 0), std::nullopt);
  ASSERT_EQ(symlink("nine", At("link").c_str()), 0);
  EXPECT_EQ(One("link", 9), std::nullopt);
  ASSERT_EQ(mkdir(At("directory").c_str(), 0755), 0);
  EXPECT_EQ(One("directory", 4096), std::nullopt);
  Write("large", std::string(2 << 20, 'x'));
  EXPECT_EQ(One("large", 2 << 20), std::nullopt);
  EXPECT_EQ(One("nine", 9), "123456789");
}

// Reading the one may never end, nor may opening the other; what is read beside them comes back.
TEST_F(UringReaderTest, DoesNotWaitForAPipeThatWasAFile) {
  Write("file", "12345");
  ASSERT_EQ(mkfifo(At("unopened").c_str(), 0644), 0);
  ASSERT_EQ(mkfifo(At("opened").c_str(), 0644), 0);
  const UniqueFd writer(open(At("opened").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(writer.valid());
  UringReader reader(1, milliseconds(500));
  for (int round = 0; round < 2; ++round) {
    const std::vector<FileToRead> files = {{"unopened", 5}, {"file", 5}, {"opened", 5}};
    const auto texts = reader.Read(directory_.get(), files, kAll);
    EXPECT_EQ(texts[0], std::nullopt);
    EXPECT_EQ(texts[1], "12345");
    EXPECT_EQ(texts[2], std::nullopt);
    EXPECT_TRUE(reader.available());
  }
}

TEST_F(UringReaderTest, LeavesToCallsWhatHasNoRing) {
  Write("file", "12345");
  UringReader none(0);
  EXPECT_EQ(none.Read(directory_.get(), {{{"file", 5}}}, kAll)[0], std::nullopt);
}

// Also the files that are not as they were said to be.
TEST_F(UringReaderTest, ClosesWhatItOpened) {
  Write("file", "12345");
  const UniqueFd watch(inotify_init1(IN_CLOEXEC));
  ASSERT_GE(inotify_add_watch(watch.get(), At("file").c_str(), IN_OPEN | IN_CLOSE), 0);
  for (const uint64_t size : {5, 4, 6}) One("file", size);
  int opened = 0;
  int closed = 0;
  for (pollfd ready = {watch.get(), POLLIN, 0}; closed < 3 && poll(&ready, 1, 10000) == 1;) {
    inotify_event event = {};
    ASSERT_EQ(read(watch.get(), &event, sizeof(event)), ssize_t{sizeof(event)});
    opened += (event.mask & IN_OPEN) != 0 ? 1 : 0;
    closed += (event.mask & IN_CLOSE) != 0 ? 1 : 0;
  }
  EXPECT_EQ(opened, 3);
  EXPECT_EQ(closed, 3);
}

TEST_F(UringReaderTest, ServesManyThreads) {
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) Write(names.emplace_back(fmt::format("f{}", i)), "text");
  std::vector<FileToRead> files;
  for (const std::string& name : names) files.push_back({name, 4});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        for (const auto& text : reader_.Read(directory_.get(), files, kAll))
          right += text == "text";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8 * 20 * 40);
}

}  // namespace
}  // namespace pdr

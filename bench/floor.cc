// floor rolling|chunked ROOT THREADS: only the system calls without which `storage list-segments`
// cannot know its answer, as fast as they can be made, and nothing else: no decoding, no sorting,
// no output but a count. Linked to nothing of the project.
//
//   both     open, getdents64 and close of every directory, one fstatat per file: sizes and modes
//   rolling  open, read and close of every segment header (not of attribute indexes)
//   chunked  open, read and close of the containers' metadata tables and journals
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr size_t kListBytes = 256 << 10;

struct Dirent {  // as getdents64 writes it
  uint64_t ino;
  int64_t off;
  unsigned short reclen;
  unsigned char type;
  char name[1];
};

// Directories that are still to be read. The walk is over when all threads wait.
class Work {
 public:
  explicit Work(size_t threads) : threads_(threads) { directories_.push_back({}); }

  void Put(std::string directory) {
    std::lock_guard lock(mutex_);
    directories_.push_back(std::move(directory));
    wake_.notify_one();
  }
  bool Take(std::string& directory) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    if (waiting_ == threads_ && directories_.empty()) wake_.notify_all();
    wake_.wait(lock, [&] { return !directories_.empty() || waiting_ == threads_; });
    if (directories_.empty()) return false;
    --waiting_;
    directory = std::move(directories_.back());
    directories_.pop_back();
    return true;
  }

 private:
  const size_t threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::string> directories_;
  size_t waiting_ = 0;
};

[[noreturn]] void Die(const char* what, const std::string& path) {
  std::fprintf(stderr, "floor: %s '%s': %s\n", what, path.c_str(), std::strerror(errno));
  std::exit(1);
}

bool EndsWith(std::string_view name, std::string_view end) { return name.ends_with(end); }

class Floor {
 public:
  Floor(bool rolling, const char* root, size_t threads) : rolling_(rolling), work_(threads) {
    root_ = open(root, O_RDONLY | O_DIRECTORY);
    if (root_ < 0) Die("opening", root);
  }

  void Run() {
    std::vector<char> list(kListBytes);
    std::vector<char> buffer(kReadBytes);
    for (std::string directory; work_.Take(directory);) Visit(directory, list, buffer);
  }
  void Print() const {
    std::printf("{\"files\": %lu, \"read\": %lu, \"bytes\": %lu}\n", files_.load(), read_.load(),
                bytes_.load());
  }

 private:
  void Visit(const std::string& directory, std::vector<char>& list, std::vector<char>& buffer) {
    const int fd = openat(root_, directory.empty() ? "." : directory.c_str(),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) Die("opening", directory);
    uint64_t files = 0;
    while (true) {
      const long n = syscall(SYS_getdents64, fd, list.data(), list.size());
      if (n < 0) Die("listing", directory);
      if (n == 0) break;
      for (long at = 0; at < n;) {
        const auto* entry = reinterpret_cast<const Dirent*>(list.data() + at);
        at += entry->reclen;
        const std::string_view name = entry->name;
        if (name == "." || name == "..") continue;
        if (entry->type == DT_DIR) {
          work_.Put(directory.empty() ? std::string(name) : directory + "/" + std::string(name));
          continue;
        }
        ++files;
        struct stat st;
        if (fstatat(fd, entry->name, &st, AT_SYMLINK_NOFOLLOW) != 0) Die("stat", entry->name);
        if (IsRead(directory, name)) Read(fd, entry->name, buffer);
      }
    }
    close(fd);
    files_ += files;
  }

  bool IsRead(const std::string& directory, std::string_view name) const {
    if (directory == "_system/containers") {
      const bool index = name.find("$attributes.index") != std::string_view::npos;
      return !index &&
             (name.find("metadata_") != std::string_view::npos || name.starts_with("_sysjournal"));
    }
    return rolling_ && EndsWith(name, "$header") && !EndsWith(name, "$attributes.index$header");
  }

  void Read(int directory, const char* name, std::vector<char>& buffer) {
    const int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) Die("opening", name);
    ssize_t n = 0;
    uint64_t total = 0;
    do {
      n = read(fd, buffer.data(), buffer.size());
      if (n < 0) Die("reading", name);
      total += static_cast<uint64_t>(n);
    } while (n == static_cast<ssize_t>(buffer.size()));
    close(fd);
    ++read_;
    bytes_ += total;
  }

  const bool rolling_;
  int root_ = -1;
  Work work_;
  std::atomic<uint64_t> files_ = 0;
  std::atomic<uint64_t> read_ = 0;
  std::atomic<uint64_t> bytes_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: floor rolling|chunked ROOT THREADS\n");
    return 2;
  }
  const auto threads = static_cast<size_t>(std::atoi(argv[3]));
  Floor floor(std::string(argv[1]) == "rolling", argv[2], threads);
  std::vector<std::thread> pool;
  for (size_t i = 0; i < threads; ++i) pool.emplace_back([&] { floor.Run(); });
  for (std::thread& t : pool) t.join();
  floor.Print();
  return 0;
}

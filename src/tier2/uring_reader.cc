#include "tier2/uring_reader.h"

#include <fcntl.h>
#include <liburing.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace pdr {
namespace {

constexpr size_t kFiles = UringReader::kFiles;  // each with a descriptor of the ring's own
constexpr unsigned kRequests = 64;              // three for each file, and one that calls them off
constexpr uint64_t kMostBytes = uint64_t{1} << 20;  // of a file

// Kernels before 6.4 close such descriptors up to a second late, for more than a call costs. This
// came with 6.10 (bundles of messages); nothing tells the versions between.
constexpr unsigned kFeatureOf610 = 1U << 14;

enum Step : uint64_t { kOpen, kRead, kClose, kSteps };

bool IsSmall(const FileToRead& file, uint64_t max_bytes) {
  // Of what is no regular file the size is 0, and reading it may never end.
  return file.size > 0 && file.size <= std::min(max_bytes, kMostBytes);
}

}  // namespace

class UringRing {
 public:
  // Null when the kernel lacks or forbids what is needed.
  static std::unique_ptr<UringRing> Make() {
    auto made = std::make_unique<UringRing>();
    io_uring_params params = {};
    params.flags = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL;
    if (io_uring_queue_init_params(kRequests, &made->ring_, &params) != 0) return nullptr;
    made->made_ = true;
    const bool recent = (params.features & kFeatureOf610) != 0;
    if (!recent || io_uring_register_files_sparse(&made->ring_, kFiles) != 0) return nullptr;
    return made;
  }
  UringRing() = default;
  ~UringRing() {
    if (made_) io_uring_queue_exit(&ring_);
  }
  UringRing(const UringRing&) = delete;
  UringRing& operator=(const UringRing&) = delete;

  // At most kFiles. False when the ring does not work, with requests that may be under way.
  bool Read(int directory, std::span<const FileToRead> files, uint64_t max_bytes,
            std::chrono::milliseconds patience, std::span<std::optional<std::string>> out) {
    for (size_t i = 0; i < files.size(); ++i) {
      if (IsSmall(files[i], max_bytes)) Queue(directory, files[i], i);
    }
    if (!Finish(patience)) return false;
    for (size_t i = 0; i < files.size(); ++i) {
      if (!IsSmall(files[i], max_bytes) || got_[i] != static_cast<int64_t>(files[i].size)) continue;
      texts_[i].pop_back();
      out[i] = std::move(texts_[i]);
    }
    return true;
  }

 private:
  using Clock = std::chrono::steady_clock;
  enum class Wait { kDone, kLate, kBroken };

  // A failure ends a chain, but for the closing of what was opened.
  void Queue(int directory, const FileToRead& file, size_t i) {
    const auto slot = static_cast<unsigned>(i);
    names_[i] = file.name;
    texts_[i].assign(file.size + 1, '\0');  // one more, to see that nothing follows
    got_[i] = -1;
    io_uring_sqe* open = io_uring_get_sqe(&ring_);
    io_uring_prep_openat_direct(open, directory, names_[i].c_str(), O_RDONLY | O_NOFOLLOW, 0, slot);
    Mark(*open, IOSQE_IO_LINK, i, kOpen);
    io_uring_sqe* read = io_uring_get_sqe(&ring_);
    io_uring_prep_read(read, static_cast<int>(i), texts_[i].data(),
                       static_cast<unsigned>(texts_[i].size()), 0);
    Mark(*read, IOSQE_FIXED_FILE | IOSQE_IO_HARDLINK, i, kRead);
    io_uring_sqe* close = io_uring_get_sqe(&ring_);
    io_uring_prep_close_direct(close, slot);
    Mark(*close, 0, i, kClose);
  }

  void CallOff() {
    io_uring_sqe* request = io_uring_get_sqe(&ring_);
    io_uring_prep_cancel64(request, 0, IORING_ASYNC_CANCEL_ANY);
    Mark(*request, 0, kFiles, kOpen);
  }

  void Mark(io_uring_sqe& request, unsigned flags, size_t file, Step step) {
    request.flags = static_cast<uint8_t>(flags);
    request.user_data = file * kSteps + step;
    ++under_way_;
  }

  // Returns when nothing is under way: the texts are the kernel's to write to until then. What is
  // called off may get past that, to its next step; so it is called off again.
  bool Finish(std::chrono::milliseconds patience) {
    while (true) {
      const Wait ended = Await(patience);
      if (ended != Wait::kLate) return ended == Wait::kDone;
      CallOff();
    }
  }

  Wait Await(std::chrono::milliseconds patience) {
    Clock::time_point deadline = Clock::now() + patience;
    while (under_way_ > 0) {
      const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
      __kernel_timespec time = {};
      time.tv_sec = seconds.count();
      time.tv_nsec = std::chrono::nanoseconds(left - seconds).count();
      const unsigned before = under_way_;
      io_uring_cqe* first = nullptr;
      const int result =
          io_uring_submit_and_wait_timeout(&ring_, &first, under_way_, &time, nullptr);
      Reap();
      if (under_way_ == 0) break;
      if (result < 0 && result != -ETIME && result != -EINTR) return Wait::kBroken;
      if (under_way_ < before) {
        deadline = Clock::now() + patience;
      } else if (Clock::now() >= deadline) {
        return Wait::kLate;
      }
    }
    return Wait::kDone;
  }

  void Reap() {
    unsigned head = 0;
    unsigned ended = 0;
    io_uring_cqe* result = nullptr;
    io_uring_for_each_cqe(&ring_, head, result) {
      ++ended;
      if (result->user_data % kSteps == kRead) got_[result->user_data / kSteps] = result->res;
    }
    io_uring_cq_advance(&ring_, ended);
    under_way_ -= ended;
  }

  io_uring ring_ = {};
  bool made_ = false;
  unsigned under_way_ = 0;  // requests
  std::array<std::string, kFiles> names_;
  std::array<std::string, kFiles> texts_;
  std::array<int64_t, kFiles> got_ = {};  // bytes, or an error below 0
};

UringReader::UringReader(size_t rings, std::chrono::milliseconds patience)
    : rings_(rings), patience_(patience) {}
UringReader::~UringReader() = default;

std::vector<std::optional<std::string>> UringReader::Read(int directory,
                                                          std::span<const FileToRead> files,
                                                          uint64_t max_bytes) {
  std::vector<std::optional<std::string>> out(files.size());
  std::unique_ptr<UringRing> ring = Take();
  if (ring == nullptr) return out;
  for (size_t i = 0; i < files.size(); i += kFiles) {
    const size_t count = std::min(kFiles, files.size() - i);
    if (ring->Read(directory, files.subspan(i, count), max_bytes, patience_,
                   std::span(out).subspan(i, count))) {
      continue;
    }
    // The kernel may still write to its texts: it stays where it is, for good.
    [[maybe_unused]] const UringRing* const kept = ring.release();
    const std::lock_guard lock(mutex_);
    available_ = false;
    return out;
  }
  GiveBack(std::move(ring));
  return out;
}

bool UringReader::available() const {
  const std::lock_guard lock(mutex_);
  return available_;
}

std::unique_ptr<UringRing> UringReader::Take() {
  const std::lock_guard lock(mutex_);
  if (!available_) return nullptr;
  if (idle_.empty()) {
    if (made_ == rings_) return nullptr;
    std::unique_ptr<UringRing> made = UringRing::Make();
    if (made != nullptr) ++made_;
    available_ = made_ > 0;
    return made;
  }
  std::unique_ptr<UringRing> ring = std::move(idle_.back());
  idle_.pop_back();
  return ring;
}

void UringReader::GiveBack(std::unique_ptr<UringRing> ring) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(ring));
}

}  // namespace pdr

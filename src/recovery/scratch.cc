#include "recovery/scratch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "base/pread.h"

namespace pdr {
namespace {

// Whatever the reason: the workspace is in the way, and not Tier-2.
Status CannotWrite(int error, std::string_view what, const std::string& directory) {
  return ResourceExhausted(
      "{}; what is read of a large cluster is written aside until all of it is known: make room, "
      "or choose another --workspace",
      Message(ErrnoStatus(error, what, directory)));
}

// Without a name from the beginning where the file system can do that.
int MakeNameless(const std::string& directory) {
  const int fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  std::string path = directory + "/scratch.XXXXXX";
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) unlink(path.c_str());
  return named;
}

}  // namespace

std::shared_ptr<Scratch> Scratch::None() {
  return std::make_shared<Scratch>("", std::numeric_limits<uint64_t>::max());
}

bool Scratch::Keep(uint64_t bytes) {
  uint64_t kept = kept_;
  do {
    if (bytes > memory_ / 2 || kept > memory_ / 2 - bytes) full_ = true;
    if (full_) return false;
  } while (!kept_.compare_exchange_weak(kept, kept + bytes));
  return true;
}

Status Scratch::Open() {
  if (file_.valid()) return OkStatus();
  const int fd = MakeNameless(directory_);
  if (fd < 0) return CannotWrite(errno, "making a file in", directory_);
  file_ = UniqueFd(fd);
  return OkStatus();
}

StatusOr<Scratch::Extent> Scratch::Write(std::string_view value) {
  Extent extent{0, value.size()};
  {
    const std::lock_guard lock(mutex_);
    RETURN_IF_ERROR(Open());
    extent.offset = end_;
    end_ += value.size();
  }
  for (size_t done = 0; done < value.size();) {
    const ssize_t n = pwrite(file_.get(), value.data() + done, value.size() - done,
                             static_cast<off_t>(extent.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Status failed = CannotWrite(errno, "writing aside in", directory_);
      Forget(extent);
      return failed;
    }
    done += static_cast<size_t>(n);
  }
  return extent;
}

Status Scratch::Unreadable(std::string_view why) const {
  return Unavailable(
      "what was written aside in '{}' cannot be read back: {}; choose another --workspace and "
      "begin again",
      directory_, why);
}

StatusOr<std::string> Scratch::Read(const Extent& extent) const {
  std::string value(extent.bytes, '\0');
  const ssize_t got = PreadAll(file_.get(), value.data(), value.size(), extent.offset);
  if (got < 0) return Unreadable(std::strerror(errno));
  if (static_cast<size_t>(got) < value.size()) return Unreadable("its end is gone");
  return value;
}

void Scratch::Forget(const Extent& extent) {
  // Where it is not possible, the space comes back with the end of the program.
  static_cast<void>(fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                              static_cast<off_t>(extent.offset), static_cast<off_t>(extent.bytes)));
}

}  // namespace pdr

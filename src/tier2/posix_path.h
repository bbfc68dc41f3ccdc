// File descriptors and lookups that never leave a root directory and never follow a symbolic link.
#pragma once

#include <string>
#include <utility>

#include "base/status.h"

namespace pdr {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// The error for `operation` on `path`; strict: only ENOENT is "not found".
Status ErrnoStatus(int error, std::string_view operation, std::string_view path);

// Opens names below one directory. openat2(2) where the kernel has it, else one component at a
// time.
class BeneathOpener {
 public:
  explicit BeneathOpener(int root_fd);
  // `path` is "" or safe (names.h). Returns a descriptor or an errno-mapped error. With O_PATH and
  // O_NOFOLLOW a last component that is a link is opened as itself.
  StatusOr<UniqueFd> Open(const std::string& path, int flags, unsigned mode,
                          std::string_view operation) const;
  bool uses_openat2() const { return openat2_; }
  void DisableOpenat2() { openat2_ = false; }

 private:
  int OpenByComponent(const std::string& path, int flags, unsigned mode) const;

  int root_fd_;
  bool openat2_ = true;
};

}  // namespace pdr

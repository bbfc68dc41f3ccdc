#include "tier2/posix_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pdr {
namespace {

int Openat2(int directory, const char* path, int flags, unsigned mode) {
  open_how how = {};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  int fd = -1;
  do {
    fd = static_cast<int>(syscall(SYS_openat2, directory, path, &how, sizeof(how)));
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return fd;
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) close(fd_);
}

Status ErrnoStatus(int error, std::string_view operation, std::string_view path) {
  std::string text =
      fmt::format("{} '{}': {}", operation, path.empty() ? "." : path, std::strerror(error));
  switch (error) {
    case ENOENT:
      return Status(StatusCode::kNotFound, text);
    case EACCES:
    case EPERM:
      return Status(StatusCode::kPermissionDenied, text);
    case EEXIST:
      return Status(StatusCode::kAlreadyExists, text);
    case ENOSPC:
    case EDQUOT:
      return Status(StatusCode::kResourceExhausted, text);
    default:
      return Status(StatusCode::kUnavailable, text);
  }
}

BeneathOpener::BeneathOpener(int root_fd) : root_fd_(root_fd) {
  // Kernels before 5.6 and some container runtimes (as EPERM) do not have the call.
  UniqueFd probe(Openat2(root_fd_, ".", O_PATH | O_DIRECTORY, 0));
  openat2_ = probe.valid();
}

StatusOr<UniqueFd> BeneathOpener::Open(const std::string& path, int flags, unsigned mode,
                                       std::string_view operation) const {
  const std::string target = path.empty() ? "." : path;
  int fd = openat2_ ? Openat2(root_fd_, target.c_str(), flags, mode)
                    : OpenByComponent(target, flags, mode);
  if (fd < 0) return ErrnoStatus(errno, operation, path);
  return UniqueFd(fd);
}

int BeneathOpener::OpenByComponent(const std::string& path, int flags, unsigned mode) const {
  UniqueFd directory;
  int at = root_fd_;
  size_t begin = 0;
  for (size_t slash = path.find('/'); slash != std::string::npos;
       begin = slash + 1, slash = path.find('/', begin)) {
    const std::string component = path.substr(begin, slash - begin);
    int fd = openat(at, component.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    directory = UniqueFd(fd);
    at = fd;
  }
  int fd = openat(at, path.c_str() + begin, flags | O_NOFOLLOW | O_CLOEXEC, mode);
  return fd;
}

}  // namespace pdr

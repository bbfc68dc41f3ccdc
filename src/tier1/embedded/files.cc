#include "tier1/embedded/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/pread.h"

namespace pdr::embedded {
namespace {

Status Failure(std::string_view what, std::string_view path) {
  const int error = errno;
  const std::string_view reason = std::strerror(error);
  switch (error) {
    case ENOENT:
      return NotFound("{} {}: {}", what, path, reason);
    case EEXIST:
      return AlreadyExists("{} {}: {}", what, path, reason);
    case EACCES:
    case EPERM:
    case EROFS:
      return PermissionDenied("{} {}: {}", what, path, reason);
    case ENOSPC:
    case EDQUOT:
      return ResourceExhausted("{} {}: {}", what, path, reason);
    default:
      return Unavailable("{} {}: {}", what, path, reason);
  }
}

Status SyncDirectory(const std::string& path) {
  ASSIGN_OR_RETURN(const File directory, Open(path.empty() ? "/" : path, O_RDONLY | O_DIRECTORY));
  return Sync(directory);
}

}  // namespace

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) close(fd_);
}

StatusOr<File> Open(const std::string& path, int flags, mode_t mode) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return Failure("open", path);
  return File(fd);
}

Status Lock(const File& file, int operation) {
  while (flock(file.fd(), operation) != 0) {
    if (errno != EINTR) return Failure("lock", "");
  }
  return OkStatus();
}

Status WriteAll(const File& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(file.fd(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failure("write", "");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return OkStatus();
}

Status Sync(const File& file) {
  if (fsync(file.fd()) != 0) return Failure("sync", "");
  return OkStatus();
}

StatusOr<uint64_t> Size(const File& file) {
  struct stat info{};
  if (fstat(file.fd(), &info) != 0) return Failure("stat", "");
  return static_cast<uint64_t>(info.st_size);
}

StatusOr<std::string> ReadAt(const File& file, uint64_t offset, size_t n) {
  std::string bytes(n, '\0');
  const ssize_t got = PreadAll(file.fd(), bytes.data(), n, offset);
  if (got < 0) return Failure("read", "");
  const auto read = static_cast<size_t>(got);
  if (read < n) return DataLoss("file ends at {}, {} needed", offset + read, offset + n);
  return bytes;
}

StatusOr<std::string> ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(const File file, Open(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t size, Size(file));
  auto bytes = ReadAt(file, 0, size);
  if (!bytes.ok()) return Annotate(bytes.status(), path);
  return bytes;
}

Status ReplaceFile(const std::string& directory, const std::string& name, std::string_view bytes) {
  const std::string path = directory + "/" + name;
  const std::string aside = path + ".new";
  ASSIGN_OR_RETURN(const File file, Open(aside, O_WRONLY | O_CREAT | O_TRUNC));
  RETURN_IF_ERROR(Annotate(WriteAll(file, bytes), aside));
  RETURN_IF_ERROR(Annotate(Sync(file), aside));
  if (rename(aside.c_str(), path.c_str()) != 0) return Failure("rename", aside);
  return SyncDirectory(directory);
}

Status MakeDirectory(const std::string& path) {
  // The parent is synced even if the directory exists: who made it may have died before doing so.
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return Failure("make directory", path);
  return SyncDirectory(ParentOf(path));
}

Status MakeDirectories(const std::string& path) {
  const std::string parent = ParentOf(path);
  if (!parent.empty() && !Exists(parent)) RETURN_IF_ERROR(MakeDirectories(parent));
  return MakeDirectory(path);
}

Status Remove(const std::string& path) {
  if (remove(path.c_str()) != 0 && errno != ENOENT) return Failure("remove", path);
  return SyncDirectory(ParentOf(path));
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), closedir);
  std::vector<std::string> names;
  if (directory == nullptr) {
    if (errno == ENOENT) return names;
    return Failure("list", path);
  }
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pdr::embedded

// Files that survive a crash: the few operations the embedded Tier-1 is made of.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace pdr::embedded {

// An open file descriptor; closed on destruction, together with the lock it may hold.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  int fd() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

inline std::string ParentOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// open(2) with O_CLOEXEC. NotFound, AlreadyExists or Unavailable, naming the path.
StatusOr<File> Open(const std::string& path, int flags, mode_t mode = 0644);
// flock(2); waits unless LOCK_NB is given, and is then Unavailable if another holds it.
Status Lock(const File& file, int operation);
Status WriteAll(const File& file, std::string_view bytes);
Status Sync(const File& file);
StatusOr<uint64_t> Size(const File& file);
// Exactly n bytes at `offset`; DataLoss if the file ends before.
StatusOr<std::string> ReadAt(const File& file, uint64_t offset, size_t n);

StatusOr<std::string> ReadFile(const std::string& path);
// Creates or replaces `directory`/`name` at once: written aside, synced, renamed, directory synced.
Status ReplaceFile(const std::string& directory, const std::string& name, std::string_view bytes);
// Makes one directory and syncs its parent; fine if it exists.
Status MakeDirectory(const std::string& path);
// The same with all directories above that are missing. `path` is absolute.
Status MakeDirectories(const std::string& path);
// Removes a file or an empty directory and syncs the parent; fine if it is gone.
Status Remove(const std::string& path);
bool Exists(const std::string& path);
// Sorted names; empty if the directory does not exist.
StatusOr<std::vector<std::string>> ListDirectory(const std::string& path);

}  // namespace pdr::embedded

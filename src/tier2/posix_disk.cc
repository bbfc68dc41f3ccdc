#include "tier2/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/pread.h"
#include "tier2/posix_path.h"
#include "tier2/uring_reader.h"

namespace pdr {
namespace {

constexpr size_t kUsualEntries = 32;  // that a directory has, or fewer

FileKind KindOf(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::kRegular;
  if (S_ISDIR(mode)) return FileKind::kDirectory;
  if (S_ISLNK(mode)) return FileKind::kSymlink;
  return FileKind::kOther;
}

// Nothing for a name that is gone again. Some file systems leave the kind out of their listings.
std::optional<FileKind> KindOfEntry(int directory, const dirent64& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return FileKind::kRegular;
    case DT_DIR:
      return FileKind::kDirectory;
    case DT_LNK:
      return FileKind::kSymlink;
    case DT_UNKNOWN:
      break;
    default:
      return FileKind::kOther;
  }
  struct stat st;
  if (fstatat(directory, entry.d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) return KindOf(st.st_mode);
  return errno == ENOENT ? std::nullopt : std::optional(FileKind::kOther);
}

FileStat ToFileStat(const struct stat& st) {
  FileStat out;
  out.kind = KindOf(st.st_mode);
  out.size = static_cast<uint64_t>(st.st_size);
  out.mode = st.st_mode & 07777;
  out.mtime_ns = st.st_mtim.tv_sec * int64_t{1000000000} + st.st_mtim.tv_nsec;
  return out;
}

// All names in an open directory but "." and "..". Without a DIR, which costs three more calls and
// an allocation of 32 KiB for each directory.
Status ReadEntries(int directory, const std::string& path, std::vector<DirEntry>& out) {
  constexpr size_t kBytes = size_t{32} << 10;
  alignas(dirent64) std::array<char, kBytes + sizeof(dirent64)> buffer;  // the last may be short
  while (true) {
    const ssize_t read = getdents64(directory, buffer.data(), kBytes);
    if (read < 0) return ErrnoStatus(errno, "listing", path);
    if (read == 0) return OkStatus();
    for (ssize_t at = 0; at < read;) {
      const auto& entry = *reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry.d_reclen;
      const std::string_view name = entry.d_name;
      if (name == "." || name == "..") continue;
      std::optional<FileKind> kind = KindOfEntry(directory, entry);
      if (kind) out.push_back({std::string(name), *kind});
    }
  }
}

std::optional<FileStat> LookAt(int directory, const char* name) {
  struct stat st;
  if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return ToFileStat(st);
}

class PosixReadable : public ReadableFile {
 public:
  PosixReadable(UniqueFd fd, std::string path, uint64_t size)
      : ReadableFile(std::move(path)), fd_(std::move(fd)), size_(size) {}
  uint64_t size() const override { return size_; }

 private:
  Status Read(uint64_t offset, std::span<char> out) const override {
    const ssize_t got = PreadAll(fd_.get(), out.data(), out.size(), offset);
    if (got < 0) return ErrnoStatus(errno, "reading", path());
    return static_cast<size_t>(got) == out.size() ? OkStatus() : EndsBefore(offset, out.size());
  }

  UniqueFd fd_;
  uint64_t size_;
};

class PosixWritable : public WritableFile {
 public:
  PosixWritable(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      ssize_t put = write(fd_.get(), bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return ErrnoStatus(errno, "writing", path_);
      bytes.remove_prefix(static_cast<size_t>(put));
    }
    return OkStatus();
  }

  Status SyncAndClose() override {
    if (fsync(fd_.get()) != 0) return ErrnoStatus(errno, "syncing", path_);
    if (close(fd_.Release()) != 0) return ErrnoStatus(errno, "closing", path_);
    return OkStatus();
  }

 private:
  UniqueFd fd_;
  std::string path_;
};

// A directory opened for *at() calls, and the name inside it.
struct Location {
  UniqueFd directory;
  std::string name;
};

class PosixDisk : public Disk {
 public:
  PosixDisk(UniqueFd root, DiskAccess access, const DiskReading& reading)
      : root_(std::move(root)),
        opener_(root_.get()),
        access_(access),
        read_depth_(reading.depth),
        uring_(reading.io_uring ? std::make_unique<UringReader>(reading.depth / UringReader::kFiles)
                                : nullptr) {}

  StatusOr<FileStat> Stat(const std::string& path) const override {
    RETURN_IF_ERROR(CheckDiskPath(path));
    ASSIGN_OR_RETURN(UniqueFd fd, opener_.Open(path, O_PATH | O_NOFOLLOW, 0, "looking at"));
    struct stat st;
    if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, "looking at", path);
    return ToFileStat(st);
  }

  StatusOr<std::vector<DirEntry>> List(const std::string& path) const override {
    return ListAndStat(path, 0);
  }

  StatusOr<std::vector<DirEntry>> ListAndStat(const std::string& path, size_t most) const override {
    RETURN_IF_ERROR(CheckDiskPath(path));
    ASSIGN_OR_RETURN(UniqueFd fd,
                     opener_.Open(path, O_RDONLY | O_DIRECTORY, 0, "opening directory"));
    std::vector<DirEntry> out;
    out.reserve(kUsualEntries);
    RETURN_IF_ERROR(ReadEntries(fd.get(), path, out));
    const auto is_file = [](const DirEntry& e) { return e.kind != FileKind::kDirectory; };
    if (static_cast<size_t>(std::count_if(out.begin(), out.end(), is_file)) > most) return out;
    for (DirEntry& entry : out) {
      if (is_file(entry)) entry.stat = LookAt(fd.get(), entry.name.c_str());
    }
    return out;
  }

  // One lookup of the directory serves all names in it.
  std::vector<StatusOr<FileStat>> StatAll(const std::string& directory,
                                          std::span<const std::string_view> names) const override {
    const StatusOr<UniqueFd> fd = OpenToLookIn(directory);
    if (!fd.ok()) return {names.size(), fd.status()};
    std::vector<StatusOr<FileStat>> out;
    out.reserve(names.size());
    std::string terminated;
    for (const std::string_view name : names) {
      terminated = name;
      const std::optional<FileStat> stat = LookAt(fd->get(), terminated.c_str());
      const int error = errno;
      if (stat) {
        out.push_back(*stat);
      } else {
        out.push_back(ErrnoStatus(error, "looking at", JoinPath(directory, name)));
      }
    }
    return out;
  }

  std::vector<StatusOr<std::string>> ReadAll(const std::string& directory,
                                             std::span<const FileToRead> files,
                                             uint64_t max_bytes) const override {
    const StatusOr<UniqueFd> fd = OpenToLookIn(directory);
    if (!fd.ok()) return {files.size(), fd.status()};
    std::vector<std::optional<std::string>> at_once(files.size());
    if (uring_ != nullptr && files.size() > 1) at_once = uring_->Read(fd->get(), files, max_bytes);
    std::vector<StatusOr<std::string>> out;
    out.reserve(files.size());
    for (size_t i = 0; i < files.size(); ++i) {
      if (at_once[i]) {
        out.push_back(*std::move(at_once[i]));
      } else {
        out.push_back(ReadByCalls(fd->get(), directory, files[i], max_bytes));
      }
    }
    return out;
  }

  size_t read_depth() const override { return read_depth_; }

  StatusOr<std::unique_ptr<ReadableFile>> OpenRead(const std::string& path) const override {
    RETURN_IF_ERROR(CheckDiskPath(path));
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    ASSIGN_OR_RETURN(UniqueFd fd, opener_.Open(path, O_RDONLY | O_NONBLOCK, 0, "opening"));
    return Opened(std::move(fd), path);
  }

  Status MakeDir(const std::string& path) override {
    ASSIGN_OR_RETURN(Location at, Locate(path));
    if (mkdirat(at.directory.get(), at.name.c_str(), 0755) == 0) return OkStatus();
    if (errno != EEXIST) return ErrnoStatus(errno, "making directory", path);
    ASSIGN_OR_RETURN(FileStat stat, Stat(path));
    if (stat.kind == FileKind::kDirectory) return OkStatus();
    return AlreadyExists("making directory '{}': a file of that name is there", path);
  }

  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path, uint32_t mode) override {
    RETURN_IF_ERROR(CheckEffect(path));
    ASSIGN_OR_RETURN(UniqueFd fd,
                     opener_.Open(path, O_WRONLY | O_CREAT | O_EXCL, mode & 0777, "creating"));
    if (fchmod(fd.get(), mode & 07777) != 0) return ErrnoStatus(errno, "setting mode of", path);
    return std::make_unique<PosixWritable>(std::move(fd), path);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    ASSIGN_OR_RETURN(Location source, Locate(from));
    ASSIGN_OR_RETURN(Location target, Locate(to));
    if (renameat2(source.directory.get(), source.name.c_str(), target.directory.get(),
                  target.name.c_str(), RENAME_NOREPLACE) == 0) {
      return OkStatus();
    }
    const std::string what = fmt::format("renaming '{}' to", from);
    // Some network file systems do not know the flag. There a target that exists may be this very
    // file, linked and not yet removed from its old name.
    if (errno != EINVAL && errno != ENOSYS && errno != EEXIST) return ErrnoStatus(errno, what, to);
    return RenameByLink(source, target, what, to);
  }

  Status SetMode(const std::string& path, uint32_t mode) override {
    ASSIGN_OR_RETURN(Location at, Locate(path));
    UniqueFd synced(openat(at.directory.get(), at.name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (fchmodat(at.directory.get(), at.name.c_str(), mode & 07777, AT_SYMLINK_NOFOLLOW) != 0) {
      return ErrnoStatus(errno, "setting mode of", path);
    }
    if (!synced.valid()) {
      synced = UniqueFd(openat(at.directory.get(), at.name.c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    }
    if (!synced.valid() || fsync(synced.get()) != 0) return ErrnoStatus(errno, "syncing", path);
    return OkStatus();
  }

  Status Remove(const std::string& path) override {
    ASSIGN_OR_RETURN(Location at, Locate(path));
    ASSIGN_OR_RETURN(FileStat stat, Stat(path));
    const int flags = stat.kind == FileKind::kDirectory ? AT_REMOVEDIR : 0;
    if (unlinkat(at.directory.get(), at.name.c_str(), flags) == 0) return OkStatus();
    if (errno == ENOTEMPTY) return FailedPrecondition("removing '{}': not empty", path);
    return ErrnoStatus(errno, "removing", path);
  }

  Status SyncDir(const std::string& path) override {
    RETURN_IF_ERROR(CheckEffect(path));
    ASSIGN_OR_RETURN(UniqueFd fd, opener_.Open(path, O_RDONLY | O_DIRECTORY, 0, "opening"));
    if (fsync(fd.get()) != 0) return ErrnoStatus(errno, "syncing directory", path);
    return OkStatus();
  }

 private:
  static StatusOr<std::unique_ptr<ReadableFile>> Opened(UniqueFd fd, const std::string& path) {
    struct stat st;
    if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, "looking at", path);
    if (!S_ISREG(st.st_mode)) return FailedPrecondition("'{}' is not a regular file", path);
    return std::make_unique<PosixReadable>(std::move(fd), path, static_cast<uint64_t>(st.st_size));
  }

  // The whole of a file that still has this size, for one call; nothing when it has another one, or
  // for what is no regular file, which says so when it is looked at.
  static std::optional<std::string> ReadUnchanged(int fd, uint64_t size) {
    std::string out(size + 1, '\0');
    const ssize_t got = pread(fd, out.data(), out.size(), 0);
    if (got < 0 || static_cast<uint64_t>(got) != size) return std::nullopt;
    out.pop_back();
    return out;
  }

  StatusOr<UniqueFd> OpenToLookIn(const std::string& directory) const {
    return opener_.Open(directory, O_PATH | O_DIRECTORY, 0, "opening directory");
  }

  static StatusOr<std::string> ReadByCalls(int directory_fd, const std::string& directory,
                                           const FileToRead& named, uint64_t max_bytes) {
    const std::string name(named.name);
    UniqueFd file(
        openat(directory_fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    const int error = errno;
    if (file.valid() && named.size <= max_bytes) {
      std::optional<std::string> all = ReadUnchanged(file.get(), named.size);
      if (all) return *std::move(all);
    }
    const std::string path = JoinPath(directory, named.name);
    if (!file.valid()) return ErrnoStatus(error, "opening", path);
    ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> opened, Opened(std::move(file), path));
    return ReadWhole(*opened, path, max_bytes);
  }

  Status CheckEffect(const std::string& path) const {
    RETURN_IF_ERROR(CheckDiskPath(path));
    if (access_ == DiskAccess::kReadWrite) return OkStatus();
    return PermissionDenied("'{}' must not change: the disk was opened for reading only", path);
  }

  StatusOr<Location> Locate(const std::string& path) const {
    RETURN_IF_ERROR(CheckEffect(path));
    if (path.empty()) return InvalidArgument("the root itself cannot be changed");
    const std::string parent = ParentPath(path);
    ASSIGN_OR_RETURN(UniqueFd fd, opener_.Open(parent, O_PATH | O_DIRECTORY, 0, "opening"));
    return Location{std::move(fd), path.substr(parent.empty() ? 0 : parent.size() + 1)};
  }

  // Never overwrites either: link(2) fails if the target exists. A run that died between the two
  // steps left both names of one file; it is finished here.
  static Status RenameByLink(const Location& source, const Location& target,
                             const std::string& what, const std::string& to) {
    struct stat from_stat;
    if (fstatat(source.directory.get(), source.name.c_str(), &from_stat, AT_SYMLINK_NOFOLLOW) !=
        0) {
      return ErrnoStatus(errno, what, to);
    }
    struct stat to_stat;
    const bool exists =
        fstatat(target.directory.get(), target.name.c_str(), &to_stat, AT_SYMLINK_NOFOLLOW) == 0;
    if (!exists && errno != ENOENT) return ErrnoStatus(errno, what, to);
    const bool same =
        exists && from_stat.st_dev == to_stat.st_dev && from_stat.st_ino == to_stat.st_ino;
    if (exists && !same) return ErrnoStatus(EEXIST, what, to);
    if (!same && (S_ISDIR(from_stat.st_mode) ||
                  linkat(source.directory.get(), source.name.c_str(), target.directory.get(),
                         target.name.c_str(), 0) != 0)) {
      if (!S_ISDIR(from_stat.st_mode) && errno == EEXIST) return ErrnoStatus(EEXIST, what, to);
      if (renameat(source.directory.get(), source.name.c_str(), target.directory.get(),
                   target.name.c_str()) != 0) {
        return ErrnoStatus(errno, what, to);
      }
      return OkStatus();
    }
    if (unlinkat(source.directory.get(), source.name.c_str(), 0) != 0) {
      return ErrnoStatus(errno, what, to);
    }
    return OkStatus();
  }

  UniqueFd root_;
  BeneathOpener opener_;
  DiskAccess access_;
  size_t read_depth_;
  std::unique_ptr<UringReader> uring_;  // null: not wanted
};

}  // namespace

StatusOr<std::unique_ptr<Disk>> OpenPosixDisk(const std::string& root, DiskAccess access,
                                              const DiskReading& reading) {
  UniqueFd fd(open(root.c_str(), O_PATH | O_CLOEXEC));
  if (!fd.valid() && errno == ELOOP) {
    return FailedPrecondition("root '{}' is a link that leads to itself", root);
  }
  if (!fd.valid()) return ErrnoStatus(errno, "opening root", root);
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, "looking at root", root);
  if (!S_ISDIR(st.st_mode)) return FailedPrecondition("root '{}' is not a directory", root);
  if (faccessat(fd.get(), ".", R_OK | X_OK, AT_EACCESS) != 0) {
    return ErrnoStatus(errno, "opening root", root);
  }
  return std::unique_ptr<Disk>(std::make_unique<PosixDisk>(std::move(fd), access, reading));
}

}  // namespace pdr

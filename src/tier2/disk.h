// The Disk seam: everything this program does to a file system passes here, so that tests can fail,
// kill or forget the k-th effect, and a rehearsal can send all changes to an overlay.
//
// Paths are relative to the disk's root, '/'-separated, and pass IsSafeRelativePath ("" is the
// root). No call follows a symbolic link below the root.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace pdr {

enum class FileKind { kRegular, kDirectory, kSymlink, kOther };

struct FileStat {
  FileKind kind = FileKind::kOther;
  uint64_t size = 0;     // bytes
  uint32_t mode = 0;     // permission bits, 07777
  int64_t mtime_ns = 0;  // since the epoch
  bool owner_write() const { return (mode & 0200) != 0; }
};

struct DirEntry {
  std::string name;  // one path component, raw bytes
  FileKind kind = FileKind::kOther;
  std::optional<FileStat> stat = {};  // of ListAndStat only
};

struct FileToRead {
  std::string_view name;  // in its directory
  uint64_t size = 0;      // as it was when it was looked at
};

class ReadableFile {
 public:
  explicit ReadableFile(std::string path) : path_(std::move(path)) {}
  virtual ~ReadableFile() = default;
  virtual uint64_t size() const = 0;  // when it was opened
  // Exactly as many bytes, from offset; OutOfRange if the file ends before.
  Status ReadInto(uint64_t offset, std::span<char> out) const;
  // The same, of n bytes.
  StatusOr<std::string> ReadAt(uint64_t offset, size_t n) const;

 protected:
  const std::string& path() const { return path_; }
  Status EndsBefore(uint64_t offset, size_t n) const;

 private:
  Status CheckRange(uint64_t offset, size_t n) const;
  virtual Status Read(uint64_t offset, std::span<char> out) const = 0;  // within the size

  std::string path_;
};

class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  // Flushes data and metadata to the device and closes. The file is only durable in its directory
  // after Disk::SyncDir.
  virtual Status SyncAndClose() = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;

  // NotFound, PermissionDenied, or Unavailable for other I/O errors; never mixes them up.
  virtual StatusOr<FileStat> Stat(const std::string& path) const = 0;
  virtual StatusOr<std::vector<DirEntry>> List(const std::string& path) const = 0;  // unsorted
  // In a directory of at most `most` names that are no directories each of them comes with a Stat,
  // if that costs the disk less than to be asked again.
  virtual StatusOr<std::vector<DirEntry>> ListAndStat(const std::string& path, size_t most) const;
  // A Stat of each of these names in a directory, in their order; a disk that can do better than a
  // lookup of the whole path per name overrides it.
  virtual std::vector<StatusOr<FileStat>> StatAll(const std::string& directory,
                                                  std::span<const std::string_view> names) const;
  // In the same way the whole of each of these files, as ReadWholeFile gives it.
  virtual std::vector<StatusOr<std::string>> ReadAll(const std::string& directory,
                                                     std::span<const FileToRead> files,
                                                     uint64_t max_bytes) const;
  virtual StatusOr<std::unique_ptr<ReadableFile>> OpenRead(const std::string& path) const = 0;

  // How many reading calls at once serve it best: those that wait in a queue cost less than the
  // round trips they save.
  virtual size_t read_depth() const { return 1; }

  // Effects. Each is one step that can fail or be the last one before a crash.
  virtual Status MakeDir(const std::string& path) = 0;  // parent must exist; existing is OK
  virtual StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path,
                                                         uint32_t mode) = 0;  // fails if it exists
  virtual Status Rename(const std::string& from,
                        const std::string& to) = 0;                    // fails if `to` exists
  virtual Status SetMode(const std::string& path, uint32_t mode) = 0;  // of a file; durable
  virtual Status Remove(const std::string& path) = 0;  // a file or an empty directory
  virtual Status SyncDir(const std::string& path) = 0;
};

// Helpers over the seam.
// How `count` pieces of work share a disk: so many at once, with so many calls each.
struct DepthShares {
  size_t at_once = 1;
  size_t each = 1;
};
DepthShares ShareDepth(const Disk& disk, size_t threads, size_t count);
StatusOr<std::string> ReadWhole(const ReadableFile& file, std::string_view path,
                                uint64_t max_bytes);
StatusOr<std::string> ReadWholeFile(const Disk& disk, const std::string& path, uint64_t max_bytes);
Status MakeDirs(Disk& disk, const std::string& path);  // all missing parents, each synced
// Creates the file with all its bytes, fsynced, and syncs its directory.
Status WriteFileDurably(Disk& disk, const std::string& path, std::string_view bytes, uint32_t mode);
StatusOr<bool> IsPresent(const Disk& disk, const std::string& path);
std::string ParentPath(std::string_view path);  // "" for a name without '/'
std::string JoinPath(std::string_view directory, std::string_view name);  // directory may be ""
Status CheckDiskPath(std::string_view path);  // "" or IsSafeRelativePath, else InvalidArgument

}  // namespace pdr

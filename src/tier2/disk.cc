#include "tier2/disk.h"

#include <algorithm>

#include "format/names.h"

namespace pdr {

StatusOr<std::vector<DirEntry>> Disk::ListAndStat(const std::string& path, size_t) const {
  return List(path);
}

std::vector<StatusOr<FileStat>> Disk::StatAll(const std::string& directory,
                                              std::span<const std::string_view> names) const {
  std::vector<StatusOr<FileStat>> out;
  out.reserve(names.size());
  for (std::string_view name : names) out.push_back(Stat(JoinPath(directory, name)));
  return out;
}

Status ReadableFile::EndsBefore(uint64_t offset, size_t n) const {
  return OutOfRange("'{}' ends before byte {} + {} (size {})", path_, offset, n, size());
}

Status ReadableFile::CheckRange(uint64_t offset, size_t n) const {
  return offset > size() || n > size() - offset ? EndsBefore(offset, n) : OkStatus();
}

Status ReadableFile::ReadInto(uint64_t offset, std::span<char> out) const {
  RETURN_IF_ERROR(CheckRange(offset, out.size()));
  return Read(offset, out);
}

StatusOr<std::string> ReadableFile::ReadAt(uint64_t offset, size_t n) const {
  RETURN_IF_ERROR(CheckRange(offset, n));
  std::string out(n, '\0');
  RETURN_IF_ERROR(Read(offset, out));
  return out;
}

std::vector<StatusOr<std::string>> Disk::ReadAll(const std::string& directory,
                                                 std::span<const FileToRead> files,
                                                 uint64_t max_bytes) const {
  std::vector<StatusOr<std::string>> out;
  out.reserve(files.size());
  for (const FileToRead& file : files) {
    out.push_back(ReadWholeFile(*this, JoinPath(directory, file.name), max_bytes));
  }
  return out;
}

DepthShares ShareDepth(const Disk& disk, size_t threads, size_t count) {
  const size_t at_once = std::max<size_t>(1, std::min(threads, count));
  return {at_once, std::max<size_t>(1, disk.read_depth() / at_once)};
}

StatusOr<std::string> ReadWhole(const ReadableFile& file, std::string_view path,
                                uint64_t max_bytes) {
  if (file.size() > max_bytes) {
    return DataLoss("'{}': {} bytes, more than the {} such a file may have", path, file.size(),
                    max_bytes);
  }
  return file.ReadAt(0, file.size());
}

StatusOr<std::string> ReadWholeFile(const Disk& disk, const std::string& path, uint64_t max_bytes) {
  ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, disk.OpenRead(path));
  return ReadWhole(*file, path, max_bytes);
}

Status MakeDirs(Disk& disk, const std::string& path) {
  RETURN_IF_ERROR(CheckDiskPath(path));
  for (size_t end = 0; end != std::string::npos && !path.empty();) {
    end = path.find('/', end + 1);
    std::string directory = path.substr(0, end);
    StatusOr<FileStat> stat = disk.Stat(directory);
    if (stat.ok() && stat->kind == FileKind::kDirectory) continue;
    if (!stat.ok() && stat.status().code() != StatusCode::kNotFound) return stat.status();
    RETURN_IF_ERROR(disk.MakeDir(directory));
    RETURN_IF_ERROR(disk.SyncDir(ParentPath(directory)));
  }
  return OkStatus();
}

Status WriteFileDurably(Disk& disk, const std::string& path, std::string_view bytes,
                        uint32_t mode) {
  ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, disk.Create(path, mode));
  RETURN_IF_ERROR(file->Append(bytes));
  RETURN_IF_ERROR(file->SyncAndClose());
  return disk.SyncDir(ParentPath(path));
}

StatusOr<bool> IsPresent(const Disk& disk, const std::string& path) {
  StatusOr<FileStat> stat = disk.Stat(path);
  if (absl::IsNotFound(stat.status())) return false;
  RETURN_IF_ERROR(stat.status());
  return true;
}

std::string ParentPath(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

std::string JoinPath(std::string_view directory, std::string_view name) {
  if (directory.empty()) return std::string(name);
  std::string out;
  out.reserve(directory.size() + 1 + name.size());
  return out.append(directory).append(1, '/').append(name);
}

Status CheckDiskPath(std::string_view path) {
  if (path.empty() || IsSafeRelativePath(path)) return OkStatus();
  return InvalidArgument("'{}' is not a path below the root", path);
}

}  // namespace pdr

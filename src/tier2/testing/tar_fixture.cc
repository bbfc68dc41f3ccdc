#include "tier2/testing/tar_fixture.h"

#include <unistd.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "tier2/posix_disk.h"

namespace pdr {

TempDir::TempDir() : TempDir(std::filesystem::temp_directory_path().string()) {}

TempDir TempDir::InMemory() {
  const std::string memory = "/dev/shm";
  if (access(memory.c_str(), W_OK) == 0) return TempDir(memory);
  return {};
}

TempDir::TempDir(const std::string& parent) {
  std::string pattern = parent + "/pdr-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

StatusOr<std::string> ExtractFixture(const std::string& testdata, const std::string& name,
                                     const std::string& directory) {
  const std::string command = fmt::format("tar --zstd -xpf '{}/fixtures/{}/tier2.tar.zst' -C '{}'",
                                          testdata, name, directory);
  if (std::system(command.c_str()) != 0) return Internal("cannot unpack: {}", command);
  return directory + "/tier2";
}

Status LoadInto(MemoryDisk& to, const Disk& from) {
  std::vector<std::string> directories = {""};
  while (!directories.empty()) {
    const std::string directory = directories.back();
    directories.pop_back();
    ASSIGN_OR_RETURN(std::vector<DirEntry> entries, from.List(directory));
    for (const DirEntry& entry : entries) {
      const std::string path = JoinPath(directory, entry.name);
      if (entry.kind == FileKind::kDirectory) directories.push_back(path);
      if (entry.kind != FileKind::kRegular) continue;
      ASSIGN_OR_RETURN(FileStat stat, from.Stat(path));
      ASSIGN_OR_RETURN(std::string bytes, ReadWholeFile(from, path, uint64_t{1} << 30));
      to.Put(path, std::move(bytes), stat.mode);
    }
  }
  return OkStatus();
}

Status LoadFixture(const std::string& testdata, const std::string& name, MemoryDisk& to) {
  TempDir directory;
  ASSIGN_OR_RETURN(std::string root, ExtractFixture(testdata, name, directory.path()));
  ASSIGN_OR_RETURN(std::unique_ptr<Disk> disk, OpenPosixDisk(root, DiskAccess::kReadOnly));
  return LoadInto(to, *disk);
}

}  // namespace pdr

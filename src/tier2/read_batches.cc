#include "tier2/read_batches.h"

#include "base/ascii.h"
#include "base/parallel.h"

namespace pdr {
namespace {

constexpr size_t kMostFiles = 16;
constexpr uint64_t kMostBytes = uint64_t{4} << 20;

std::string_view DirectoryOf(const InventoryFile& file) {
  const size_t slash = LastPosition(file.path, '/');
  return slash == std::string_view::npos ? std::string_view() : file.path.substr(0, slash);
}

// As Disk::ReadAll wants it.
FileToRead ToRead(const InventoryFile& file) {
  const size_t slash = LastPosition(file.path, '/');
  return {slash == std::string_view::npos ? file.path : file.path.substr(slash + 1), file.size};
}

}  // namespace

std::vector<Batch> BatchesByDirectory(size_t count,
                                      const std::function<const InventoryFile&(size_t)>& file) {
  std::vector<Batch> batches;
  std::string_view directory;
  uint64_t bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    const InventoryFile& next = file(i);
    const std::string_view its_directory = DirectoryOf(next);
    bytes += next.size;
    if (batches.empty() || its_directory != directory || bytes > kMostBytes ||
        i - batches.back().begin == kMostFiles) {
      batches.push_back({i, i});
      directory = its_directory;
      bytes = next.size;
    }
    batches.back().end = i + 1;
  }
  return batches;
}

std::vector<StatusOr<std::string>> ReadFiles(const Disk& disk,
                                             std::span<const InventoryFile* const> files,
                                             size_t depth, uint64_t max_bytes) {
  std::vector<StatusOr<std::string>> texts(files.size(), Internal("not read"));
  const std::vector<Batch> batches =
      BatchesByDirectory(files.size(), [&](size_t i) -> const InventoryFile& { return *files[i]; });
  ParallelFor(batches.size(), depth, [&](size_t b) {
    const std::span<const InventoryFile* const> batch =
        files.subspan(batches[b].begin, batches[b].end - batches[b].begin);
    std::vector<FileToRead> wanted;
    wanted.reserve(batch.size());
    for (const InventoryFile* file : batch) wanted.push_back(ToRead(*file));
    std::vector<StatusOr<std::string>> read =
        disk.ReadAll(std::string(DirectoryOf(*batch[0])), wanted, max_bytes);
    for (size_t i = 0; i < read.size(); ++i) texts[batches[b].begin + i] = std::move(read[i]);
    return OkStatus();
  }).IgnoreError();  // each text has its own
  return texts;
}

}  // namespace pdr

#include "bench/tree_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/hash.h"
#include "format/btree.h"
#include "format/names.h"
#include "format/rolling_header.h"
#include "tier2/posix_path.h"

namespace pdr::bench {
namespace {

constexpr uint64_t kEpoch = 7;
constexpr uint64_t kRolloverBytes = uint64_t{16} << 20;

}  // namespace

TreeWriter::TreeWriter(std::string root, Layout layout, int containers)
    : root_(std::move(root)), layout_(layout), containers_(static_cast<size_t>(containers)) {
  for (size_t i = 0; i < containers_.size(); ++i) {
    containers_[i].container = static_cast<int>(i);
    containers_[i].layout = layout_;
    containers_[i].epoch = kEpoch;
  }
}

Status TreeWriter::Add(ModelSegment segment) {
  const int owner = ContainerOf(segment.info.name, static_cast<int>(containers_.size()));
  ContainerState& container = containers_[static_cast<size_t>(owner)];
  SegmentInfo& info = segment.info;
  RETURN_IF_ERROR(AddStored(info.name, segment.data, segment.rolled_at, info.sealed, container));
  SparseBytes index{segment.index.size(), {{0, std::move(segment.index)}}};
  if (index.length > 0 && layout_ == Layout::kRolling) {
    info.attributes[kIndexRootPointer] = static_cast<int64_t>(index.length - kBtreeFooterBytes);
  }
  RETURN_IF_ERROR(AddStored(AttributeIndexName(info.name), index, 0, info.sealed, container));
  container.segments.push_back(std::move(info));
  ++segments_;
  return OkStatus();
}

Status TreeWriter::AddStored(const std::string& name, const SparseBytes& data, uint64_t rolled_at,
                             bool sealed, ContainerState& container) {
  if (data.length == 0) return OkStatus();
  std::vector<uint64_t> starts = {0};
  if (rolled_at > 0) starts.push_back(rolled_at);
  if (layout_ == Layout::kRolling) return AddRolling(name, data, starts, sealed);
  return AddChunked(name, data, starts, sealed, container);
}

Status TreeWriter::AddRolling(const std::string& name, const SparseBytes& data,
                              const std::vector<uint64_t>& starts, bool sealed) {
  RollingHeader header{kRolloverBytes, {}, false};
  for (size_t i = 0; i < starts.size(); ++i) {
    const bool last = i + 1 == starts.size();
    header.chunks.push_back({starts[i], RollingChunkName(name, starts[i])});
    RETURN_IF_ERROR(WriteChunk(header.chunks.back().name, data, starts[i],
                               last ? data.length : starts[i + 1],
                               last && !sealed ? kFileMode : kSealedFileMode));
  }
  const std::string text = EncodeRollingHeader(header);
  return WriteChunk(HeaderName(name), {text.size(), {{0, text}}}, 0, text.size(),
                    sealed ? kSealedFileMode : kFileMode);
}

Status TreeWriter::AddChunked(const std::string& name, const SparseBytes& data,
                              const std::vector<uint64_t>& starts, bool sealed,
                              ContainerState& container) {
  const auto put = [&](const std::string& key, StorageMetadata value) {
    container.storage_records.Put({1, key, std::move(value)});
  };
  const auto chunk_name = [&](size_t i) {
    return ChunkName(name, kEpoch - 1, starts[i], NameUuid(fmt::format("{}{}", name, starts[i])));
  };
  SegmentMetadata record;
  record.name = name;
  record.length = data.length;
  record.chunk_count = static_cast<uint32_t>(starts.size());
  record.status = kStatusActive | kStatusAtomicWrites | (sealed ? kStatusSealed : 0);
  record.max_rolling_length = kRolloverBytes;
  record.first_chunk = chunk_name(0);
  record.last_chunk = chunk_name(starts.size() - 1);
  record.last_chunk_start_offset = starts.back();
  record.owner_epoch = kEpoch - 1;
  for (size_t i = 0; i < starts.size(); ++i) {
    const bool last = i + 1 == starts.size();
    const uint64_t end = last ? data.length : starts[i + 1];
    const std::string chunk = chunk_name(i);
    put(chunk, ChunkMetadata{chunk, end - starts[i], last ? "" : chunk_name(i + 1), kStatusActive});
    RETURN_IF_ERROR(WriteChunk(chunk, data, starts[i], end, kFileMode));
  }
  const std::string block = BlockName(name, 0);
  put(block, ReadIndexBlockMetadata{block, record.first_chunk, 0, kStatusActive});
  put(name, std::move(record));
  return OkStatus();
}

Status TreeWriter::Finish() {
  for (ContainerState& container : containers_) {
    std::sort(container.segments.begin(), container.segments.end(),
              [](const SegmentInfo& a, const SegmentInfo& b) { return a.name < b.name; });
    const ContainerImage image = LayOutContainer(container);
    for (const ImageFile& file : image.files) {
      RETURN_IF_ERROR(WriteChunk(file.path, {file.content.size(), {{0, file.content}}}, 0,
                                 file.content.size(), file.mode));
    }
    container = {};
  }
  return OkStatus();
}

Status TreeWriter::WriteChunk(const std::string& path, const SparseBytes& data, uint64_t from,
                              uint64_t to, uint32_t mode) {
  RETURN_IF_ERROR(MakeParent(path));
  const std::string full = root_ + "/" + path;
  UniqueFd fd(open(full.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd.valid()) return ErrnoStatus(errno, "creating", full);
  ++files_;
  if (ftruncate(fd.get(), static_cast<off_t>(to - from)) != 0) {
    return ErrnoStatus(errno, "sizing", full);
  }
  for (const auto& [at, bytes] : data.pieces) {
    const uint64_t begin = std::max(at, from);
    const uint64_t end = std::min(at + bytes.size(), to);
    if (begin >= end) continue;
    const auto n = static_cast<ssize_t>(end - begin);
    if (pwrite(fd.get(), bytes.data() + (begin - at), static_cast<size_t>(n),
               static_cast<off_t>(begin - from)) != n) {
      return ErrnoStatus(errno, "writing", full);
    }
  }
  return OkStatus();
}

Status TreeWriter::MakeParent(const std::string& path) {
  const std::string parent = path.substr(0, path.rfind('/'));
  if (!directories_.insert(parent).second) return OkStatus();
  std::error_code error;
  std::filesystem::create_directories(root_ + "/" + parent, error);
  if (error) return Unavailable("making directory '{}': {}", parent, error.message());
  return OkStatus();
}

}  // namespace pdr::bench

#include "tier2/segment_data.h"

#include <algorithm>

namespace pdr {

Status SegmentReader::Open(size_t index) {
  if (open_chunk_ == index) return OkStatus();
  const StoredChunk& chunk = segment_.chunks[index];
  StatusOr<std::unique_ptr<ReadableFile>> file = disk_.OpenRead(chunk.path);
  if (!chunk.exists || file.status().code() == StatusCode::kNotFound) {
    return DataLoss("'{}': chunk file '{}' is missing", segment_.name, chunk.path);
  }
  if (!file.ok()) return file.status();
  file_ = std::move(file).value();
  open_chunk_ = index;
  return OkStatus();
}

StatusOr<std::string> SegmentReader::ReadSome(uint64_t offset, size_t max_bytes) {
  const std::vector<StoredChunk>& chunks = segment_.chunks;
  if (offset >= segment_.length) {
    return OutOfRange("'{}': offset {} is not below the length {}", segment_.name, offset,
                      segment_.length);
  }
  auto next = std::upper_bound(
      chunks.begin(), chunks.end(), offset,
      [](uint64_t wanted, const StoredChunk& chunk) { return wanted < chunk.start_offset; });
  if (next == chunks.begin()) {
    return OutOfRange("'{}': offset {} is before the first chunk", segment_.name, offset);
  }
  const size_t index = static_cast<size_t>(next - chunks.begin()) - 1;
  const StoredChunk& chunk = chunks[index];
  const uint64_t inside = offset - chunk.start_offset;
  if (inside >= chunk.length) {
    return DataLoss("'{}': no chunk holds offset {}", segment_.name, offset);
  }
  if (!chunk.fresh.empty()) return chunk.fresh.substr(inside, max_bytes);
  RETURN_IF_ERROR(Open(index));
  if (inside >= file_->size()) {
    return DataLoss("'{}': chunk file '{}' has {} bytes, it must have {}", segment_.name,
                    chunk.path, file_->size(), chunk.length);
  }
  const uint64_t available = std::min({chunk.length, file_->size()}) - inside;
  const uint64_t wanted = std::min<uint64_t>(available, segment_.length - offset);
  StatusOr<std::string> bytes = file_->ReadAt(inside, std::min<uint64_t>(wanted, max_bytes));
  if (bytes.status().code() == StatusCode::kOutOfRange) {
    return DataLoss("'{}': chunk file '{}' became shorter", segment_.name, chunk.path);
  }
  return bytes;
}

StatusOr<std::string> ReadSegment(const Disk& disk, const StoredSegment& segment, uint64_t offset,
                                  size_t n) {
  if (offset > segment.length || n > segment.length - offset) {
    return OutOfRange("'{}': bytes {} + {} are beyond the length {}", segment.name, offset, n,
                      segment.length);
  }
  SegmentReader reader(disk, segment);
  std::string out;
  while (out.size() < n) {
    ASSIGN_OR_RETURN(std::string piece, reader.ReadSome(offset + out.size(), n - out.size()));
    if (out.empty()) {
      out = std::move(piece);
    } else {
      out += piece;
    }
  }
  return out;
}

}  // namespace pdr

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

StatusOr<SegmentReader::Place> SegmentReader::Find(uint64_t offset, size_t max_bytes) {
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
  const std::string* fresh = chunk.fresh.empty() ? nullptr : &chunk.fresh;
  if (fresh == nullptr) RETURN_IF_ERROR(Open(index));
  const uint64_t has = fresh == nullptr ? file_->size() : fresh->size();
  if (inside >= has) {
    return DataLoss("'{}': chunk file '{}' has {} bytes, it must have {}", segment_.name,
                    chunk.path, has, chunk.length);
  }
  const uint64_t available = std::min(chunk.length, has) - inside;
  const uint64_t wanted = std::min<uint64_t>(available, segment_.length - offset);
  return Place{inside, std::min<uint64_t>(wanted, max_bytes), fresh};
}

Status SegmentReader::Read(const Place& place, std::span<char> out) const {
  if (place.fresh != nullptr) {
    place.fresh->copy(out.data(), out.size(), place.at);
    return OkStatus();
  }
  Status read = file_->ReadInto(place.at, out);
  if (read.code() != StatusCode::kOutOfRange) return read;
  return DataLoss("'{}': chunk file '{}' became shorter", segment_.name,
                  segment_.chunks[open_chunk_].path);
}

StatusOr<std::string> SegmentReader::ReadSome(uint64_t offset, size_t max_bytes) {
  ASSIGN_OR_RETURN(const Place place, Find(offset, max_bytes));
  std::string out(place.bytes, '\0');
  RETURN_IF_ERROR(Read(place, out));
  return out;
}

StatusOr<size_t> SegmentReader::CanReadSome(uint64_t offset, size_t max_bytes) {
  ASSIGN_OR_RETURN(const Place place, Find(offset, max_bytes));
  return place.bytes;
}

Status SegmentReader::ReadSomeInto(uint64_t offset, std::span<char> out) {
  ASSIGN_OR_RETURN(const Place place, Find(offset, out.size()));
  if (place.bytes == out.size()) return Read(place, out);
  return Internal("'{}': {} bytes at {} are not in one chunk", segment_.name, out.size(), offset);
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

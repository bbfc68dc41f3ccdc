#include "tier2/rolling/segment.h"

#include "format/names.h"

namespace pdr {
namespace {

class RollingAssembler {
 public:
  RollingAssembler(const std::string& name, const RollingHeader& header, int container,
                   FileCursor& files, std::vector<Anomaly>& anomalies)
      : header_(header), container_(container), files_(files), anomalies_(anomalies) {
    segment_.name = name;
    segment_.max_chunk_bytes = header.max_length;
  }

  std::optional<StoredSegment> Run(bool sealed) {
    segment_.sealed = sealed;
    if (header_.dangling_concat) {
      Add("concat-dangling", "the header ends with a concat whose source was never appended");
    }
    for (size_t i = 0; i < header_.chunks.size(); ++i) AddChunk(i);
    if (!header_.chunks.empty() && segment_.chunks.empty()) {
      Add("header-without-chunks",
          fmt::format("none of the {} listed chunk files is there", header_.chunks.size()));
      return std::nullopt;
    }
    if (segment_.chunks.empty()) return std::move(segment_);
    segment_.start_offset = segment_.chunks.front().start_offset;
    segment_.length = segment_.chunks.back().start_offset + segment_.chunks.back().length;
    return std::move(segment_);
  }

 private:
  void AddChunk(size_t i) {
    const RollingChunk& listed = header_.chunks[i];
    const bool last = i + 1 == header_.chunks.size();
    const uint64_t gap = last ? 0 : header_.chunks[i + 1].start_offset - listed.start_offset;
    StoredChunk chunk = files_.List(listed.name, listed.start_offset, gap);
    // Truncation deletes whole chunks from the front and leaves them listed.
    if (!chunk.exists && segment_.chunks.empty()) return;
    if (last) chunk.length = chunk.file_size;
    Check(chunk, last);
    segment_.chunks.push_back(std::move(chunk));
  }

  void Check(const StoredChunk& chunk, bool last) {
    if (chunk.exists && (last || (chunk.file_size == chunk.length && chunk.length > 0))) return;
    const std::string at = fmt::format("chunk '{}' at offset {}", chunk.path, chunk.start_offset);
    if (!chunk.exists) {
      Add("chunk-missing", last ? at + " is missing; the length of the segment is a lower bound"
                                : fmt::format("{} ({} bytes) is missing", at, chunk.length));
    } else if (chunk.file_size < chunk.length) {
      Add("chunk-short", fmt::format("{} has {} of {} bytes", at, chunk.file_size, chunk.length));
    } else if (chunk.file_size > chunk.length) {
      Add("chunk-long", fmt::format("{} has {} bytes, {} belong to the segment", at,
                                    chunk.file_size, chunk.length));
    } else {
      Add("chunk-empty", at + " is empty and not the last: reads that reach it never return");
    }
  }

  void Add(std::string code, std::string message) {
    anomalies_.push_back({std::move(code), container_, segment_.name, std::move(message)});
  }

  const RollingHeader& header_;
  int container_;
  FileCursor& files_;
  std::vector<Anomaly>& anomalies_;
  StoredSegment segment_;
};

}  // namespace

std::optional<StoredSegment> AssembleRolling(const std::string& name, const RollingHeader& header,
                                             bool sealed, int container, FileCursor& files,
                                             std::vector<Anomaly>& anomalies) {
  return RollingAssembler(name, header, container, files, anomalies).Run(sealed);
}

StoredSegment AssembleHeaderless(const InventoryFile& file, FileCursor& files) {
  StoredSegment segment;
  segment.name = file.path;
  segment.length = file.size;
  segment.sealed = !file.owner_write();
  segment.max_chunk_bytes = kNoRolling;
  segment.chunks.push_back(files.List(file.path, 0, file.size));
  return segment;
}

}  // namespace pdr

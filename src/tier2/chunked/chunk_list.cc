#include "tier2/chunked/chunk_list.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "format/names.h"

namespace pdr {
namespace {

constexpr size_t kFewChunks = 8;

class Assembler {
 public:
  Assembler(SegmentMetadata record, int container, FileCursor& files,
            std::vector<Anomaly>& anomalies)
      : container_(container), files_(files), anomalies_(anomalies) {
    segment_.name = record.name;
    segment_.start_offset = record.start_offset;
    segment_.length = record.length;
    segment_.sealed = (record.status & kStatusSealed) != 0;
    segment_.max_chunk_bytes = record.max_rolling_length;
    next_offset_ = record.first_chunk_start_offset;
    segment_.record = std::move(record);
  }

  StoredSegment Walk(FindChunkRecord find) {
    if (Status invariants = CheckSegmentInvariants(segment_.record); !invariants.ok()) {
      Add("list-broken", std::string(Message(invariants)));
    }
    std::string next = segment_.record.first_chunk;
    while (!next.empty()) {
      const ChunkMetadata* chunk = find(next);
      if (chunk == nullptr || chunk->name != next) {
        Add("list-broken", fmt::format("there is no record of chunk '{}'", next));
        break;
      }
      if (IsListed(next)) {
        Add("list-broken", fmt::format("chunk '{}' is in the list twice", next));
        break;
      }
      if (!AddChunk(*chunk)) break;
      next = chunk->next_chunk;
    }
    if (next.empty()) CompareWithRecord();
    return Finish();
  }

  StoredSegment Take(const std::vector<ChunkMetadata>& chunks) {
    for (const ChunkMetadata& chunk : chunks) {
      if (!AddChunk(chunk)) break;
    }
    return Finish();
  }

 private:
  // Nearly all lists are short.
  bool IsListed(const std::string& chunk) {
    const auto is_it = [&](const StoredChunk& listed) { return listed.path == chunk; };
    const std::vector<StoredChunk>& listed = segment_.chunks;
    if (listed.size() < kFewChunks) return std::any_of(listed.begin(), listed.end(), is_it);
    for (size_t i = seen_.size(); i < listed.size(); ++i) seen_.insert(listed[i].path);
    return seen_.contains(chunk);
  }

  bool AddChunk(const ChunkMetadata& chunk) {
    if (!IsSafeRelativePath(chunk.name)) {
      Add("list-broken", fmt::format("chunk name '{}' is not a path below the root", chunk.name));
      return false;
    }
    if (chunk.length > kMaxSegmentLength || next_offset_ > kMaxSegmentLength) {
      Add("list-broken", fmt::format("chunk '{}' is longer than any segment", chunk.name));
      return false;
    }
    segment_.chunks.push_back(files_.List(chunk.name, next_offset_, chunk.length));
    next_offset_ += chunk.length;
    return true;
  }

  // Part of an atomic batch may be all that reached Tier-2.
  void CompareWithRecord() {
    const SegmentMetadata& record = segment_.record;
    const uint64_t last_start =
        segment_.chunks.empty() ? record.start_offset : segment_.chunks.back().start_offset;
    if (segment_.chunks.size() == record.chunk_count && next_offset_ == record.length &&
        last_start == record.last_chunk_start_offset) {
      return;
    }
    Add("list-disagrees",
        fmt::format("{} chunks end at {}; the segment's record says {} chunks that end at {}",
                    segment_.chunks.size(), next_offset_, record.chunk_count, record.length));
  }

  StoredSegment Finish() {
    segment_.length = next_offset_;
    segment_.start_offset = std::min(segment_.start_offset, segment_.length);
    for (size_t i = 0; i < segment_.chunks.size(); ++i) {
      Check(segment_.chunks[i], i + 1 == segment_.chunks.size());
    }
    return std::move(segment_);
  }

  void Check(const StoredChunk& chunk, bool last) {
    if (chunk.exists && chunk.file_size == chunk.length) return;
    const std::string at = fmt::format("chunk '{}' at offset {}", chunk.path, chunk.start_offset);
    if (!chunk.exists) {
      Add("chunk-missing", fmt::format("{} ({} bytes) is missing", at, chunk.length));
    } else if (chunk.file_size < chunk.length) {
      Add("chunk-short", fmt::format("{} has {} of {} bytes", at, chunk.file_size, chunk.length));
    } else if (last && chunk.file_size > chunk.length) {
      // In front of the last chunk surplus is ordinary: what a failed or fenced write left.
      Add("chunk-long", fmt::format("{} has {} bytes, {} more than recorded", at, chunk.file_size,
                                    chunk.file_size - chunk.length));
    }
  }

  void Add(std::string code, std::string message) {
    anomalies_.push_back({std::move(code), container_, segment_.name, std::move(message)});
  }

  int container_;
  FileCursor& files_;
  std::vector<Anomaly>& anomalies_;
  StoredSegment segment_;
  absl::flat_hash_set<std::string> seen_;  // of the first so many chunks, once they are not few
  uint64_t next_offset_ = 0;
};

}  // namespace

StoredSegment AssembleChunked(SegmentMetadata segment, int64_t version, FindChunkRecord find,
                              int container, FileCursor& files, std::vector<Anomaly>& anomalies) {
  StoredSegment out = Assembler(std::move(segment), container, files, anomalies).Walk(find);
  out.record_version = version;
  return out;
}

StoredSegment AssembleSystem(const SegmentSnapshot& state, int container, FileCursor& files,
                             std::vector<Anomaly>& anomalies) {
  return Assembler(state.segment, container, files, anomalies).Take(state.chunks);
}

}  // namespace pdr

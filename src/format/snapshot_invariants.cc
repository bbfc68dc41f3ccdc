// CheckSnapshotInvariants of system_journal.h. docs/formats/lts-chunked.md section 4.
#include "format/system_journal.h"

namespace pdr {
namespace {

Status CheckSegmentSnapshot(const SegmentSnapshot& snapshot) {
  const SegmentMetadata& s = snapshot.segment;
  const auto require = [&s](bool holds, std::string_view what) {
    return holds ? OkStatus() : DataLoss("snapshot of '{}': {}", s.name, what);
  };
  RETURN_IF_ERROR(CheckSegmentInvariants(s));
  RETURN_IF_ERROR(require((s.status & kStatusSystemSegment) != 0, "it is no system segment"));
  RETURN_IF_ERROR(require(s.chunk_count == snapshot.chunks.size(),
                          "the chunk count is not the number of chunks"));
  uint64_t left = s.length - s.first_chunk_start_offset;
  for (size_t i = 0; i < snapshot.chunks.size(); ++i) {
    const ChunkMetadata& chunk = snapshot.chunks[i];
    RETURN_IF_ERROR(require(chunk.length <= left, "the chunks are longer than the segment"));
    left -= chunk.length;
    const bool last = i + 1 == snapshot.chunks.size();
    RETURN_IF_ERROR(
        require(last ? chunk.next_chunk.empty() : chunk.next_chunk == snapshot.chunks[i + 1].name,
                "the chunk list is not linked in order"));
  }
  RETURN_IF_ERROR(require(left == 0, "the chunks are shorter than the segment"));
  if (snapshot.chunks.empty()) return OkStatus();
  RETURN_IF_ERROR(
      require(snapshot.chunks.front().name == s.first_chunk, "another first chunk than listed"));
  RETURN_IF_ERROR(
      require(snapshot.chunks.back().name == s.last_chunk, "another last chunk than listed"));
  return require(s.last_chunk_start_offset + snapshot.chunks.back().length == s.length,
                 "the last chunk does not end at the length");
}

}  // namespace

Status CheckSnapshotInvariants(const SystemSnapshot& snapshot) {
  for (const SegmentSnapshot& segment : snapshot.segments) {
    RETURN_IF_ERROR(CheckSegmentSnapshot(segment));
  }
  return OkStatus();
}

}  // namespace pdr

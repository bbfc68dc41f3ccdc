#include "recovery/holes.h"

#include <algorithm>

namespace pdr {
namespace {

// Bytes of the chunk that can really be read.
uint64_t Readable(const StoredChunk& chunk) {
  return chunk.exists ? std::min(chunk.length, chunk.file_size) : 0;
}

}  // namespace

void CutSegment(StoredSegment& segment, uint64_t end) {
  std::erase_if(segment.chunks, [&](const StoredChunk& c) { return c.start_offset >= end; });
  if (!segment.chunks.empty()) {
    StoredChunk& last = segment.chunks.back();
    last.length = std::min(last.length, end - last.start_offset);
  }
  segment.length = end;
  segment.start_offset = std::min(segment.start_offset, end);
}

std::optional<HoleFact> CloseHoles(StoredSegment& segment) {
  const bool whole = std::all_of(segment.chunks.begin(), segment.chunks.end(),
                                 [](const StoredChunk& c) { return Readable(c) == c.length; });
  if (whole) return std::nullopt;
  HoleFact hole;
  hole.original = segment;
  auto& chunks = segment.chunks;
  size_t missing = 0;
  while (missing < chunks.size() && !chunks[missing].exists) ++missing;
  if (missing > 0 && missing < chunks.size()) {
    const uint64_t begin = chunks[missing].start_offset;
    if (begin > segment.start_offset) {
      hole.lost_head_bytes = begin - segment.start_offset;
      segment.start_offset = begin;
    }
    chunks.erase(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(missing));
  }
  for (const StoredChunk& chunk : chunks) {
    if (Readable(chunk) == chunk.length) continue;
    const uint64_t readable_to = chunk.start_offset + Readable(chunk);
    hole.cut_at = std::max(segment.start_offset, readable_to);
    hole.lost_tail_bytes = segment.length - hole.cut_at;
    CutSegment(segment, hole.cut_at);
    // Nothing is left from the start offset on; what is before it would end too early.
    if (readable_to <= segment.start_offset) chunks.clear();
    break;
  }
  if (hole.lost_head_bytes == 0 && hole.lost_tail_bytes == 0) return std::nullopt;
  return hole;
}

}  // namespace pdr

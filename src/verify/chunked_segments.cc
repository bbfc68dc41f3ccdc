#include "verify/chunked_segments.h"

#include <charconv>
#include <optional>
#include <variant>

#include "format/names.h"

namespace pdr::verify {
namespace {

constexpr std::string_view kBlockInfix = ".B-";

// The chunk records in list order; stops at the first that is missing or comes twice.
std::vector<ChunkMetadata> FollowList(const StorageRecords& records, const SegmentMetadata& segment,
                                      Findings& findings) {
  std::vector<ChunkMetadata> chunks;
  std::string next = segment.first_chunk;
  while (!next.empty() && chunks.size() < segment.chunk_count) {
    auto it = records.find(next);
    const ChunkMetadata* chunk = it == records.end() || !it->second.value.has_value()
                                     ? nullptr
                                     : std::get_if<ChunkMetadata>(&*it->second.value);
    if (chunk == nullptr || (chunk->status & kStatusActive) == 0) {
      findings.Add("chunk-list-broken", segment.name, "there is no active record of chunk {}",
                   next);
      return chunks;
    }
    chunks.push_back(*chunk);
    next = chunk->next_chunk;
  }
  if (!next.empty() || chunks.size() != segment.chunk_count) {
    findings.Add("chunk-list-broken", segment.name, "{} chunks are recorded, the list has {}{}",
                 segment.chunk_count, chunks.size(), next.empty() ? "" : " and more");
  }
  return chunks;
}

// A read that starts at a recorded block goes straight to the chunk it names.
void CheckBlocks(const StorageRecords& records, const std::string& segment, const Stored& stored,
                 Findings& findings) {
  const std::string prefix = segment + std::string(kBlockInfix);
  for (auto it = records.lower_bound(prefix); it != records.end() && it->first.starts_with(prefix);
       ++it) {
    if (!it->second.value.has_value()) continue;
    const auto* block = std::get_if<ReadIndexBlockMetadata>(&*it->second.value);
    if (block == nullptr || (block->status & kStatusActive) == 0) continue;
    uint64_t at = 0;
    const char* begin = it->first.data() + prefix.size();
    const char* end = it->first.data() + it->first.size();
    auto [parsed, error] = std::from_chars(begin, end, at);
    if (error != std::errc() || parsed != end) continue;
    bool right = false;
    for (const StoredFile& f : stored.files) {
      if (f.start > at) break;
      right = f.path == block->chunk_name && f.start == block->start_offset && at < f.end();
      if (right) break;
    }
    if (!right) {
      findings.Add("block-record-wrong", segment, "{} leads to {} at {}", it->first,
                   block->chunk_name, block->start_offset);
    }
  }
}

}  // namespace

Stored ToStored(const SegmentMetadata& segment, const std::vector<ChunkMetadata>& chunks,
                ChunkOwners& owners, Findings& findings) {
  Stored stored;
  stored.start = segment.start_offset;
  stored.length = segment.length;
  stored.sealed = (segment.status & kStatusSealed) != 0;
  if (Status s = CheckSegmentInvariants(segment); !s.ok()) {
    findings.Add("segment-invariant-broken", segment.name, "{}", Message(s));
  }
  uint64_t at = segment.first_chunk_start_offset;
  for (const ChunkMetadata& chunk : chunks) {
    auto [owner, first] = owners.emplace(chunk.name, segment.name);
    if (!first) {
      findings.Add("chunk-shared", segment.name, "{} is listed by {} too", chunk.name,
                   owner->second);
    }
    stored.files.push_back({chunk.name, at, chunk.length});
    at += chunk.length;
  }
  const std::string last = chunks.empty() ? "" : chunks.back().name;
  const uint64_t last_start = stored.files.empty() ? at : stored.files.back().start;
  if (at != segment.length || last != segment.last_chunk ||
      last_start != segment.last_chunk_start_offset) {
    findings.Add("chunk-list-broken", segment.name,
                 "the chunks end at {} with {} at {}, recorded are {} and {} at {}", at, last,
                 last_start, segment.length, segment.last_chunk, segment.last_chunk_start_offset);
  }
  return stored;
}

StoredMap WalkChunkLists(const StorageRecords& records, uint64_t epoch, ChunkOwners& owners,
                         Findings& findings) {
  StoredMap result;
  for (const auto& [key, data] : records) {
    if (!data.value.has_value()) continue;
    const auto* segment = std::get_if<SegmentMetadata>(&*data.value);
    if (segment == nullptr || (segment->status & kStatusActive) == 0) continue;
    if (segment->owner_epoch > epoch) {
      findings.Add("owner-epoch-too-high", key,
                   "owned by epoch {}, the container will boot at {} and could not write",
                   segment->owner_epoch, epoch);
    }
    Stored stored = ToStored(*segment, FollowList(records, *segment, findings), owners, findings);
    CheckBlocks(records, key, stored, findings);
    result.emplace(key, std::move(stored));
  }
  return result;
}

}  // namespace pdr::verify

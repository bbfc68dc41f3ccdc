#include "tier2/chunked/system_segments.h"

#include <algorithm>
#include <variant>

#include "format/names.h"
#include "tier2/chunked/chunk_list.h"

namespace pdr {
namespace {

constexpr uint32_t kFreshStatus = kStatusActive | kStatusOwnershipChanged | kStatusSystemSegment;
constexpr uint64_t kMetadataRollover = 134217728;

Status Broken(const std::string& segment, const std::string& what) {
  return DataLoss("system journal of '{}': {}", segment, what);
}

}  // namespace

std::array<std::string, 4> SystemSegmentNames(int container) {
  const std::string storage = StorageMetadataSegmentName(container);
  const std::string metadata = MetadataSegmentName(container);
  return {storage, AttributeIndexName(storage), metadata, AttributeIndexName(metadata)};
}

SystemSegments::SystemSegments(int container) {
  for (const std::string& name : SystemSegmentNames(container)) {
    SegmentMetadata& segment = segments_[name].segment;
    segment.name = name;
    segment.status = kFreshStatus;
    segment.max_rolling_length = kMetadataRollover;
  }
}

Status SystemSegments::Apply(const SystemSnapshot& snapshot) {
  RETURN_IF_ERROR(CheckSnapshotInvariants(snapshot));
  std::map<std::string, SegmentSnapshot> segments;
  for (const SegmentSnapshot& segment : snapshot.segments) {
    const std::string& name = segment.segment.name;
    if (!segments_.contains(name)) return Broken(name, "the snapshot holds an unknown segment");
    auto [at, added] = segments.emplace(name, segment);
    if (!added) return Broken(name, "the snapshot holds the segment twice");
    at->second.segment.status |= kFreshStatus;
  }
  if (segments.size() != segments_.size()) {
    return DataLoss("system snapshot of epoch {} describes {} of {} system segments",
                    snapshot.epoch, segments.size(), segments_.size());
  }
  segments_ = std::move(segments);
  truncations_.clear();
  return OkStatus();
}

Status SystemSegments::Apply(const JournalRecord& record) {
  if (!seen_.insert(EncodeJournalBatch({record})).second) return OkStatus();
  return std::visit([this](const auto& r) { return ApplyOne(r); }, record);
}

StatusOr<SegmentSnapshot*> SystemSegments::Find(const std::string& segment) {
  auto found = segments_.find(segment);
  if (found == segments_.end()) return Broken(segment, "not a system segment of this container");
  return &found->second;
}

Status SystemSegments::ApplyOne(const ChunkAddedRecord& record) {
  ASSIGN_OR_RETURN(SegmentSnapshot * state, Find(record.segment));
  SegmentMetadata& segment = state->segment;
  std::vector<ChunkMetadata>& chunks = state->chunks;
  if (record.new_chunk.empty()) return Broken(record.segment, "a chunk without a name");
  if (record.offset > kMaxSegmentLength)
    return Broken(record.segment, "an offset beyond any segment");
  if (record.old_chunk.empty()) {
    if (!chunks.empty()) return Broken(record.segment, "a first chunk added to existing ones");
    segment.first_chunk = record.new_chunk;
    segment.start_offset = record.offset;
  } else {
    // Chunks after the old one were written by an owner that had lost the container by then.
    uint64_t start = segment.first_chunk_start_offset;
    auto old = chunks.begin();
    for (; old != chunks.end() && old->name != record.old_chunk; ++old) start += old->length;
    if (old == chunks.end()) {
      return Broken(record.segment, fmt::format("chunk '{}' follows the unknown chunk '{}'",
                                                record.new_chunk, record.old_chunk));
    }
    if (record.offset < start) {
      return Broken(record.segment, fmt::format("chunk '{}' begins before '{}', which it follows",
                                                record.new_chunk, record.old_chunk));
    }
    old->length = record.offset - start;
    old->next_chunk = record.new_chunk;
    chunks.erase(old + 1, chunks.end());
  }
  ChunkMetadata added;
  added.name = record.new_chunk;
  chunks.push_back(std::move(added));
  segment.length = record.offset;
  segment.last_chunk = record.new_chunk;
  segment.last_chunk_start_offset = record.offset;
  segment.chunk_count = static_cast<uint32_t>(chunks.size());
  return CheckSegmentInvariants(segment);
}

Status SystemSegments::ApplyOne(const AppendRecord& record) {
  ASSIGN_OR_RETURN(SegmentSnapshot * state, Find(record.segment));
  if (state->chunks.empty() || state->chunks.back().name != record.chunk) {
    return Broken(record.segment,
                  fmt::format("an append to '{}', which is not the last chunk", record.chunk));
  }
  ChunkMetadata& last = state->chunks.back();
  if (last.length != record.offset || record.length == 0 ||
      record.length > kMaxSegmentLength - std::min(kMaxSegmentLength, state->segment.length)) {
    return Broken(record.segment, fmt::format("an append of {} bytes at {} to a chunk of {} bytes",
                                              record.length, record.offset, last.length));
  }
  last.length += record.length;
  state->segment.length += record.length;
  state->segment.status |= kStatusAtomicWrites;
  return OkStatus();
}

Status SystemSegments::ApplyOne(const JournalTruncationRecord& record) {
  truncations_[record.segment] = record;
  return OkStatus();
}

Status SystemSegments::ApplyTruncations() {
  for (const auto& [name, record] : truncations_) {
    auto found = segments_.find(name);
    if (found == segments_.end()) continue;
    SegmentMetadata& segment = found->second.segment;
    std::vector<ChunkMetadata>& chunks = found->second.chunks;
    uint64_t start = segment.first_chunk_start_offset;
    auto first = chunks.begin();
    while (first != chunks.end() &&
           !(start <= record.offset && record.offset - start < first->length)) {
      start += first->length;
      ++first;
    }
    if (start != record.first_chunk_start_offset) {
      return Broken(name, fmt::format("truncation at {} names a first chunk at {}, it is at {}",
                                      record.offset, record.first_chunk_start_offset, start));
    }
    chunks.erase(chunks.begin(), first);
    segment.first_chunk = chunks.empty() ? "" : chunks.front().name;
    if (chunks.empty()) {
      segment.last_chunk.clear();
      segment.last_chunk_start_offset = start;
    }
    segment.chunk_count = static_cast<uint32_t>(chunks.size());
    segment.start_offset = record.offset;
    segment.first_chunk_start_offset = start;
    RETURN_IF_ERROR(CheckSegmentInvariants(segment));
  }
  truncations_.clear();
  return OkStatus();
}

Status SystemSegments::AdoptLastChunkLength(const std::string& name, uint64_t file_size) {
  ASSIGN_OR_RETURN(SegmentSnapshot * state, Find(name));
  ChunkMetadata& last = state->chunks.back();
  if (file_size < last.length) {
    return Broken(
        name, fmt::format("last chunk '{}' has {} of {} bytes", last.name, file_size, last.length));
  }
  state->segment.length += file_size - last.length;
  last.length = file_size;
  return OkStatus();
}

}  // namespace pdr

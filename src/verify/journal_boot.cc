#include "verify/journal_boot.h"

#include <set>
#include <utility>
#include <variant>

#include "format/names.h"
#include "format/system_journal.h"

namespace pdr::verify {
namespace {

constexpr uint64_t kMissingFilesTolerated = 10;  // journal.snapshot.attempts.write.max
constexpr uint64_t kSystemMaxRollingLength = 134217728;
constexpr uint64_t kMaxJournalBytes = uint64_t{1} << 30;
constexpr uint32_t kBootStatus = kStatusActive | kStatusOwnershipChanged | kStatusSystemSegment;

class Bootstrap {
 public:
  explicit Bootstrap(int container) {
    for (const std::string& name :
         {StorageMetadataSegmentName(container), MetadataSegmentName(container)}) {
      AddEmpty(name);
      AddEmpty(AttributeIndexName(name));
    }
  }

  // FailedPrecondition: production's bootstrap fails here.
  Status Apply(const JournalRecord& record) {
    // Retried writes leave the same record twice.
    if (!seen_.insert(EncodeJournalBatch({record})).second) return OkStatus();
    return std::visit([this](const auto& r) { return Do(r); }, record);
  }
  Status Do(const SystemSnapshot& snapshot) {
    if (Status s = CheckSnapshotInvariants(snapshot); !s.ok()) {
      return FailedPrecondition("snapshot of epoch {}: {}", snapshot.epoch, Message(s));
    }
    truncations_.clear();
    for (const SegmentSnapshot& s : snapshot.segments) {
      auto it = segments_.find(s.segment.name);
      if (it == segments_.end()) {
        return FailedPrecondition("the snapshot describes {}", s.segment.name);
      }
      it->second.metadata = s.segment;
      it->second.metadata.status |= kBootStatus;
      it->second.chunks = s.chunks;
    }
    return OkStatus();
  }
  // Lengths of last chunks that are not authoritative, then truncations, then invariants.
  Status Finish(const Disk& disk);

  std::map<std::string, SystemSegment> Take() { return std::move(segments_); }

 private:
  void AddEmpty(const std::string& name) {
    SegmentMetadata& m = segments_[name].metadata;
    m.name = name;
    m.status = kBootStatus;
    m.max_rolling_length = kSystemMaxRollingLength;
  }
  StatusOr<SystemSegment*> Find(const std::string& name) {
    auto it = segments_.find(name);
    if (it == segments_.end()) return FailedPrecondition("{} is no system segment", name);
    return &it->second;
  }
  Status Do(const ChunkAddedRecord& r);
  Status Do(const AppendRecord& r);
  Status Do(const JournalTruncationRecord& r) {
    truncations_[r.segment] = r;
    return OkStatus();
  }
  static Status AdoptFileLength(const Disk& disk, SystemSegment& segment);
  static Status Truncate(const JournalTruncationRecord& r, SystemSegment& segment);

  std::map<std::string, SystemSegment> segments_;
  std::map<std::string, JournalTruncationRecord> truncations_;  // the last one of each segment
  std::set<std::string> seen_;
};

Status Bootstrap::Do(const ChunkAddedRecord& r) {
  ASSIGN_OR_RETURN(SystemSegment * segment, Find(r.segment));
  SegmentMetadata& m = segment->metadata;
  std::vector<ChunkMetadata>& chunks = segment->chunks;
  if (r.old_chunk.empty()) {
    if (!chunks.empty()) return FailedPrecondition("{} starts {} again", r.new_chunk, r.segment);
    m.first_chunk = r.new_chunk;
  } else {
    uint64_t start = m.first_chunk_start_offset;
    size_t i = 0;
    for (; i < chunks.size() && chunks[i].name != r.old_chunk; ++i) start += chunks[i].length;
    if (i == chunks.size() || r.offset < start) {
      return FailedPrecondition("{} follows {}, which {} does not have there", r.new_chunk,
                                r.old_chunk, r.segment);
    }
    chunks.resize(i + 1);  // what comes after it was written by an owner already fenced
    chunks[i].length = r.offset - start;
    chunks[i].next_chunk = r.new_chunk;
  }
  chunks.push_back({r.new_chunk, 0, "", kStatusActive});
  m.last_chunk = r.new_chunk;
  m.last_chunk_start_offset = r.offset;
  m.length = r.offset;
  m.chunk_count = static_cast<uint32_t>(chunks.size());
  return OkStatus();
}

Status Bootstrap::Do(const AppendRecord& r) {
  ASSIGN_OR_RETURN(SystemSegment * segment, Find(r.segment));
  if (segment->chunks.empty() || segment->chunks.back().name != r.chunk ||
      segment->chunks.back().length != r.offset) {
    return FailedPrecondition("an append at {} of {} does not fit {}", r.offset, r.chunk,
                              r.segment);
  }
  segment->chunks.back().length += r.length;
  segment->metadata.length += r.length;
  return OkStatus();
}

Status Bootstrap::AdoptFileLength(const Disk& disk, SystemSegment& segment) {
  SegmentMetadata& m = segment.metadata;
  if ((m.status & kStatusAtomicWrites) == 0 && !segment.chunks.empty()) {
    ChunkMetadata& last = segment.chunks.back();
    if (!IsSafeRelativePath(last.name)) return FailedPrecondition("bad chunk name {}", last.name);
    ASSIGN_OR_RETURN(FileStat stat, disk.Stat(last.name));
    if (stat.size < last.length) {
      return FailedPrecondition("{} has {} bytes instead of {}", last.name, stat.size, last.length);
    }
    last.length = stat.size;
    m.length = m.last_chunk_start_offset + stat.size;
  }
  m.status |= kStatusAtomicWrites;
  return OkStatus();
}

Status Bootstrap::Truncate(const JournalTruncationRecord& r, SystemSegment& segment) {
  SegmentMetadata& m = segment.metadata;
  uint64_t start = m.first_chunk_start_offset;
  size_t drop = 0;
  while (drop < segment.chunks.size() &&
         !(start <= r.offset && r.offset < start + segment.chunks[drop].length)) {
    start += segment.chunks[drop++].length;
  }
  if (start != r.first_chunk_start_offset) {
    return FailedPrecondition("{}: truncated at {}, first chunk starts at {} instead of {}",
                              r.segment, r.offset, start, r.first_chunk_start_offset);
  }
  segment.chunks.erase(segment.chunks.begin(),
                       segment.chunks.begin() + static_cast<std::ptrdiff_t>(drop));
  m.chunk_count = static_cast<uint32_t>(segment.chunks.size());
  m.first_chunk = segment.chunks.empty() ? "" : segment.chunks.front().name;
  if (segment.chunks.empty()) {
    m.last_chunk.clear();
    m.last_chunk_start_offset = start;
  }
  m.start_offset = r.offset;
  m.first_chunk_start_offset = start;
  return OkStatus();
}

Status Bootstrap::Finish(const Disk& disk) {
  for (auto& [name, segment] : segments_) RETURN_IF_ERROR(AdoptFileLength(disk, segment));
  for (const auto& [name, record] : truncations_) {
    ASSIGN_OR_RETURN(SystemSegment * segment, Find(name));
    RETURN_IF_ERROR(Truncate(record, *segment));
  }
  for (const auto& [name, segment] : segments_) {
    RETURN_IF_ERROR(CheckSegmentInvariants(segment.metadata));
  }
  return OkStatus();
}

Status ApplyFile(const Disk& disk, const std::string& path, Bootstrap& boot) {
  ASSIGN_OR_RETURN(std::string bytes, ReadWholeFile(disk, path, kMaxJournalBytes));
  StatusOr<JournalFile> file = DecodeJournalFile(bytes);
  if (!file.ok()) return file.status();
  for (const std::vector<JournalRecord>& batch : file->batches) {
    for (const JournalRecord& record : batch) RETURN_IF_ERROR(boot.Apply(record));
  }
  return OkStatus();
}

// The journal files production reads, in order: an epoch ends at the 11th missing index in a row.
std::vector<std::pair<uint64_t, uint64_t>> FilesToRead(const JournalNames& names,
                                                       uint64_t first_epoch, uint64_t first_index,
                                                       uint64_t epoch) {
  std::vector<std::pair<uint64_t, uint64_t>> result;
  uint64_t current = first_epoch;
  uint64_t expected = first_index;
  bool ended = false;
  for (auto it = names.files.lower_bound({first_epoch, first_index}); it != names.files.end();
       ++it) {
    const auto [e, index] = *it;
    if (e >= epoch) break;
    if (e != current) {
      current = e;
      expected = 1;
      ended = false;
    }
    if (index < expected) continue;
    ended = ended || index - expected > kMissingFilesTolerated;
    if (ended) continue;
    result.emplace_back(e, index);
    expected = index + 1;
  }
  return result;
}

}  // namespace

StatusOr<std::optional<std::map<std::string, SystemSegment>>> BootSystemSegments(
    const Disk& disk, const JournalNames& names, std::optional<SnapshotPointer> pointer,
    uint64_t epoch, Findings& findings) {
  Bootstrap boot(findings.container());
  uint64_t first_epoch = 0;
  uint64_t first_index = 1;
  if (pointer.has_value()) {
    const std::string path = SnapshotName(findings.container(), pointer->epoch, pointer->id);
    Status status = [&]() -> Status {
      ASSIGN_OR_RETURN(std::string bytes, ReadWholeFile(disk, path, kMaxJournalBytes));
      ASSIGN_OR_RETURN(SystemSnapshot snapshot, DecodeSnapshotFile(bytes));
      first_epoch = snapshot.epoch;
      first_index = uint64_t{snapshot.file_index} + 1;
      return boot.Do(snapshot);
    }();
    if (CannotJudge(status)) return Annotate(status, path);
    if (!status.ok()) {
      findings.Add("snapshot-unreadable", "", "{}, which the log points to: {}", path,
                   Message(status));
      return std::nullopt;
    }
  }
  for (const auto& [e, index] : FilesToRead(names, first_epoch, first_index, epoch)) {
    const std::string path = JournalName(findings.container(), e, index);
    Status status = ApplyFile(disk, path, boot);
    if (CannotJudge(status)) return Annotate(status, path);
    if (!status.ok()) {
      findings.Add("system-journal-broken", "", "{}: {}", path, Message(status));
      return std::nullopt;
    }
  }
  Status status = boot.Finish(disk);
  if (CannotJudge(status)) return status;
  if (!status.ok()) {
    findings.Add("system-journal-broken", "", "after the last journal file: {}", Message(status));
    return std::nullopt;
  }
  return boot.Take();
}

}  // namespace pdr::verify

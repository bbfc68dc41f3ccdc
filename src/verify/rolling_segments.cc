#include "verify/rolling_segments.h"

#include "format/names.h"
#include "format/rolling_header.h"

namespace pdr::verify {
namespace {

constexpr uint64_t kMaxHeaderBytes = uint64_t{1} << 28;

// Nothing: no such regular file.
StatusOr<std::optional<FileStat>> StatRegular(const Disk& disk, const std::string& path) {
  if (!IsSafeRelativePath(path)) return std::nullopt;
  StatusOr<FileStat> stat = disk.Stat(path);
  if (stat.status().code() == StatusCode::kNotFound) return std::nullopt;
  if (!stat.ok()) return Annotate(stat.status(), path);
  if (stat->kind != FileKind::kRegular) return std::nullopt;
  return *stat;
}

StatusOr<std::optional<Stored>> OpenHeaderless(const Disk& disk, const std::string& segment) {
  ASSIGN_OR_RETURN(std::optional<FileStat> stat, StatRegular(disk, segment));
  if (!stat.has_value()) return std::nullopt;
  return Stored{0, stat->size, !stat->owner_write(), {{segment, 0, stat->size}}};
}

// Fills in the last chunk's length and the first readable offset; false: production takes the
// segment for absent, because the last chunk is.
StatusOr<bool> Measure(const Disk& disk, Stored& stored) {
  StoredFile& last = stored.files.back();
  ASSIGN_OR_RETURN(last.seen, StatRegular(disk, last.path));
  if (!last.seen) return false;
  last.length = last.seen->size;
  stored.length = last.end();
  for (StoredFile& f : stored.files) {
    if (!f.seen) {
      ASSIGN_OR_RETURN(f.seen, StatRegular(disk, f.path));
    }
    if (!f.seen) continue;
    stored.start = f.start;
    break;
  }
  return true;
}

}  // namespace

StatusOr<std::optional<Stored>> OpenRolling(const Disk& disk, const std::string& segment,
                                            ChunkOwners& owners, Findings& findings) {
  const std::string path = HeaderName(segment);
  ASSIGN_OR_RETURN(std::optional<FileStat> stat, StatRegular(disk, path));
  if (!stat.has_value() || stat->size == 0) return OpenHeaderless(disk, segment);
  ASSIGN_OR_RETURN(std::string text, ReadWholeFile(disk, path, kMaxHeaderBytes));
  StatusOr<RollingHeader> header = DecodeRollingHeader(text);
  if (!header.ok()) {
    findings.Add("header-unreadable", segment, "{}: {}", path, Message(header.status()));
    return std::nullopt;
  }
  Stored stored;
  stored.sealed = !stat->owner_write();
  for (const RollingChunk& chunk : header->chunks) {
    if (!stored.files.empty()) {
      StoredFile& previous = stored.files.back();
      previous.length = chunk.start_offset - previous.start;
    }
    stored.files.push_back({chunk.name, chunk.start_offset, 0});
    auto [owner, first] = owners.emplace(chunk.name, segment);
    if (!first) {
      findings.Add("chunk-shared", segment, "{} is listed by {} too", chunk.name, owner->second);
    }
  }
  if (stored.files.empty()) return stored;
  ASSIGN_OR_RETURN(bool exists, Measure(disk, stored));
  if (!exists) {
    findings.Add("chunk-missing", segment,
                 "the last chunk {} is not there: the segment does not exist for production",
                 stored.files.back().path);
    return std::nullopt;
  }
  return stored;
}

StatusOr<StoredMap> OpenAllRolling(const Disk& disk, const std::vector<std::string>& segments,
                                   ChunkOwners& owners, Findings& findings) {
  StoredMap result;
  for (const std::string& segment : segments) {
    ASSIGN_OR_RETURN(std::optional<Stored> stored, OpenRolling(disk, segment, owners, findings));
    if (stored.has_value()) result.emplace(segment, std::move(*stored));
  }
  return result;
}

}  // namespace pdr::verify

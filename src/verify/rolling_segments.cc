#include "verify/rolling_segments.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "format/names.h"
#include "format/rolling_header.h"
#include "tier2/read_batches.h"

namespace pdr::verify {
namespace {

constexpr uint64_t kMaxHeaderBytes = uint64_t{1} << 28;

// Segments whose headers are in memory together.
constexpr size_t kWindow = 1024;

// Nothing: no such regular file.
StatusOr<std::optional<FileStat>> LookFor(const SeenFiles& files, const std::string& path) {
  StatusOr<FileStat> stat = files.Look(path);
  if (stat.ok()) return *stat;
  if (stat.status().code() == StatusCode::kNotFound) return std::nullopt;
  return stat.status();
}

// One segment, before it is compared with others.
struct Opened {
  std::optional<Stored> found;  // as its header, or its one file, describes it
  bool last_missing = false;    // production takes it for absent, because its last chunk is
  Status damage;                // of its header
};

// Fills in the last chunk's length and the first readable offset; false: the last chunk is not
// there.
StatusOr<bool> Measure(const SeenFiles& files, Stored& stored) {
  StoredFile& last = stored.files.back();
  ASSIGN_OR_RETURN(std::optional<FileStat> stat, LookFor(files, last.path));
  if (!stat.has_value()) return false;
  last.length = stat->size;
  stored.length = last.end();
  for (const StoredFile& f : stored.files) {
    ASSIGN_OR_RETURN(stat, LookFor(files, f.path));
    if (!stat.has_value()) continue;
    stored.start = f.start;
    break;
  }
  return true;
}

Stored FromHeader(const RollingHeader& header, bool sealed) {
  Stored stored;
  stored.sealed = sealed;
  for (const RollingChunk& chunk : header.chunks) {
    if (!stored.files.empty()) {
      StoredFile& previous = stored.files.back();
      previous.length = chunk.start_offset - previous.start;
    }
    stored.files.push_back({chunk.name, chunk.start_offset, 0});
  }
  return stored;
}

StatusOr<Opened> FromText(const SeenFiles& files, const StatusOr<std::string>& text, bool sealed) {
  RETURN_IF_ERROR(text.status());
  Opened opened;
  const StatusOr<RollingHeader> header = DecodeRollingHeader(*text);
  opened.damage = header.status();
  if (!header.ok()) return opened;
  opened.found = FromHeader(*header, sealed);
  if (opened.found->files.empty()) return opened;
  ASSIGN_OR_RETURN(const bool exists, Measure(files, *opened.found));
  opened.last_missing = !exists;
  return opened;
}

StatusOr<Opened> OpenByAsking(const SeenFiles& files, const std::string& segment) {
  const std::string path = HeaderName(segment);
  ASSIGN_OR_RETURN(std::optional<FileStat> stat, LookFor(files, path));
  Opened opened;
  if (stat.has_value() && stat->size > 0) {
    const StatusOr<std::string> text = ReadWholeFile(files.disk(), path, kMaxHeaderBytes);
    // Production may have deleted the segment in between.
    if (files.changing() && absl::IsNotFound(text.status())) return opened;
    return FromText(files, text, !stat->owner_write());
  }
  ASSIGN_OR_RETURN(stat, LookFor(files, segment));
  if (stat.has_value()) {
    opened.found = Stored{0, stat->size, !stat->owner_write(), {{segment, 0, stat->size}}};
  }
  return opened;
}

// Those whose headers the walk saw are read together; the others are few.
StatusOr<std::vector<Opened>> OpenAsSeen(const SeenFiles& files,
                                         std::span<const std::string> segments, size_t depth) {
  std::vector<const InventoryFile*> header_of;  // null: none was seen, or an empty one
  for (const std::string& segment : segments) {
    const InventoryFile* header = files.Find(HeaderName(segment));
    header_of.push_back(header != nullptr && header->size > 0 ? header : nullptr);
  }
  std::vector<const InventoryFile*> headers = header_of;
  std::erase(headers, nullptr);
  const std::vector<StatusOr<std::string>> texts =
      ReadFiles(files.disk(), headers, depth, kMaxHeaderBytes);
  auto text = texts.begin();
  std::vector<Opened> out(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    if (header_of[i] != nullptr) {
      ASSIGN_OR_RETURN(out[i], FromText(files, *text++, !header_of[i]->owner_write()));
    } else {
      ASSIGN_OR_RETURN(out[i], OpenByAsking(files, segments[i]));
    }
  }
  return out;
}

StatusOr<std::vector<Opened>> OpenByAskingAll(const SeenFiles& files,
                                              std::span<const std::string> segments, size_t depth) {
  std::vector<Opened> out(segments.size());
  RETURN_IF_ERROR(ParallelFor(segments.size(), depth, [&](size_t i) -> Status {
    ASSIGN_OR_RETURN(out[i], OpenByAsking(files, segments[i]));
    return OkStatus();
  }));
  return out;
}

void Settle(const std::string& segment, Opened opened, ChunkOwners& owners, Findings& findings,
            StoredMap& out) {
  if (!opened.damage.ok()) {
    findings.Add("header-unreadable", segment, "{}: {}", HeaderName(segment),
                 Message(opened.damage));
  }
  if (!opened.found) return;
  for (const StoredFile& f : opened.found->files) {
    auto [owner, first] = owners.emplace(f.path, segment);
    if (!first) {
      findings.Add("chunk-shared", segment, "{} is listed by {} too", f.path, owner->second);
    }
  }
  if (opened.last_missing) {
    findings.Add("chunk-missing", segment,
                 "the last chunk {} is not there: the segment does not exist for production",
                 opened.found->files.back().path);
  } else {
    out.emplace(segment, *std::move(opened.found));
  }
}

}  // namespace

StatusOr<StoredMap> OpenRolling(const SeenFiles& files, std::span<const std::string> segments,
                                size_t depth, ChunkOwners& owners, Findings& findings) {
  StoredMap out;
  while (!segments.empty()) {
    const std::span<const std::string> window = segments.first(std::min(kWindow, segments.size()));
    ASSIGN_OR_RETURN(std::vector<Opened> opened, files.changing()
                                                     ? OpenByAskingAll(files, window, depth)
                                                     : OpenAsSeen(files, window, depth));
    for (size_t i = 0; i < window.size(); ++i) {
      Settle(window[i], std::move(opened[i]), owners, findings, out);
    }
    segments = segments.subspan(window.size());
  }
  return out;
}

}  // namespace pdr::verify

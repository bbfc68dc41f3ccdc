#include "verify/rolling_segments.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

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

class Opener {
 public:
  Opener(const SeenFiles& files, size_t depth, ChunkOwners& owners, Findings& findings)
      : files_(files), depth_(depth), owners_(owners), findings_(findings) {}

  Status OpenSome(std::span<const std::string> segments) {
    // Those whose headers the walk saw are read together; there are few others.
    std::vector<const InventoryFile*> headers;
    for (const std::string& segment : segments) {
      const InventoryFile* header = files_.Find(HeaderName(segment));
      if (header != nullptr && header->size > 0) headers.push_back(header);
    }
    const std::vector<StatusOr<std::string>> texts =
        ReadFiles(files_.disk(), headers, depth_, kMaxHeaderBytes);
    size_t next = 0;
    for (const std::string& segment : segments) {
      const std::string path = HeaderName(segment);
      if (next < headers.size() && headers[next]->path == path) {
        const bool sealed = (headers[next]->mode & 0200) == 0;
        RETURN_IF_ERROR(Decode(segment, texts[next++], sealed));
      } else {
        RETURN_IF_ERROR(OpenUnseen(segment, path));
      }
    }
    return OkStatus();
  }

  StoredMap Take() { return std::move(opened_); }

 private:
  Status OpenUnseen(const std::string& segment, const std::string& path) {
    ASSIGN_OR_RETURN(std::optional<FileStat> stat, LookFor(files_, path));
    if (!stat.has_value() || stat->size == 0) return OpenHeaderless(segment);
    return Decode(segment, ReadWholeFile(files_.disk(), path, kMaxHeaderBytes),
                  !stat->owner_write());
  }

  Status OpenHeaderless(const std::string& segment) {
    ASSIGN_OR_RETURN(std::optional<FileStat> stat, LookFor(files_, segment));
    if (!stat.has_value()) return OkStatus();
    opened_.emplace(segment,
                    Stored{0, stat->size, !stat->owner_write(), {{segment, 0, stat->size}}});
    return OkStatus();
  }

  Status Decode(const std::string& segment, const StatusOr<std::string>& text, bool sealed) {
    if (!text.ok()) return text.status();
    StatusOr<RollingHeader> header = DecodeRollingHeader(*text);
    if (!header.ok()) {
      findings_.Add("header-unreadable", segment, "{}: {}", HeaderName(segment),
                    Message(header.status()));
      return OkStatus();
    }
    Stored stored;
    stored.sealed = sealed;
    for (const RollingChunk& chunk : header->chunks) AddChunk(segment, chunk, stored);
    if (!stored.files.empty()) {
      ASSIGN_OR_RETURN(bool exists, Measure(stored));
      if (!exists) {
        findings_.Add("chunk-missing", segment,
                      "the last chunk {} is not there: the segment does not exist for production",
                      stored.files.back().path);
        return OkStatus();
      }
    }
    opened_.emplace(segment, std::move(stored));
    return OkStatus();
  }

  void AddChunk(const std::string& segment, const RollingChunk& chunk, Stored& stored) {
    if (!stored.files.empty()) {
      StoredFile& previous = stored.files.back();
      previous.length = chunk.start_offset - previous.start;
    }
    stored.files.push_back({chunk.name, chunk.start_offset, 0});
    auto [owner, first] = owners_.emplace(chunk.name, segment);
    if (!first) {
      findings_.Add("chunk-shared", segment, "{} is listed by {} too", chunk.name, owner->second);
    }
  }

  // Fills in the last chunk's length and the first readable offset; false: production takes the
  // segment for absent, because the last chunk is.
  StatusOr<bool> Measure(Stored& stored) const {
    StoredFile& last = stored.files.back();
    ASSIGN_OR_RETURN(std::optional<FileStat> stat, LookFor(files_, last.path));
    if (!stat.has_value()) return false;
    last.length = stat->size;
    stored.length = last.end();
    for (const StoredFile& f : stored.files) {
      ASSIGN_OR_RETURN(stat, LookFor(files_, f.path));
      if (!stat.has_value()) continue;
      stored.start = f.start;
      break;
    }
    return true;
  }

  const SeenFiles& files_;
  const size_t depth_;
  ChunkOwners& owners_;
  Findings& findings_;
  StoredMap opened_;
};

}  // namespace

StatusOr<StoredMap> OpenRolling(const SeenFiles& files, std::span<const std::string> segments,
                                size_t depth, ChunkOwners& owners, Findings& findings) {
  Opener opener(files, depth, owners, findings);
  while (!segments.empty()) {
    const size_t n = std::min(kWindow, segments.size());
    RETURN_IF_ERROR(opener.OpenSome(segments.first(n)));
    segments = segments.subspan(n);
  }
  return opener.Take();
}

}  // namespace pdr::verify

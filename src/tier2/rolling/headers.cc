#include "tier2/rolling/headers.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/parallel.h"
#include "format/names.h"
#include "tier2/read_batches.h"
#include "tier2/rolling/segment.h"
#include "tier2/rolling/sources.h"

namespace pdr {
namespace {

// A header of the longest names and offsets describes a hundred thousand chunks in this.
constexpr uint64_t kMaxHeaderBytes = uint64_t{256} << 20;

// How many write permissions look as RollingStorage sets them (recovery-semantics.md H24).
struct ModeCounts {
  std::atomic<uint64_t> inner_chunks = 0;
  std::atomic<uint64_t> writable_inner_chunks = 0;
  std::atomic<uint64_t> headers = 0;
  std::atomic<uint64_t> sealed_headers = 0;
};

class HeaderReader {
 public:
  HeaderReader(const Disk& disk, const Inventory& inventory, FileIndex& files, bool indexes,
               Progress& progress, Tier2View& view, const TakeRolling& take)
      : disk_(disk),
        files_(files),
        progress_(progress),
        view_(view),
        take_(take),
        sources_(FindRollingSources(inventory, files, indexes, view)) {}

  Status Run() {
    progress_.Begin(
        {"reading segment headers", "segment", sources_.size(), view_.containers.size()});
    const std::span<const RollingSource> sources(sources_);
    const std::vector<Batch> batches = BatchesByDirectory(
        sources.size(), [&](size_t i) -> const InventoryFile& { return *sources[i].file; });
    RETURN_IF_ERROR(ParallelFor(batches.size(), disk_.read_depth(), [&](size_t i) {
      return ReadBatch(sources.subspan(batches[i].begin, batches[i].end - batches[i].begin));
    }));
    CheckModes();
    return OkStatus();
  }

 private:
  Status ReadBatch(std::span<const RollingSource> sources) {
    std::vector<const InventoryFile*> headers;
    headers.reserve(sources.size());
    for (const RollingSource& source : sources) {
      if (!source.headerless()) headers.push_back(source.file);
    }
    const std::vector<StatusOr<std::string>> texts =
        ReadFiles(disk_, headers, /*depth=*/1, kMaxHeaderBytes);
    auto text = texts.begin();
    FileCursor cursor(files_);
    std::vector<std::optional<StoredSegment>> segments;
    segments.reserve(sources.size());
    std::vector<Anomaly> anomalies;
    for (const RollingSource& source : sources) {
      cursor.MoveTo(*source.file);
      if (source.headerless()) {
        segments.push_back(AssembleHeaderless(*source.file, cursor));
        continue;
      }
      ASSIGN_OR_RETURN(segments.emplace_back(), ReadOne(source, *text++, cursor, anomalies));
    }
    progress_.Advance(sources.size());
    std::lock_guard lock(mutex_);
    for (Anomaly& anomaly : anomalies) {
      Container(anomaly.container).anomalies.push_back(std::move(anomaly));
    }
    for (size_t i = 0; i < sources.size(); ++i) {
      if (!segments[i]) continue;
      RETURN_IF_ERROR(
          take_(Container(sources[i].container), sources[i].segment(), *std::move(segments[i])));
    }
    return OkStatus();
  }

  StatusOr<std::optional<StoredSegment>> ReadOne(const RollingSource& source,
                                                 const StatusOr<std::string>& text,
                                                 FileCursor& cursor,
                                                 std::vector<Anomaly>& anomalies) {
    const std::string segment(source.segment());
    const StatusOr<RollingHeader> header = text.ok() ? ParseHeader(*text) : text.status();
    if (!header.ok()) {
      if (MetadataSegmentContainer(segment)) return Annotate(header.status(), source.file->path);
      const bool damaged = header.status().code() == StatusCode::kDataLoss;
      anomalies.push_back({damaged ? "header-damaged" : "header-unreadable", source.container,
                           segment, std::string(Message(header.status()))});
      return std::nullopt;
    }
    const bool sealed = !source.file->owner_write();
    std::optional<StoredSegment> assembled =
        AssembleRolling(segment, *header, sealed, source.container, cursor, anomalies);
    if (assembled) CountModes(*assembled);
    return assembled;
  }

  static StatusOr<RollingHeader> ParseHeader(std::string_view text) {
    ASSIGN_OR_RETURN(RollingHeader header, DecodeRollingHeader(text));
    absl::flat_hash_set<std::string_view> names;
    for (const RollingChunk& chunk : header.chunks) {
      if (header.chunks.size() > 1 && !names.insert(chunk.name).second) {
        return DataLoss("chunk '{}' is in it twice", chunk.name);
      }
      if (!IsSafeRelativePath(chunk.name)) {
        return DataLoss("chunk name '{}' is not a path below the root", chunk.name);
      }
      if (chunk.name.ends_with(kHeaderSuffix)) {
        return DataLoss("it lists the header '{}' as a chunk", chunk.name);
      }
    }
    return header;
  }

  ContainerView& Container(int container) {
    return view_.containers[static_cast<size_t>(container)];
  }

  void CountModes(const StoredSegment& segment) {
    ++modes_.headers;
    if (segment.sealed) ++modes_.sealed_headers;
    for (size_t i = 0; i + 1 < segment.chunks.size(); ++i) {
      if (!segment.chunks[i].exists) continue;
      ++modes_.inner_chunks;
      if ((segment.chunks[i].mode & 0200) != 0) ++modes_.writable_inner_chunks;
    }
  }

  void CheckModes() {
    if (modes_.inner_chunks > 0 && modes_.writable_inner_chunks == modes_.inner_chunks) {
      AddModes(fmt::format(
          "all {} chunks before a last one are writable, none should be: the copy lost the modes "
          "that say what is sealed",
          modes_.inner_chunks.load()));
    } else if (modes_.writable_inner_chunks > 0) {
      AddModes(fmt::format("{} of {} chunks before a last one are writable, none should be",
                           modes_.writable_inner_chunks.load(), modes_.inner_chunks.load()));
    }
    if (modes_.headers > 0 && modes_.sealed_headers == modes_.headers) {
      AddModes("every header is read-only, as if all segments were sealed");
    }
  }

  void AddModes(std::string message) {
    view_.anomalies.push_back({"modes-lost", -1, "", std::move(message)});
  }

  const Disk& disk_;
  FileIndex& files_;
  Progress& progress_;
  Tier2View& view_;
  const TakeRolling& take_;
  const std::vector<RollingSource> sources_;
  std::mutex mutex_;  // for the view and take_
  ModeCounts modes_;
};

}  // namespace

Status ReadRollingSegments(const Disk& disk, const Inventory& inventory, FileIndex& files,
                           bool indexes, Progress& progress, Tier2View& view,
                           const TakeRolling& take) {
  return HeaderReader(disk, inventory, files, indexes, progress, view, take).Run();
}

}  // namespace pdr

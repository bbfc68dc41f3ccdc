#include "tier2/rolling/reader.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/parallel.h"
#include "format/names.h"
#include "tier2/metadata_records.h"
#include "tier2/rolling/segment.h"

namespace pdr {
namespace {

constexpr std::string_view kTempSuffix = ".replace.tmp";
// A header of the longest names and offsets describes a hundred thousand chunks in this.
constexpr uint64_t kMaxHeaderBytes = uint64_t{256} << 20;

// Read by one thread in one go.
constexpr size_t kBatch = 16;

// Where one segment's state is: a header, its pending replacement, or one plain file.
struct Source {
  std::string_view segment;               // part of the file's path
  const InventoryFile* header = nullptr;  // nothing: headerless
  const InventoryFile* plain = nullptr;
};

// What reading a source gave: a segment, or what is wrong with it.
struct ReadSource {
  std::optional<StoredSegment> segment;
  std::vector<Anomaly> anomalies;
};

// How many write permissions look as RollingStorage sets them (recovery-semantics.md H24).
struct ModeCounts {
  std::atomic<uint64_t> inner_chunks = 0;
  std::atomic<uint64_t> writable_inner_chunks = 0;
  std::atomic<uint64_t> headers = 0;
  std::atomic<uint64_t> sealed_headers = 0;
};

class RollingReader {
 public:
  RollingReader(const Disk& disk, const Inventory& inventory, FileIndex& files,
                const ReadScope& scope, Progress& progress, Tier2View& view)
      : disk_(disk),
        inventory_(inventory),
        files_(files),
        scope_(scope),
        progress_(progress),
        view_(view) {
    sources_.resize(view.containers.size());
  }

  Status Run(size_t threads) {
    for (const InventoryFile& file : inventory_.files) AddSource(file);
    uint64_t total = 0;
    for (const auto& sources : sources_) total += sources.size();
    progress_.Begin({"reading segment headers", "segment", total, sources_.size()});
    // The calls that the disk takes at once are shared among the containers read at once.
    const size_t containers = std::min(std::max<size_t>(threads, 1), sources_.size());
    const size_t depth = std::max<size_t>(1, disk_.read_depth() / containers);
    RETURN_IF_ERROR(ParallelFor(sources_.size(), containers,
                                [&](size_t c) { return ReadContainer(c, depth); }));
    CheckModes();
    return OkStatus();
  }

 private:
  void AddSource(const InventoryFile& file) {
    if (file.file_class == FileClass::kBackup || file.file_class == FileClass::kOwn) return;
    std::string_view path = file.path;
    const bool temp = file.file_class == FileClass::kHeaderTemp;
    if (temp) path.remove_suffix(kTempSuffix.size());
    if (path.ends_with(kHeaderSuffix) && file.file_class != FileClass::kForeign &&
        file.file_class != FileClass::kSpecial) {
      return AddHeader(file, path, temp);
    }
    const bool maybe_plain =
        file.file_class == FileClass::kHeaderless ||
        ((file.file_class == FileClass::kMetadataChunk ||
          file.file_class == FileClass::kTransient || file.file_class == FileClass::kGcQueue) &&
         !ParseRollingChunkName(path));
    if (maybe_plain) AddPlain(file);
  }

  void AddHeader(const InventoryFile& file, std::string_view header_path, bool temp) {
    const std::string_view segment =
        header_path.substr(0, header_path.size() - kHeaderSuffix.size());
    if (scope_.rows_only && IsAttributeIndex(segment)) return;
    if (temp) {
      const InventoryFile* original = files_.Find(header_path);
      const bool used = original == nullptr;
      AddTo(segment, "header-temp",
            used ? "the header was being replaced; its new text is used"
                 : "a replacement of the header was left beside it; the header is used");
      if (!used) return;
    } else if (file.size == 0) {
      AddTo(segment, "header-empty", "the header has no bytes: the segment does not exist");
      return;
    }
    Put({segment, &file, nullptr});
  }

  void AddPlain(const InventoryFile& file) {
    const InventoryFile* header = files_.Find(HeaderName(file.path));
    if (header != nullptr && header->size > 0) {
      AddTo(file.path, "headerless-shadowed", "a file of the segment's own name beside its header");
      return;
    }
    Put({file.path, nullptr, &file});
  }

  // The container's number, or -1 with an anomaly when it does not exist.
  int Owner(std::string_view segment) {
    const int count = inventory_.container_count;
    const int owner = ContainerOf(segment, count);
    if (owner >= 0 && owner < count) return owner;
    view_.anomalies.push_back({"container-out-of-range", -1, std::string(segment),
                               fmt::format("belongs to container {} of {}", owner, count)});
    return -1;
  }

  void Put(const Source& source) {
    if (int owner = Owner(source.segment); owner >= 0) {
      sources_[static_cast<size_t>(owner)].push_back(source);
    }
  }

  void AddTo(std::string_view segment, std::string code, std::string message) {
    if (int owner = Owner(segment); owner >= 0) {
      view_.containers[static_cast<size_t>(owner)].anomalies.push_back(
          {std::move(code), owner, std::string(segment), std::move(message)});
    }
  }

  Status ReadContainer(size_t index, size_t depth) {
    ContainerView& container = view_.containers[index];
    const std::vector<Source>& sources = sources_[index];
    std::vector<ReadSource> read(sources.size());
    RETURN_IF_ERROR(ParallelFor((sources.size() + kBatch - 1) / kBatch, depth, [&](size_t batch) {
      const size_t begin = batch * kBatch;
      return ReadBatch(std::span(sources).subspan(begin), container.container,
                       std::span(read).subspan(begin));
    }));
    const std::string system = MetadataSegmentName(container.container);
    const std::string system_index = AttributeIndexName(system);
    for (ReadSource& source : read) {
      std::move(source.anomalies.begin(), source.anomalies.end(),
                std::back_inserter(container.anomalies));
      if (!source.segment) continue;
      const bool is_system = source.segment->name == system || source.segment->name == system_index;
      auto& into = is_system ? container.system : container.stored;
      std::string name = source.segment->name;
      into.insert_or_assign(into.end(), std::move(name), *std::move(source.segment));
    }
    sources_[index] = {};
    RETURN_IF_ERROR(ReadMetadataRecords(disk_, inventory_.container_count, container));
    scope_.done(container);
    progress_.ContainerDone();
    return OkStatus();
  }

  Status ReadBatch(std::span<const Source> sources, int container, std::span<ReadSource> out) {
    const size_t count = std::min(sources.size(), kBatch);
    FileCursor cursor(files_);
    for (size_t i = 0; i < count; ++i) {
      RETURN_IF_ERROR(ReadOne(sources[i], container, cursor, out[i]));
    }
    progress_.Advance(count);
    return OkStatus();
  }

  Status ReadOne(const Source& source, int container, FileCursor& cursor, ReadSource& out) {
    cursor.MoveTo(source.header == nullptr ? *source.plain : *source.header);
    if (source.header == nullptr) {
      out.segment = AssembleHeaderless(*source.plain, cursor);
      return OkStatus();
    }
    StatusOr<RollingHeader> header = ReadHeader(source.header->path);
    if (!header.ok()) {
      if (MetadataSegmentContainer(source.segment)) {
        return Annotate(header.status(), source.header->path);
      }
      const bool damaged = header.status().code() == StatusCode::kDataLoss;
      out.anomalies.push_back({damaged ? "header-damaged" : "header-unreadable", container,
                               std::string(source.segment), std::string(Message(header.status()))});
      return OkStatus();
    }
    const bool sealed = (source.header->mode & 0200) == 0;
    out.segment = AssembleRolling(std::string(source.segment), *header, sealed, container, cursor,
                                  out.anomalies);
    if (out.segment) CountModes(*out.segment);
    return OkStatus();
  }

  StatusOr<RollingHeader> ReadHeader(const std::string& path) const {
    ASSIGN_OR_RETURN(std::string text, ReadWholeFile(disk_, path, kMaxHeaderBytes));
    ASSIGN_OR_RETURN(RollingHeader header, DecodeRollingHeader(text));
    absl::flat_hash_set<std::string_view> names;
    for (const RollingChunk& chunk : header.chunks) {
      if (!names.insert(chunk.name).second)
        return DataLoss("chunk '{}' is in it twice", chunk.name);
      if (!IsSafeRelativePath(chunk.name)) {
        return DataLoss("chunk name '{}' is not a path below the root", chunk.name);
      }
      if (chunk.name.ends_with(kHeaderSuffix)) {
        return DataLoss("it lists the header '{}' as a chunk", chunk.name);
      }
    }
    return header;
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
  const Inventory& inventory_;
  FileIndex& files_;
  const ReadScope& scope_;
  Progress& progress_;
  Tier2View& view_;
  std::vector<std::vector<Source>> sources_;  // by container
  ModeCounts modes_;
};

}  // namespace

Status ReadRolling(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   const ReadScope& scope, Progress& progress, Tier2View& view) {
  return RollingReader(disk, inventory, files, scope, progress, view).Run(threads);
}

}  // namespace pdr

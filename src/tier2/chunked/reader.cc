#include "tier2/chunked/reader.h"

#include <algorithm>
#include <mutex>
#include <variant>

#include "base/bytes.h"
#include "base/parallel.h"
#include "format/names.h"
#include "format/serializer.h"
#include "tier2/chunked/chunk_list.h"
#include "tier2/chunked/journal_reader.h"
#include "tier2/metadata_records.h"

namespace pdr {
namespace {

// One epoch per boot: a name that claims more was not written by Pravega.
constexpr uint64_t kMaxPlausibleEpoch = uint64_t{1} << 40;
constexpr uint64_t kMaxSmallFile = 4096;

uint32_t StatusOf(const StorageMetadata& record) {
  return std::visit([](const auto& r) { return r.status; }, record);
}

const std::string& NameOf(const StorageMetadata& record) {
  return std::visit([](const auto& r) -> const std::string& { return r.name; }, record);
}

// Whether a list of segments needs the record: those of chunks, and of segments that it shows.
bool IsForRows(std::string_view key, const StorageMetadata& record) {
  if (std::holds_alternative<SegmentMetadata>(record)) return !IsAttributeIndex(key);
  return std::holds_alternative<ChunkMetadata>(record);
}

bool IsSystemSegment(std::string_view segment) {
  if (IsAttributeIndex(segment)) segment.remove_suffix(kAttributeIndexSuffix.size());
  return MetadataSegmentContainer(segment) || StorageMetadataSegmentContainer(segment);
}

// One container: journals, then the storage metadata table, then the container metadata table.
class ContainerReader {
 public:
  ContainerReader(const Disk& disk, int container_count, FileIndex& files, const ReadScope& scope,
                  ContainerView& view)
      : disk_(disk),
        container_count_(container_count),
        files_(files),
        cursor_(files),
        scope_(scope),
        view_(view) {}

  Status Run(const SystemFiles& system) {
    ASSIGN_OR_RETURN(SystemSegments segments, ReadSystemSegments(disk_, system, files_, view_));
    for (const auto& [name, state] : segments.segments()) {
      view_.system[name] = AssembleSystem(state, view_.container, cursor_, view_.anomalies);
    }
    RETURN_IF_ERROR(ReadStorageMetadata());
    for (const auto& [key, data] : view_.storage_records) {
      const auto* segment = std::get_if<SegmentMetadata>(&*data.value);
      if (segment == nullptr) continue;
      view_.stored.emplace_hint(view_.stored.end(), key,
                                AssembleChunked(*segment, data.version, view_.storage_records,
                                                view_.container, cursor_, view_.anomalies));
    }
    if (!scope_.rows_only) CheckBlocks();
    return ReadMetadataRecords(disk_, container_count_, view_);
  }

 private:
  Status ReadStorageMetadata() {
    const StoredSegment& table = view_.system[StorageMetadataSegmentName(view_.container)];
    ASSIGN_OR_RETURN(TableScan scan, ScanMetadataTable(disk_, table, view_));
    view_.removed.insert(scan.removed.begin(), scan.removed.end());
    while (!scan.live.empty()) {  // each is gone when the next one is decoded
      const auto stored = scan.live.extract(scan.live.begin());
      const std::string& key = stored.key();
      const LiveTableEntry& entry = stored.mapped();
      StatusOr<TransactionData> data = DecodeTransactionData(entry.value);
      Status usable = data.status();
      if (data.ok() && (data->key != key || (data->value && NameOf(*data->value) != key))) {
        usable = DataLoss("it describes '{}'", data->key);
      }
      if (!usable.ok()) {
        Add("storage-record-damaged", key,
            fmt::format("record at offset {} of '{}': {}", entry.offset, table.name,
                        Message(usable)));
        continue;
      }
      RETURN_IF_ERROR(Keep(key, std::move(data).value()));
    }
    return OkStatus();
  }

  Status Keep(const std::string& key, TransactionData data) {
    if (!data.value || (StatusOf(*data.value) & kStatusActive) == 0) {
      view_.inactive.emplace_hint(view_.inactive.end(), key, std::move(data));
      return OkStatus();
    }
    if (scope_.rows_only && !IsForRows(key, *data.value)) return OkStatus();
    // Never stored by Pravega, but another tool's replay may have left them.
    const auto chunk = ParseChunkName(key);
    if (IsSystemSegment(chunk ? chunk->segment : key)) return OkStatus();
    if (std::holds_alternative<SegmentMetadata>(*data.value)) {
      RETURN_IF_ERROR(CheckOwner(key, view_.container, container_count_));
    }
    view_.storage_records.emplace_hint(view_.storage_records.end(), key, std::move(data));
    return OkStatus();
  }

  // Production trusts a block record that is there, so a wrong one means wrong reads.
  void CheckBlocks() {
    for (const auto& [key, data] : view_.storage_records) {
      const auto* block = std::get_if<ReadIndexBlockMetadata>(&*data.value);
      if (block == nullptr) continue;
      const std::string_view name = key;
      const size_t dot = name.rfind(".B-");
      auto segment = dot == std::string_view::npos ? view_.stored.end()
                                                   : view_.stored.find(key.substr(0, dot));
      // Records of a segment that was deleted or merged stay until its garbage is collected.
      if (segment != view_.stored.end() && !HasChunk(segment->second, *block)) {
        Add("block-index-wrong", key,
            fmt::format("says that chunk '{}' starts at {}", block->chunk_name,
                        block->start_offset));
      }
    }
  }

  static bool HasChunk(const StoredSegment& segment, const ReadIndexBlockMetadata& block) {
    auto chunk = std::lower_bound(
        segment.chunks.begin(), segment.chunks.end(), block.start_offset,
        [](const StoredChunk& c, uint64_t offset) { return c.start_offset < offset; });
    for (; chunk != segment.chunks.end() && chunk->start_offset == block.start_offset; ++chunk) {
      if (chunk->path == block.chunk_name) return true;
    }
    return false;
  }

  void Add(std::string code, std::string subject, std::string message) {
    view_.anomalies.push_back(
        {std::move(code), view_.container, std::move(subject), std::move(message)});
  }

  const Disk& disk_;
  int container_count_;
  FileIndex& files_;
  FileCursor cursor_;
  const ReadScope& scope_;
  ContainerView& view_;
};

// Highest epoch anywhere, and everything that names one (recovery-semantics.md H40).
class EpochCollector {
 public:
  EpochCollector(const Disk& disk, Tier2View& view) : disk_(disk), view_(view) {}

  void AddFile(const InventoryFile& file) {
    switch (file.file_class) {
      case FileClass::kOwn:
      case FileClass::kForeign:
      case FileClass::kSpecial:
        return;
      case FileClass::kContainerEpoch:
      case FileClass::kSnapshotInfo:
        return AddContents(file.path);
      default:
        break;
    }
    if (auto chunk = ParseChunkName(file.path)) return Add(chunk->epoch, file.path);
    if (auto journal = ParseJournalName(file.path)) return Add(journal->epoch, file.path);
  }

  void Add(uint64_t epoch, const std::string& subject) {
    if (epoch <= kMaxPlausibleEpoch) {
      view_.max_epoch = std::max(view_.max_epoch, epoch);
      return;
    }
    view_.anomalies.push_back(
        {"epoch-implausible", -1, subject, fmt::format("names epoch {}, which is ignored", epoch)});
  }

 private:
  void AddContents(const std::string& path) {
    StatusOr<std::string> bytes = ReadWholeFile(disk_, path, kMaxSmallFile);
    ByteReader r(bytes.ok() ? std::string_view(*bytes) : std::string_view());
    uint64_t epoch = 0;
    ReadObject(r, "epoch file", [&epoch](ByteReader& body) { epoch = ReadCompactLong(body); });
    if (bytes.ok() && r.ok()) return Add(epoch, path);
    view_.anomalies.push_back({"epoch-file-damaged", -1, path,
                               std::string(Message(bytes.ok() ? r.status() : bytes.status()))});
  }

  const Disk& disk_;
  Tier2View& view_;
};

std::vector<SystemFiles> GroupSystemFiles(const Inventory& inventory) {
  std::vector<SystemFiles> out(static_cast<size_t>(inventory.container_count));
  for (const InventoryFile& file : inventory.files) {
    if (file.file_class != FileClass::kJournal && file.file_class != FileClass::kSnapshot) continue;
    auto name = ParseJournalName(file.path);
    SystemFiles& system = out[static_cast<size_t>(name->container)];
    (name->snapshot ? system.snapshots : system.journals).push_back({&file, *name});
  }
  return out;
}

}  // namespace

Status ReadChunked(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   const ReadScope& scope, Progress& progress, Tier2View& view) {
  progress.Phase("reading storage metadata", view.containers.size());
  const std::vector<SystemFiles> system = GroupSystemFiles(inventory);
  EpochCollector epochs(disk, view);
  if (!scope.rows_only) {
    for (const InventoryFile& file : inventory.files) epochs.AddFile(file);
  }
  std::mutex mutex;  // for epochs
  return ParallelFor(view.containers.size(), threads, [&](size_t i) {
    ContainerView& container = view.containers[i];
    ContainerReader reader(disk, inventory.container_count, files, scope, container);
    Status read = reader.Run(system[i]);
    progress.Advance(1);
    RETURN_IF_ERROR(Annotate(read, fmt::format("container {}", i)));
    if (!scope.rows_only) {
      std::lock_guard lock(mutex);
      for (const auto& [name, segment] : container.stored) {
        epochs.Add(segment.record.owner_epoch, name);
      }
    }
    scope.done(container);
    return OkStatus();
  });
}

}  // namespace pdr

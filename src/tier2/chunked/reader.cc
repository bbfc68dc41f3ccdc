#include "tier2/chunked/reader.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/parallel.h"
#include "format/names.h"
#include "format/serializer.h"
#include "tier2/chunked/chunk_list.h"
#include "tier2/chunked/journal_reader.h"
#include "tier2/chunked/storage_table.h"
#include "tier2/metadata_records.h"

namespace pdr {
namespace {

// One epoch per boot: a name that claims more was not written by Pravega.
constexpr uint64_t kMaxPlausibleEpoch = uint64_t{1} << 40;
constexpr uint64_t kMaxSmallFile = 4096;

// One container: journals, then the storage metadata table, then the container metadata table.
class ContainerReader {
 public:
  ContainerReader(const Disk& disk, int container_count, FileIndex& files, ContainerView& view)
      : disk_(disk), container_count_(container_count), files_(files), view_(view) {}

  Status Run(const SystemFiles& system) {
    RETURN_IF_ERROR(ReadSystem(disk_, system, files_, view_));
    RETURN_IF_ERROR(ReadStorageMetadata());
    FileCursor cursor(files_);
    for (const auto& [key, bytes] : view_.storage_records.encoded()) {
      if (!MayBeOfSegment(bytes)) continue;
      std::optional<TransactionData> data = view_.storage_records.Find(key);
      auto* segment = std::get_if<SegmentMetadata>(&*data->value);
      if (segment == nullptr) continue;
      const auto find = [this](const std::string& chunk) { return FindChunk(chunk); };
      view_.stored.emplace_hint(view_.stored.end(), key,
                                AssembleChunked(std::move(*segment), data->version, find,
                                                view_.container, cursor, view_.anomalies));
    }
    CheckBlocks();
    return ReadMetadataRecords(disk_, container_count_, view_);
  }

 private:
  Status ReadStorageMetadata() {
    ASSIGN_OR_RETURN(const TableScan table, ScanStorageTable(disk_, view_));
    TransactionData data;
    for (const LiveTableEntry& entry : table.live) {
      if (ReadStorageRecord(entry, view_, data)) RETURN_IF_ERROR(Keep(entry.key, data));
    }
    return OkStatus();
  }

  Status Keep(std::string_view key, const TransactionData& data) {
    if (!IsActive(data)) {
      view_.inactive.emplace_hint(view_.inactive.end(), key);
      return OkStatus();
    }
    if (IsSystemKey(key)) return OkStatus();
    if (std::holds_alternative<SegmentMetadata>(*data.value)) {
      RETURN_IF_ERROR(CheckOwner(key, view_.container, container_count_));
    }
    view_.storage_records.Put(data);
    return OkStatus();
  }

  // Valid until the next call.
  const ChunkMetadata* FindChunk(const std::string& name) {
    chunk_ = view_.storage_records.Find(name);
    return chunk_ ? std::get_if<ChunkMetadata>(&*chunk_->value) : nullptr;
  }

  // Production trusts a block record that is there, so a wrong one means wrong reads.
  void CheckBlocks() {
    for (const auto& [key, bytes] : view_.storage_records.encoded()) {
      const size_t dot = key.rfind(".B-");
      if (dot == std::string_view::npos) continue;
      const auto segment = view_.stored.find(std::string(key.substr(0, dot)));
      // Records of a segment that was deleted or merged stay until its garbage is collected.
      if (segment == view_.stored.end()) continue;
      const std::optional<TransactionData> data = view_.storage_records.Find(key);
      const auto* block = std::get_if<ReadIndexBlockMetadata>(&*data->value);
      if (block != nullptr && !HasChunk(segment->second, *block)) {
        Add("block-index-wrong", std::string(key),
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
  ContainerView& view_;
  std::optional<TransactionData> chunk_;
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
        return AddContents(std::string(file.path));
      default:
        break;
    }
    if (auto chunk = ParseChunkName(file.path)) return Add(chunk->epoch, file.path);
    if (auto journal = ParseJournalName(file.path)) return Add(journal->epoch, file.path);
  }

  void Add(uint64_t epoch, std::string_view subject) {
    if (epoch <= kMaxPlausibleEpoch) {
      view_.max_epoch = std::max(view_.max_epoch, epoch);
      return;
    }
    view_.anomalies.push_back({"epoch-implausible", -1, std::string(subject),
                               fmt::format("names epoch {}, which is ignored", epoch)});
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

}  // namespace

Status ReadChunked(const Disk& disk, const Inventory& inventory, FileIndex& files, size_t threads,
                   Progress& progress, Tier2View& view, ContainerTaker& taker) {
  progress.Phase("reading storage metadata", view.containers.size());
  const std::vector<SystemFiles> system = GroupSystemFiles(inventory);
  EpochCollector epochs(disk, view);
  for (const InventoryFile& file : inventory.files) epochs.AddFile(file);
  std::mutex mutex;  // for epochs
  return ParallelFor(view.containers.size(), threads, [&](size_t i) {
    ContainerView container = std::exchange(view.containers[i], ContainerView());
    Status read = ContainerReader(disk, inventory.container_count, files, container).Run(system[i]);
    progress.Advance(1);
    RETURN_IF_ERROR(Annotate(read, fmt::format("container {}", i)));
    {
      const std::lock_guard lock(mutex);
      for (const auto& [name, segment] : container.stored) {
        epochs.Add(segment.record.owner_epoch, name);
      }
    }
    return taker.Take(std::move(container));
  });
}

}  // namespace pdr

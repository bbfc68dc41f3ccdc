#include "recovery/build.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "container/container_image.h"
#include "format/names.h"
#include "recovery/table_judge.h"

namespace pdr {
namespace {

constexpr uint64_t kCopyPieceBytes = 4 * 1024 * 1024;

class ContainerBuilder {
 public:
  ContainerBuilder(Disk& disk, const Plan& plan, size_t container, const BuildOptions& options)
      : disk_(disk), plan_(plan), container_(plan.containers[container]), options_(options) {}

  StatusOr<ContainerManifest> Run() {
    ContainerState state = InitialState();
    for (const IndexRebuild& rebuild : container_.rebuilds) {
      RETURN_IF_ERROR(Annotate(Rebuild(rebuild, state), rebuild.segment));
    }
    ContainerImage image = LayOutContainer(state);
    manifest_.container = container_.container;
    manifest_.frames = std::move(image.frames);
    for (const ImageFile& file : image.files) RETURN_IF_ERROR(Stage(file));
    for (const ImageFile& file : container_.rewritten) RETURN_IF_ERROR(Stage(file));
    for (const FileCut& cut : container_.cuts) RETURN_IF_ERROR(StageCut(cut));
    for (const std::string& dir : staged_dirs_) RETURN_IF_ERROR(disk_.SyncDir(dir));
    ListSteps();
    return std::move(manifest_);
  }

 private:
  ContainerState InitialState() const {
    ContainerState state;
    state.container = container_.container;
    state.layout = plan_.layout;
    state.epoch = plan_.epoch;
    state.last_modified_ms = options_.last_modified_ms;
    state.storage_records = container_.storage_records;
    for (const SegmentDecision& s : container_.segments) state.segments.push_back(s.info);
    return state;
  }

  Status Rebuild(const IndexRebuild& rebuild, ContainerState& state) {
    auto info = std::find_if(state.segments.begin(), state.segments.end(),
                             [&](const SegmentInfo& s) { return s.name == rebuild.segment; });
    if (info == state.segments.end()) return Internal("rebuild of an unregistered segment");
    ASSIGN_OR_RETURN(TableJudgement judged,
                     JudgeTable(disk_, rebuild.data, rebuild.index ? &*rebuild.index : nullptr,
                                info->attributes));
    BtreeOptions options;
    options.statistics = judged.fact.fixed_key;
    if (judged.fact.fixed_key) options.key_length = judged.fact.key_length;
    std::string index = BulkLoadBtree(judged.entries, options);
    if (!judged.fact.fixed_key) {
      info->attributes[kBucketCount] = static_cast<int64_t>(judged.buckets);
    }
    const std::string name = AttributeIndexName(rebuild.segment);
    if (plan_.layout == Layout::kChunked) {
      return AddChunkedIndex(name, info->sealed, std::move(index), state);
    }
    info->attributes[kIndexRootPointer] = static_cast<int64_t>(index.size() - kBtreeFooterBytes);
    return StageRollingIndex(name, info->sealed, index);
  }

  Status AddChunkedIndex(const std::string& name, bool sealed, std::string content,
                         ContainerState& state) {
    int64_t version = 1;
    for (const auto& [key, data] : state.storage_records) {
      version = std::max(version, data.version);
    }
    const std::string chunk =
        ChunkName(name, plan_.epoch, 0, NameUuid(fmt::format("{}@{}", name, plan_.epoch)));
    SegmentMetadata record;
    record.name = name;
    record.length = content.size();
    record.chunk_count = 1;
    record.status = kStatusActive | kStatusAtomicWrites | (sealed ? kStatusSealed : 0);
    record.max_rolling_length = kIndexChunkBytes;
    record.first_chunk = record.last_chunk = chunk;
    record.owner_epoch = plan_.epoch;
    state.storage_records[name] = TransactionData{version, name, record};
    state.storage_records[chunk] =
        TransactionData{version, chunk, ChunkMetadata{chunk, content.size(), "", kStatusActive}};
    return Stage({chunk, kFileMode, std::move(content)});
  }

  Status StageRollingIndex(const std::string& name, bool sealed, std::string_view index) {
    std::vector<ImageFile> files;
    LayOutRollingSegment(name, index, kIndexChunkBytes, files);
    for (ImageFile& file : files) {
      if (sealed) file.mode = kSealedFileMode;
      RETURN_IF_ERROR(Stage(file));
    }
    return OkStatus();
  }

  Status Stage(const ImageFile& file) {
    ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> out, CreateStaged(file.path, file.mode));
    RETURN_IF_ERROR(out->Append(file.content));
    RETURN_IF_ERROR(out->SyncAndClose());
    Install(file.path, file.content.size(), file.mode);
    return OkStatus();
  }

  // The part of the file that stays, as a new file: the original is only ever renamed.
  Status StageCut(const FileCut& cut) {
    ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> in, disk_.OpenRead(cut.path));
    ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> out, CreateStaged(cut.path, cut.mode));
    for (uint64_t at = 0; at < cut.keep_bytes; at += kCopyPieceBytes) {
      const auto n = static_cast<size_t>(std::min(kCopyPieceBytes, cut.keep_bytes - at));
      ASSIGN_OR_RETURN(std::string piece, in->ReadAt(at, n));
      RETURN_IF_ERROR(out->Append(piece));
    }
    RETURN_IF_ERROR(out->SyncAndClose());
    Install(cut.path, cut.keep_bytes, cut.mode);
    return OkStatus();
  }

  StatusOr<std::unique_ptr<WritableFile>> CreateStaged(const std::string& path, uint32_t mode) {
    const std::string staged = StagedPath(options_.run_id, path);
    const std::string dir = ParentPath(staged);
    if (staged_dirs_.insert(dir).second) RETURN_IF_ERROR(MakeDirs(disk_, dir));
    StatusOr<std::unique_ptr<WritableFile>> out = disk_.Create(staged, mode);
    if (!absl::IsAlreadyExists(out.status())) return out;
    RETURN_IF_ERROR(disk_.Remove(staged));
    return disk_.Create(staged, mode);
  }

  void Install(const std::string& path, uint64_t size, uint32_t mode) {
    installs_.push_back({FileStep::Kind::kInstall, path, StagedPath(options_.run_id, path), size, 0,
                         mode});
  }

  void ListSteps() {
    for (const SetAside& s : container_.set_aside) {
      manifest_.steps.push_back({FileStep::Kind::kSetAside, s.path,
                                 AsidePath(options_.run_id, s.path), 0, 0, 0});
    }
    manifest_.steps.insert(manifest_.steps.end(), installs_.begin(), installs_.end());
    for (const ModeChange& m : container_.modes) {
      manifest_.steps.push_back({FileStep::Kind::kSetMode, m.path, "", 0, m.from, m.to});
    }
  }

  Disk& disk_;
  const Plan& plan_;
  const ContainerPlan& container_;
  const BuildOptions& options_;
  ContainerManifest manifest_;
  std::vector<FileStep> installs_;
  std::set<std::string> staged_dirs_;
};

}  // namespace

StatusOr<ContainerManifest> BuildContainer(Disk& disk, const Plan& plan, size_t container,
                                           const BuildOptions& options) {
  return ContainerBuilder(disk, plan, container, options).Run();
}

}  // namespace pdr

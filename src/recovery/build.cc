#include "recovery/build.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "container/segment_container.h"
#include "format/names.h"
#include "recovery/table_judge.h"

namespace pdr {
namespace {

constexpr uint64_t kCopyPieceBytes = uint64_t{4} * 1024 * 1024;

class ContainerBuilder {
 public:
  ContainerBuilder(Disk& disk, const ContainerPlan& container, const BuildOptions& options)
      : disk_(disk), container_(container), options_(options) {}

  StatusOr<ContainerManifest> Run() {
    SegmentContainer state({container_.container, options_.layout, options_.epoch,
                            options_.last_modified_ms, options_.run_id});
    std::vector<SegmentInfo> segments;
    segments.reserve(container_.segments.size());
    for (const SegmentDecision& s : container_.segments) segments.push_back(s.info);
    RETURN_IF_ERROR(state.CreateSegments(std::move(segments)));
    storage_records_ = container_.storage_records;
    if (!container_.rebuilds.empty()) newest_version_ = storage_records_.NewestVersion();
    for (const IndexRebuild& rebuild : container_.rebuilds) {
      RETURN_IF_ERROR(Annotate(Rebuild(rebuild, state), rebuild.segment));
    }
    state.SetStorageRecords(std::move(storage_records_));
    ContainerImage image = state.LayOut();
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
  Status Rebuild(const IndexRebuild& rebuild, SegmentContainer& state) {
    auto decision =
        std::find_if(container_.segments.begin(), container_.segments.end(),
                     [&](const SegmentDecision& d) { return d.info.name == rebuild.segment; });
    if (decision == container_.segments.end()) return Internal("rebuild of an unknown segment");
    const SegmentInfo& info = decision->info;
    ASSIGN_OR_RETURN(TableJudgement judged,
                     JudgeTable(disk_, rebuild.data, rebuild.index ? &*rebuild.index : nullptr,
                                info.attributes));
    BtreeOptions options;
    options.statistics = judged.fact.fixed_key;
    if (judged.fact.fixed_key) options.key_length = judged.fact.key_length;
    std::string index = BulkLoadBtree(judged.entries, options);
    Attributes changed;
    if (!judged.fact.fixed_key) changed[kBucketCount] = static_cast<int64_t>(judged.buckets);
    if (options_.layout == Layout::kRolling) {
      changed[kIndexRootPointer] = static_cast<int64_t>(index.size() - kBtreeFooterBytes);
    }
    RETURN_IF_ERROR(state.UpdateAttributes(rebuild.segment, changed));
    const std::string name = AttributeIndexName(rebuild.segment);
    return options_.layout == Layout::kChunked
               ? StageChunkedIndex(name, info.sealed, std::move(index))
               : StageRollingIndex(name, info.sealed, index);
  }

  Status StageChunkedIndex(const std::string& name, bool sealed, std::string content) {
    const int64_t version = newest_version_;
    const std::string chunk =
        ChunkName(name, options_.epoch, 0, NameUuid(fmt::format("{}@{}", name, options_.epoch)));
    SegmentMetadata record;
    record.name = name;
    record.length = content.size();
    record.chunk_count = 1;
    record.status = kStatusActive | kStatusAtomicWrites | (sealed ? kStatusSealed : 0);
    record.max_rolling_length = kIndexChunkBytes;
    record.first_chunk = record.last_chunk = chunk;
    record.owner_epoch = options_.epoch;
    storage_records_.Put({version, name, record});
    storage_records_.Put({version, chunk, ChunkMetadata{chunk, content.size(), "", kStatusActive}});
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
    const std::string staged = JoinPath(options_.staging, path);
    const std::string dir = ParentPath(staged);
    if (staged_dirs_.insert(dir).second) RETURN_IF_ERROR(MakeDirs(disk_, dir));
    StatusOr<std::unique_ptr<WritableFile>> out = disk_.Create(staged, mode);
    if (!absl::IsAlreadyExists(out.status())) return out;
    RETURN_IF_ERROR(disk_.Remove(staged));
    return disk_.Create(staged, mode);
  }

  void Install(const std::string& path, uint64_t size, uint32_t mode) {
    installs_.push_back(
        {FileStep::Kind::kInstall, path, JoinPath(options_.staging, path), size, 0, mode});
  }

  void ListSteps() {
    for (const SetAside& s : container_.set_aside) {
      manifest_.steps.push_back(
          {FileStep::Kind::kSetAside, s.path, AsidePath(options_.run_id, s.path), 0, 0, 0});
    }
    manifest_.steps.insert(manifest_.steps.end(), installs_.begin(), installs_.end());
    for (const ModeChange& m : container_.modes) {
      manifest_.steps.push_back({FileStep::Kind::kSetMode, m.path, "", 0, m.from, m.to});
    }
  }

  Disk& disk_;
  const ContainerPlan& container_;
  const BuildOptions& options_;
  ContainerManifest manifest_;
  StorageRecords storage_records_;
  int64_t newest_version_ = 1;
  std::vector<FileStep> installs_;
  std::set<std::string> staged_dirs_;
};

}  // namespace

StatusOr<ContainerManifest> BuildContainer(Disk& disk, const ContainerPlan& container,
                                           const BuildOptions& options) {
  return ContainerBuilder(disk, container, options).Run();
}

std::vector<NodeWrite> ControllerNodes(const ControllerPlan& controller, const std::string& root) {
  std::vector<NodeWrite> nodes = {
      {root + "/counter", EncodeTransactionCounter(controller.counter)}};
  for (const NodeWrite& node : controller.nodes) nodes.push_back({root + node.path, node.data});
  return nodes;
}

}  // namespace pdr

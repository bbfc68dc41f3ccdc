#include "tier2/classify.h"

#include <algorithm>
#include <string>

#include "format/names.h"

namespace pdr {
namespace {

constexpr std::string_view kMetadataPrefix = "_system/containers/metadata_";
constexpr std::string_view kTempSuffix = "$header.replace.tmp";
constexpr size_t kBackupDigits = 15;  // at least one of the container, 14 of the time

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view MainSegment(std::string_view segment) {
  if (IsAttributeIndex(segment)) segment.remove_suffix(kAttributeIndexSuffix.size());
  return segment;
}

// Of a segment without a class of its own.
FileClass ClassOfData(std::string_view segment, FileClass data_class) {
  if (IsTransient(MainSegment(segment))) return FileClass::kTransient;
  const bool index = data_class == FileClass::kChunk && IsAttributeIndex(segment);
  return index ? FileClass::kAttributeChunk : data_class;
}

NameClass OfInternalFile(std::string_view segment, FileClass data_class, Layout layout) {
  const std::string_view main = MainSegment(segment);
  NameClass out{data_class, layout, MetadataSegmentContainer(main)};
  if (!out.container) out.container = StorageMetadataSegmentContainer(main);
  if (out.container) {
    out.file_class = FileClass::kMetadataChunk;
  } else if (IsBackupSegment(segment)) {
    out.file_class = FileClass::kBackup;
  } else if (!InternalSegmentContainer(main)) {
    return {};  // beside the containers' own segments nothing of Pravega's stands there
  } else if (IsGcQueue(main)) {
    out.file_class = FileClass::kGcQueue;
  } else {
    out.file_class = ClassOfData(segment, data_class);
  }
  return out;
}

NameClass OfSegmentFile(std::string_view segment, FileClass data_class, Layout layout) {
  if (segment.starts_with(kContainersDir)) return OfInternalFile(segment, data_class, layout);
  return {ClassOfData(segment, data_class), layout, {}};
}

// container_<C>_epoch and _sysjournal.container<C>.snapshot_info, which only later releases write.
// Of a path below kContainersDir.
std::optional<FileClass> OfLaterRelease(std::string_view path) {
  path.remove_prefix(kContainersDir.size());
  auto number_between = [&](std::string_view prefix, std::string_view suffix) {
    return path.size() > prefix.size() + suffix.size() && path.starts_with(prefix) &&
           path.ends_with(suffix) &&
           IsDigits(path.substr(prefix.size(), path.size() - prefix.size() - suffix.size()));
  };
  if (number_between("container_", "_epoch")) return FileClass::kContainerEpoch;
  if (number_between("_sysjournal.container", ".snapshot_info")) return FileClass::kSnapshotInfo;
  return {};
}

}  // namespace

bool IsBackupSegment(std::string_view segment) {
  segment = MainSegment(segment);
  if (!segment.starts_with(kMetadataPrefix)) return false;
  segment.remove_prefix(kMetadataPrefix.size());
  return segment.size() >= kBackupDigits && IsDigits(segment);
}

bool LooksLikeHeaderlessSegment(std::string_view path) {
  path = MainSegment(path);
  if (auto transaction = ParseTransactionName(path)) {
    return LooksLikeHeaderlessSegment(transaction->parent);
  }
  if (InternalSegmentContainer(path)) return true;
  if (path.find("/_tables/") != std::string_view::npos) return true;
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.find('/') == slash) return false;
  const std::string_view last = path.substr(slash + 1);
  const size_t epoch = last.find(".#epoch.");
  if (epoch == std::string_view::npos) return IsDigits(last);
  return IsDigits(last.substr(0, epoch)) && IsDigits(last.substr(epoch + 8));
}

NameClass ClassifyName(std::string_view path) {
  if (path.starts_with(kOwnDir) && path.substr(kOwnDir.size()).starts_with('/')) {
    return {FileClass::kOwn, {}, {}};
  }
  if (!IsPlainText(path)) return {};
  if (path.ends_with(".backup") || path.starts_with("backup_")) {
    return {FileClass::kBackup, {}, {}};
  }
  if (path.ends_with(kHeaderSuffix) && path.size() > kHeaderSuffix.size()) {
    return OfSegmentFile(path.substr(0, path.size() - kHeaderSuffix.size()), FileClass::kHeader,
                         Layout::kRolling);
  }
  if (path.starts_with(kContainersDir)) {
    if (auto journal = ParseJournalName(path)) {
      return {journal->snapshot ? FileClass::kSnapshot : FileClass::kJournal, Layout::kChunked,
              journal->container};
    }
    if (auto later = OfLaterRelease(path)) return {*later, Layout::kChunked, {}};
  }
  if (auto chunk = ParseChunkName(path)) {
    return OfSegmentFile(chunk->segment, FileClass::kChunk, Layout::kChunked);
  }
  if (auto chunk = ParseRollingChunkName(path)) {
    return OfSegmentFile(chunk->segment, FileClass::kChunk, Layout::kRolling);
  }
  if (path.ends_with(kTempSuffix)) return {FileClass::kHeaderTemp, Layout::kRolling, {}};
  if (LooksLikeHeaderlessSegment(path)) {
    return OfSegmentFile(path, FileClass::kHeaderless, Layout::kRolling);
  }
  return {};
}

}  // namespace pdr

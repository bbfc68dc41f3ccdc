#include "verify/container_judge.h"

#include <algorithm>
#include <utility>

#include "format/controller_names.h"
#include "format/event_frames.h"
#include "format/names.h"
#include "verify/chunked_segments.h"
#include "verify/journal_boot.h"
#include "verify/rolling_segments.h"

namespace pdr::verify {
namespace {

constexpr std::string_view kReaderGroupPrefix = "_system/_RG";

bool IsSystemName(const std::string& name, int container) {
  if (!name.starts_with(kContainersDir)) return false;
  for (const std::string& table :
       {MetadataSegmentName(container), StorageMetadataSegmentName(container)}) {
    if (name == table || name == AttributeIndexName(table)) return true;
  }
  return false;
}

std::optional<SnapshotPointer> PointerIn(const Attributes& attributes) {
  auto id = attributes.find(kSnapshotId);
  auto epoch = attributes.find(kSnapshotEpoch);
  if (id == attributes.end() || epoch == attributes.end()) return std::nullopt;
  if (epoch->second <= 0) return std::nullopt;
  return SnapshotPointer{static_cast<uint64_t>(id->second), static_cast<uint64_t>(epoch->second)};
}

}  // namespace

Status ContainerJudge::Run() {
  ASSIGN_OR_RETURN(std::optional<LogState> log,
                   BootLog(tier1_, container_, options_.logs_still_disabled, findings_));
  if (!log.has_value()) return OkStatus();
  log_ = std::move(*log);
  if (log_.written) ++outcome_.report.containers_written;
  ASSIGN_OR_RETURN(bool booted, BootSystem());
  if (!booted) return OkStatus();
  ++outcome_.report.containers;
  RETURN_IF_ERROR(ReadRecords());
  ASSIGN_OR_RETURN(bool readable, ReadStored());
  if (!readable) return OkStatus();
  for (const auto& [name, record] : records_) RETURN_IF_ERROR(CheckRecord(record));
  CheckUnregistered();
  NoteUnreferenced();
  return OkStatus();
}

Registered ContainerJudge::Metadata() const {
  SegmentInfo info;
  info.name = MetadataSegmentName(container_);
  return FromRecord(info, log_);
}

StatusOr<bool> ContainerJudge::BootSystem() {
  const std::string name = MetadataSegmentName(container_);
  auto mapped = log_.segments.find(name);
  if (mapped == log_.segments.end() || mapped->second.gone()) {
    findings_.Add("metadata-not-mapped", name,
                  "the log does not map it: every segment would be unreachable");
    return false;
  }
  const Registered metadata = Metadata();
  auto type = metadata.attributes.find(kSegmentType);
  if (type == metadata.attributes.end() || type->second != kTypeSystemTable) {
    findings_.Add("metadata-type-wrong", name, "segment type {} instead of {}",
                  type == metadata.attributes.end() ? 0 : type->second, kTypeSystemTable);
  }
  const CheckpointSegment& state = mapped->second.state;
  if (!log_.written && state.length != state.storage_length) {
    findings_.Add("storage-length-mismatch", name, "length {}, storage length {}", state.length,
                  state.storage_length);
  }
  if (options_.layout == Layout::kChunked) return BootChunkedSystem(metadata);
  for (const std::string& segment : {name, AttributeIndexName(name)}) {
    ASSIGN_OR_RETURN(std::optional<Stored> stored, OpenRolling(disk_, segment, owners_, findings_));
    if (stored.has_value()) system_.emplace(segment, std::move(*stored));
  }
  return true;
}

StatusOr<bool> ContainerJudge::BootChunkedSystem(const Registered& metadata) {
  CheckJournalEpochs();
  ASSIGN_OR_RETURN(auto segments,
                   BootSystemSegments(disk_, names_.journals, PointerIn(metadata.attributes),
                                      log_.epoch, findings_));
  if (!segments.has_value()) return false;
  for (const auto& [name, segment] : *segments) {
    if (segment.metadata.owner_epoch > log_.epoch) {
      findings_.Add("owner-epoch-too-high", name,
                    "owned by epoch {}, the container will boot at {}",
                    segment.metadata.owner_epoch, log_.epoch);
    }
    system_.emplace(name, ToStored(segment.metadata, segment.chunks, owners_, findings_));
  }
  return true;
}

void ContainerJudge::CheckJournalEpochs() {
  for (const auto& [epoch, index] : names_.journals.files) {
    if (epoch < log_.epoch) continue;
    findings_.Add("stale-journal", "",
                  "{} is of epoch {}, the container will boot at {}: a later boot would replay it",
                  JournalName(container_, epoch, index), epoch, log_.epoch);
  }
  for (const auto& [epoch, index] : names_.journals.snapshots) {
    if (epoch < log_.epoch) continue;
    findings_.Add("stale-journal", "", "{} is of epoch {}, the container will boot at {}",
                  SnapshotName(container_, epoch, index), epoch, log_.epoch);
  }
}

const Stored* ContainerJudge::FindStored(const std::string& name) const {
  const StoredMap& map = IsSystemName(name, container_) ? system_ : stored_;
  auto it = map.find(name);
  return it == map.end() ? nullptr : &it->second;
}

TableSegment ContainerJudge::Table(const Registered& segment) const {
  TableSegment table;
  table.name = segment.name;
  table.attributes = segment.attributes;
  table.length = segment.length;
  table.start_offset = segment.start_offset;
  table.data = FindStored(segment.name);
  table.index = FindStored(AttributeIndexName(segment.name));
  table.log = segment.log;
  table.unindexed_tail_allowed = log_.written && segment.log != nullptr;
  return table;
}

Status ContainerJudge::CheckSystemSegment(const Registered& segment) {
  RETURN_IF_ERROR(CheckSegment({disk_, options_.layout, log_, system_}, segment,
                               FindStored(segment.name), findings_));
  return CheckIndex(segment);
}

// The index of a table is walked when it is compared with the data.
Status ContainerJudge::CheckIndex(const Registered& segment) {
  const Stored* index = FindStored(AttributeIndexName(segment.name));
  if (index == nullptr) return OkStatus();
  return CheckIndexFiles({disk_, options_.layout, log_, stored_}, segment, *index,
                         !IsTable(segment.attributes), findings_);
}

Status ContainerJudge::ReadRecords() {
  const Registered metadata = Metadata();
  RETURN_IF_ERROR(CheckSystemSegment(metadata));
  ASSIGN_OR_RETURN(auto values,
                   CheckTable(disk_, options_.layout, Table(metadata), true, findings_));
  for (const auto& [key, value] : values) {
    StatusOr<SegmentInfo> info = DecodeSegmentInfo(value);
    if (!info.ok()) {
      findings_.Add("record-unreadable", Printable(key), "{}", Message(info.status()));
    } else if (info->name != key) {
      findings_.Add("record-unreadable", Printable(key), "the record is of {}",
                    Printable(info->name));
    } else {
      records_.emplace(key, std::move(*info));
    }
  }
  return OkStatus();
}

StatusOr<StorageRecords> ContainerJudge::ReadStorageRecords(const SegmentInfo& record) {
  StorageRecords result;
  ASSIGN_OR_RETURN(auto values, CheckTable(disk_, options_.layout, Table(FromRecord(record, log_)),
                                           true, findings_));
  for (const auto& [key, value] : values) {
    StatusOr<TransactionData> data = DecodeTransactionData(value);
    if (!data.ok() || data->key != key || (data->value.has_value() && data->version == 0)) {
      findings_.Add("storage-record-unreadable", Printable(key), "{}",
                    data.ok() ? "another key, or no version" : Message(data.status()));
      continue;
    }
    result.emplace(key, std::move(*data));
  }
  return result;
}

StatusOr<bool> ContainerJudge::ReadStored() {
  if (options_.layout == Layout::kChunked) {
    const std::string name = StorageMetadataSegmentName(container_);
    auto record = records_.find(name);
    if (record == records_.end()) {
      findings_.Add("storage-metadata-unregistered", name,
                    "no record: it would be created empty over the existing data");
      return false;
    }
    ASSIGN_OR_RETURN(StorageRecords records, ReadStorageRecords(record->second));
    stored_ = WalkChunkLists(records, log_.epoch, owners_, findings_);
    return true;
  }
  std::vector<std::string> segments;
  for (const std::string& name : names_.segments) {
    if (!IsSystemName(name, container_)) segments.push_back(name);
  }
  // Segments from before headers are not listed, but production opens them all the same.
  for (const auto& [name, record] : records_) {
    if (IsSystemName(name, container_)) continue;
    for (const std::string& s : {name, AttributeIndexName(name)}) {
      if (!std::binary_search(names_.segments.begin(), names_.segments.end(), s)) {
        segments.push_back(s);
      }
    }
  }
  ASSIGN_OR_RETURN(stored_, OpenAllRolling(disk_, segments, owners_, findings_));
  return true;
}

Status ContainerJudge::CheckRecord(const SegmentInfo& record) {
  const std::string& name = record.name;
  if (name == MetadataSegmentName(container_)) return OkStatus();  // never read by production
  if (auto number = TransactionNumberIn(name)) {
    outcome_.highest_transaction =
        std::max(outcome_.highest_transaction.value_or(*number), *number);
  }
  if (ContainerOf(name, options_.container_count) != container_) {
    findings_.Add("wrong-container", name, "belongs to container {}",
                  ContainerOf(name, options_.container_count));
  }
  if (!log_.written) CheckFreshRecord(record, findings_);
  const Registered segment = FromRecord(record, log_);
  if (segment.log != nullptr && segment.log->gone()) return OkStatus();  // the record goes later
  if (name.starts_with(kReaderGroupPrefix)) {
    outcome_.reader_group_bytes[name] = segment.length - segment.start_offset;
  }
  NoteSegment(name, outcome_.needs);
  if (HoldsRequests(name) && !log_.written) NoteRequests(segment);
  if (name == StorageMetadataSegmentName(container_)) return CheckSystemSegment(segment);
  RETURN_IF_ERROR(
      CheckSegment({disk_, options_.layout, log_, stored_}, segment, FindStored(name), findings_));
  RETURN_IF_ERROR(CheckIndex(segment));
  if (!IsTable(segment.attributes)) return OkStatus();
  const bool controller = IsControllerTable(name);
  ASSIGN_OR_RETURN(auto values,
                   CheckTable(disk_, options_.layout, Table(segment), controller, findings_));
  if (controller) NoteNeeds(name, values, outcome_.needs);
  return OkStatus();
}

// What cannot be read is found elsewhere.
void ContainerJudge::NoteRequests(const Registered& segment) {
  constexpr int64_t kPiece = int64_t{1024} * 1024;
  constexpr size_t kLongest = size_t{16} * 1024 * 1024;  // no event is as long
  SegmentBytes bytes(disk_, FindStored(segment.name), segment.log);
  std::string buffer;
  for (int64_t at = segment.start_offset; at < segment.length && buffer.size() < kLongest;) {
    const int64_t n = std::min(kPiece, segment.length - at);
    const StatusOr<std::string> piece =
        bytes.Read(static_cast<uint64_t>(at), static_cast<size_t>(n));
    if (!piece.ok()) return;
    buffer += *piece;
    at += n;
    buffer.erase(0, ForEachEvent(buffer, [&](uint64_t, std::string_view request) {
                   NoteRequest(request, outcome_.needs);
                 }));
  }
}

void ContainerJudge::CheckUnregistered() {
  for (const auto& [name, stored] : stored_) {
    const std::string main =
        IsAttributeIndex(name) ? name.substr(0, name.size() - kAttributeIndexSuffix.size()) : name;
    if (records_.contains(main)) continue;
    // No client can create one of these.
    if (main.starts_with(kContainersDir) && !InternalSegmentContainer(main)) continue;
    // Production removes the record first and the data later.
    if (log_.written && log_.segments.contains(main)) continue;
    findings_.Add("unregistered-data", name,
                  "{} bytes in Tier-2 without a record: a new segment of that name would lose its "
                  "first writes",
                  stored.length);
  }
}

void ContainerJudge::NoteUnreferenced() {
  for (const std::string& chunk : names_.chunks) {
    if (owners_.contains(chunk)) continue;
    findings_.Note("unreferenced-chunk", chunk, "no segment lists this file");
  }
}

}  // namespace pdr::verify

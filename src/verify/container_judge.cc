#include "verify/container_judge.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"
#include "format/names.h"
#include "verify/chunked_segments.h"
#include "verify/journal_boot.h"
#include "verify/record_judge.h"
#include "verify/rolling_segments.h"

namespace pdr::verify {
namespace {

// Judged by one thread in one go.
constexpr size_t kRecordsAtOnce = 32;

std::optional<SnapshotPointer> PointerIn(const Attributes& attributes) {
  auto id = attributes.find(kSnapshotId);
  auto epoch = attributes.find(kSnapshotEpoch);
  if (id == attributes.end() || epoch == attributes.end()) return std::nullopt;
  if (epoch->second <= 0) return std::nullopt;
  return SnapshotPointer{static_cast<uint64_t>(id->second), static_cast<uint64_t>(epoch->second)};
}

}  // namespace

StatusOr<ContainerOutcome> JudgeContainer(const Disk& disk, Tier1& tier1,
                                          const VerifyOptions& options, const DiskNames& names,
                                          int container, size_t depth) {
  ContainerOutcome outcome;
  Findings findings(outcome.report, container);
  ASSIGN_OR_RETURN(std::optional<LogState> log,
                   BootLog(tier1, container, options.logs_still_disabled, findings));
  if (!log.has_value()) return outcome;
  const bool written = log->written;
  ContainerState state{options, container, *std::move(log), SeenFiles(disk, names, written)};
  const ContainerNames& its_names = names.containers.at(static_cast<size_t>(container));
  RETURN_IF_ERROR(ContainerJudge(std::move(state), its_names, depth, outcome).Run());
  return outcome;
}

Status ContainerJudge::Run() {
  if (state_.log.written) ++outcome_.report.containers_written;
  ASSIGN_OR_RETURN(bool booted, BootSystem());
  if (!booted) return OkStatus();
  ++outcome_.report.containers;
  RETURN_IF_ERROR(ReadRecords());
  ASSIGN_OR_RETURN(bool readable, ReadStored());
  if (!readable) return OkStatus();
  RETURN_IF_ERROR(CheckRecords());
  CheckUnregistered();
  NoteUnreferenced();
  return OkStatus();
}

// What is found is put together in the order of the names, whoever was first.
Status ContainerJudge::CheckRecords() {
  std::vector<const SegmentInfo*> records;
  records.reserve(records_.size());
  for (const auto& [name, record] : records_) records.push_back(&record);
  std::vector<ContainerOutcome> parts((records.size() + kRecordsAtOnce - 1) / kRecordsAtOnce);
  RETURN_IF_ERROR(ParallelFor(parts.size(), depth_, [&](size_t part) {
    RecordJudge judge(state_, parts[part]);
    const size_t begin = part * kRecordsAtOnce;
    const size_t end = std::min(begin + kRecordsAtOnce, records.size());
    Status judged;
    for (size_t i = begin; i < end && judged.ok(); ++i) judged = judge.CheckRecord(*records[i]);
    return judged;
  }));
  for (ContainerOutcome& part : parts) outcome_.Merge(std::move(part));
  return OkStatus();
}

Registered ContainerJudge::Metadata() const {
  SegmentInfo info;
  info.name = MetadataSegmentName(state_.container);
  return FromRecord(info, state_.log);
}

StatusOr<bool> ContainerJudge::BootSystem() {
  const std::string name = MetadataSegmentName(state_.container);
  auto mapped = state_.log.segments.find(name);
  if (mapped == state_.log.segments.end() || mapped->second.gone()) {
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
  if (!state_.log.written && state.length != state.storage_length) {
    findings_.Add("storage-length-mismatch", name, "length {}, storage length {}", state.length,
                  state.storage_length);
  }
  if (state_.options.layout == Layout::kChunked) return BootChunkedSystem(metadata);
  const std::vector<std::string> segments = {name, AttributeIndexName(name)};
  ASSIGN_OR_RETURN(state_.system, OpenRolling(state_.files, segments, depth_, owners_, findings_));
  return true;
}

StatusOr<bool> ContainerJudge::BootChunkedSystem(const Registered& metadata) {
  CheckJournalEpochs();
  ASSIGN_OR_RETURN(auto segments,
                   BootSystemSegments(state_.files.disk(), names_.journals,
                                      PointerIn(metadata.attributes), state_.log.epoch, findings_));
  if (!segments.has_value()) return false;
  for (const auto& [name, segment] : *segments) {
    if (segment.metadata.owner_epoch > state_.log.epoch) {
      findings_.Add("owner-epoch-too-high", name,
                    "owned by epoch {}, the container will boot at {}",
                    segment.metadata.owner_epoch, state_.log.epoch);
    }
    state_.system.emplace(name, ToStored(segment.metadata, segment.chunks, owners_, findings_));
  }
  return true;
}

void ContainerJudge::CheckJournalEpochs() {
  for (const auto& [epoch, index] : names_.journals.files) {
    if (epoch < state_.log.epoch) continue;
    findings_.Add("stale-journal", "",
                  "{} is of epoch {}, the container will boot at {}: a later boot would replay it",
                  JournalName(state_.container, epoch, index), epoch, state_.log.epoch);
  }
  for (const auto& [epoch, index] : names_.journals.snapshots) {
    if (epoch < state_.log.epoch) continue;
    findings_.Add("stale-journal", "", "{} is of epoch {}, the container will boot at {}",
                  SnapshotName(state_.container, epoch, index), epoch, state_.log.epoch);
  }
}

Status ContainerJudge::ReadRecords() {
  const Registered metadata = Metadata();
  RETURN_IF_ERROR(RecordJudge(state_, outcome_).CheckSystemSegment(metadata));
  ASSIGN_OR_RETURN(auto values, CheckTable(state_.files.disk(), state_.options.layout,
                                           state_.Table(metadata), true, findings_));
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
  ASSIGN_OR_RETURN(auto values,
                   CheckTable(state_.files.disk(), state_.options.layout,
                              state_.Table(FromRecord(record, state_.log)), true, findings_));
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
  if (state_.options.layout == Layout::kChunked) {
    const std::string name = StorageMetadataSegmentName(state_.container);
    auto record = records_.find(name);
    if (record == records_.end()) {
      findings_.Add("storage-metadata-unregistered", name,
                    "no record: it would be created empty over the existing data");
      return false;
    }
    ASSIGN_OR_RETURN(StorageRecords records, ReadStorageRecords(record->second));
    state_.stored = WalkChunkLists(records, state_.log.epoch, owners_, findings_);
    return true;
  }
  std::vector<std::string> segments;
  for (const std::string_view name : names_.segments) {
    if (!state_.IsSystem(name)) segments.emplace_back(name);
  }
  // Segments from before headers are not listed, but production opens them all the same.
  for (const auto& [name, record] : records_) {
    if (state_.IsSystem(name)) continue;
    for (const std::string& s : {name, AttributeIndexName(name)}) {
      if (!std::binary_search(names_.segments.begin(), names_.segments.end(), s)) {
        segments.push_back(s);
      }
    }
  }
  ASSIGN_OR_RETURN(state_.stored, OpenRolling(state_.files, segments, depth_, owners_, findings_));
  return true;
}

void ContainerJudge::CheckUnregistered() {
  for (const auto& [name, stored] : state_.stored) {
    const std::string main =
        IsAttributeIndex(name) ? name.substr(0, name.size() - kAttributeIndexSuffix.size()) : name;
    if (records_.contains(main)) continue;
    // No client can create one of these.
    if (main.starts_with(kContainersDir) && !InternalSegmentContainer(main)) continue;
    // Production removes the record first and the data later.
    if (state_.log.written && state_.log.segments.contains(main)) continue;
    findings_.Add("unregistered-data", name,
                  "{} bytes in Tier-2 without a record: a new segment of that name would lose its "
                  "first writes",
                  stored.length);
  }
}

void ContainerJudge::NoteUnreferenced() {
  for (const std::string_view chunk : names_.chunks) {
    if (owners_.contains(std::string(chunk))) continue;
    findings_.Note("unreferenced-chunk", chunk, "no segment lists this file");
  }
}

}  // namespace pdr::verify

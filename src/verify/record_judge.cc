#include "verify/record_judge.h"

#include <algorithm>

#include "format/controller_names.h"
#include "format/event_frames.h"
#include "format/names.h"

namespace pdr::verify {
namespace {

constexpr std::string_view kReaderGroupPrefix = "_system/_RG";

}  // namespace

Status RecordJudge::CheckSystemSegment(const Registered& segment) {
  RETURN_IF_ERROR(CheckSegment(Context(), segment, state_.Find(segment.name), findings_));
  return CheckIndex(segment);
}

// The index of a table is walked when it is compared with the data.
Status RecordJudge::CheckIndex(const Registered& segment) {
  const Stored* index = state_.Find(AttributeIndexName(segment.name));
  if (index == nullptr) return OkStatus();
  return CheckIndexFiles(Context(), segment, *index, !IsTable(segment.attributes), findings_);
}

Status RecordJudge::CheckRecord(const SegmentInfo& record) {
  const std::string& name = record.name;
  if (name == MetadataSegmentName(state_.container)) return OkStatus();  // never read by production
  outcome_.highest_transaction = std::max(outcome_.highest_transaction, TransactionNumberIn(name));
  if (ContainerOf(name, state_.options.container_count) != state_.container) {
    findings_.Add("wrong-container", name, "belongs to container {}",
                  ContainerOf(name, state_.options.container_count));
  }
  if (!state_.log.written) CheckFreshRecord(record, findings_);
  const Registered segment = FromRecord(record, state_.log);
  if (segment.log != nullptr && segment.log->gone()) return OkStatus();  // the record goes later
  if (name.starts_with(kReaderGroupPrefix)) {
    outcome_.reader_group_bytes[name] = segment.length - segment.start_offset;
  }
  NoteSegment(name, outcome_.needs);
  if (HoldsRequests(name) && !state_.log.written) NoteRequests(segment);
  if (name == StorageMetadataSegmentName(state_.container)) return CheckSystemSegment(segment);
  RETURN_IF_ERROR(CheckSegment(Context(), segment, state_.Find(name), findings_));
  RETURN_IF_ERROR(CheckIndex(segment));
  if (!IsTable(segment.attributes)) return OkStatus();
  const bool controller = IsControllerTable(name);
  ASSIGN_OR_RETURN(auto values, CheckTable(state_.files.disk(), state_.options.layout,
                                           state_.Table(segment), controller, findings_));
  if (controller) NoteNeeds(name, values, outcome_.needs);
  return OkStatus();
}

// What cannot be read is found elsewhere.
void RecordJudge::NoteRequests(const Registered& segment) {
  constexpr int64_t kPiece = int64_t{1024} * 1024;
  constexpr size_t kLongest = size_t{16} * 1024 * 1024;  // no event is as long
  SegmentBytes bytes(state_.files.disk(), state_.Find(segment.name), segment.log);
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

}  // namespace pdr::verify

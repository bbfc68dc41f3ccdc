#include "verify/segment_check.h"

#include <algorithm>
#include <optional>

#include "format/btree.h"
#include "format/names.h"
#include "verify/index_walk.h"

namespace pdr::verify {
namespace {

constexpr size_t kUuidKeyBytes = 16;
constexpr int64_t kFooterBytes = static_cast<int64_t>(kBtreeFooterBytes);

void CheckLength(const Registered& s, const Stored* data, bool ahead_allowed, Findings& findings) {
  const int64_t in_storage = data == nullptr ? 0 : static_cast<int64_t>(data->length);
  if (s.length == in_storage || (ahead_allowed && s.length > in_storage)) return;
  if (data == nullptr) {
    findings.Add("length-mismatch", s.name,
                 "registered with {} bytes, nothing is in Tier-2: its operations would be ignored",
                 s.length);
  } else if (s.length > in_storage) {
    findings.Add("length-mismatch", s.name,
                 "registered with {} bytes, Tier-2 has {}: the container would stop flushing",
                 s.length, in_storage);
  } else {
    findings.Add("length-mismatch", s.name,
                 "registered with {} bytes, Tier-2 has {}: appends in between would be lost",
                 s.length, in_storage);
  }
}

void CheckSeal(const Registered& s, const Stored& data, bool ahead_allowed, Findings& findings) {
  if (data.sealed && !s.sealed) {
    findings.Add("sealed-in-storage", s.name,
                 "sealed in Tier-2, registered unsealed: the first append would crash the "
                 "container again and again");
  } else if (!data.sealed && s.sealed && !ahead_allowed) {
    findings.Add("unsealed-in-storage", s.name, "registered sealed, unsealed in Tier-2");
  }
}

void CheckStart(const Registered& s, const Stored* data, Findings& findings) {
  if (s.start_offset < 0 || s.start_offset > s.length) {
    findings.Add("start-offset-beyond-length", s.name, "starts at {}, the length is {}",
                 s.start_offset, s.length);
  }
  if (data != nullptr && s.start_offset < static_cast<int64_t>(data->start) &&
      s.length > s.start_offset) {
    findings.Add("start-offset-below-data", s.name, "starts at {}, Tier-2 at {}: reads would fail",
                 s.start_offset, data->start);
  }
}

// Existence and size of the files from segment offset `from` on.
Status CheckFiles(const SegmentContext& context, const std::string& name, const Stored& stored,
                  uint64_t from, Findings& findings) {
  for (const StoredFile& f : stored.files) {
    if (f.end() <= from && f.length > 0) continue;
    ++findings.report().chunks;
    const bool last = &f == &stored.files.back();
    const StatusOr<FileStat> stat = context.files.Look(f.path);
    if (!stat.ok() && CannotJudge(stat.status())) return stat.status();
    if (!stat.ok()) {
      findings.Add("chunk-missing", name, "{}, from {} on, is not there", f.path, f.start);
    } else if (stat->size < f.length) {
      findings.Add("chunk-short", name, "{} has {} bytes instead of {}: reads would hang", f.path,
                   stat->size, f.length);
    } else if (context.layout == Layout::kRolling && !last && stat->size > f.length) {
      findings.Note("chunk-long", name, "{} has {} bytes, {} of them count", f.path, stat->size,
                    f.length);
    } else if (context.layout == Layout::kRolling && !last && stat->owner_write()) {
      findings.Note("chunk-not-sealed", name, "{} is full and still writable", f.path);
    }
  }
  return OkStatus();
}

}  // namespace

Registered FromRecord(const SegmentInfo& record, const LogState& log) {
  auto mapped = log.segments.find(record.name);
  if (mapped == log.segments.end()) {
    return {record.name,   record.length,     record.start_offset,
            record.sealed, record.attributes, nullptr};
  }
  const CheckpointSegment& s = mapped->second.state;
  return {s.name, s.length, s.start_offset, s.sealed, s.attributes, &mapped->second};
}

Status CheckSegment(const SegmentContext& context, const Registered& s, const Stored* data,
                    Findings& findings) {
  ++findings.report().segments;
  // Only what production has in its log may be ahead of Tier-2.
  const bool ahead_allowed = context.files.changing() && s.log != nullptr;
  CheckLength(s, data, ahead_allowed, findings);
  CheckStart(s, data, findings);
  if (data == nullptr) return OkStatus();
  CheckSeal(s, *data, ahead_allowed, findings);
  const uint64_t from = context.layout == Layout::kChunked
                            ? 0
                            : static_cast<uint64_t>(std::max<int64_t>(0, s.start_offset));
  return CheckFiles(context, s.name, *data, from, findings);
}

Status CheckIndexFiles(const SegmentContext& context, const Registered& s, const Stored& index,
                       bool walk, Findings& findings) {
  const std::string name = AttributeIndexName(s.name);
  const uint64_t from = context.layout == Layout::kChunked ? 0 : index.start;
  RETURN_IF_ERROR(CheckFiles(context, name, index, from, findings));
  const std::optional<int64_t> footer = FooterOf(s.attributes, context.layout);
  if (footer.has_value() &&
      (*footer < 0 || *footer > static_cast<int64_t>(index.length) - kFooterBytes)) {
    findings.Add("root-pointer-invalid", s.name,
                 "root pointer {}, the attribute index has {} bytes: writers could not connect",
                 *footer, index.length);
    return OkStatus();
  }
  if (!walk) return OkStatus();
  SegmentBytes bytes(context.files.disk(), &index, nullptr);
  Status walked = WalkIndex(bytes, footer, kUuidKeyBytes, [](const std::string&, int64_t) {});
  if (CannotJudge(walked)) return walked;
  if (!walked.ok()) {
    findings.Add("index-unreadable", s.name, "attribute index: {}", Message(walked));
  }
  return OkStatus();
}

void CheckFreshRecord(const SegmentInfo& record, Findings& findings) {
  if (record.segment_id != kNoSegmentId) {
    findings.Add("segment-id-kept", record.name, "the record carries the old id {}",
                 record.segment_id);
  }
  if (auto it = record.attributes.find(kPersistSequenceNumber); it != record.attributes.end()) {
    findings.Add("persist-sequence-number-kept", record.name,
                 "attribute 8 is {}: later attribute updates would be dropped silently",
                 it->second);
  }
  if (IsTransient(record.name)) {
    findings.Add("transient-registered", record.name, "transient segments do not survive a loss");
  }
  if (IsGcQueue(record.name) && record.length != record.start_offset) {
    findings.Add("gc-queue-not-empty", record.name,
                 "{} bytes of old tasks: the data files they name would be deleted",
                 record.length - record.start_offset);
  }
}

}  // namespace pdr::verify

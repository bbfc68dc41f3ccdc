#include "tier1/durable_log.h"

#include <algorithm>
#include <charconv>

#include "format/data_frame.h"

namespace pdr {
namespace {

// How many ledgers that hold data must be fenced to shut out an earlier writer: it may have died
// between creating a ledger and closing the one before (durable-log.md section 1).
constexpr size_t kMinFencedLedgers = 2;
constexpr int kRepairLogId = 2147483647;
constexpr const char* kApplicationKey = "application";
constexpr const char* kApplication = "Pravega";
constexpr const char* kLogIdKey = "BookKeeperLogId";

std::map<std::string, std::string> CustomMetadata(int container) {
  return {{kApplicationKey, kApplication}, {kLogIdKey, std::to_string(container)}};
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return tolower(x) == tolower(y); });
}

// The log a ledger says it belongs to; nothing if it does not say.
std::optional<int> LedgerOwner(const LedgerReader& ledger) {
  const auto& properties = ledger.custom_metadata();
  const auto application = properties.find(kApplicationKey);
  const auto id = properties.find(kLogIdKey);
  if (application == properties.end() || id == properties.end()) return std::nullopt;
  if (!EqualsIgnoringCase(application->second, kApplication)) return std::nullopt;
  int owner = 0;
  const char* end = id->second.data() + id->second.size();
  const auto parsed = std::from_chars(id->second.data(), end, owner);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return owner;
}

Status CheckFrameSize(std::string_view frame) {
  if (!frame.empty() && frame.size() <= kMaxFrameBytes) return OkStatus();
  return InvalidArgument("a data frame has 1 to {} bytes, not {}", kMaxFrameBytes, frame.size());
}

void UpdateStatus(LedgerRecord& record, int64_t last_confirmed) {
  if (record.status != LedgerStatus::kUnknown) return;
  record.status = last_confirmed < 0 ? LedgerStatus::kEmpty : LedgerStatus::kNotEmpty;
}

// Takes out the empty ledgers, keeping the last two of the list in any case; returns their ids.
std::vector<int64_t> DropEmptyLedgers(LogMetadata& metadata) {
  std::vector<int64_t> dropped;
  std::vector<LedgerRecord> kept;
  for (size_t i = 0; i < metadata.ledgers.size(); ++i) {
    const LedgerRecord& ledger = metadata.ledgers[i];
    const bool recent = i + kMinFencedLedgers >= metadata.ledgers.size();
    if (recent || ledger.status != LedgerStatus::kEmpty) {
      kept.push_back(ledger);
    } else {
      dropped.push_back(ledger.ledger_id);
    }
  }
  metadata.ledgers = std::move(kept);
  return dropped;
}

// Where reading begins: an index into the ledgers and an entry. durable-log.md, Reading order.
StatusOr<std::pair<size_t, int64_t>> FirstAddress(const LogMetadata& metadata) {
  const LogAddress& truncation = metadata.truncation;
  if (metadata.ledgers.empty()) return std::pair<size_t, int64_t>(0, 0);
  if (truncation.ledger_sequence() < metadata.ledgers.front().sequence) {
    return std::pair<size_t, int64_t>(0, 0);
  }
  for (size_t i = 0; i < metadata.ledgers.size(); ++i) {
    if (metadata.ledgers[i].ledger_id != truncation.ledger_id) continue;
    return std::pair<size_t, int64_t>(i, truncation.entry_id() + 1);
  }
  return DataLoss("the log is truncated in ledger {}, which it does not list",
                  truncation.ledger_id);
}

}  // namespace

std::string DurableLog::metadata_path() const {
  const Tier1Config& config = tier1_.config;
  return config.LogMetadataRoot() + LogMetadataPath(container_, config.zk_metadata_depth);
}

StatusOr<std::optional<VersionedLogMetadata>> DurableLog::Load() {
  const std::string path = metadata_path();
  auto node = tier1_.metadata->Get(path);
  if (node.status().code() == StatusCode::kNotFound) return std::optional<VersionedLogMetadata>();
  if (!node.ok()) return Annotate(node.status(), path);
  auto metadata = DecodeLogMetadata(node->data);
  if (!metadata.ok()) return Annotate(metadata.status(), path);
  return VersionedLogMetadata{*std::move(metadata), node->version};
}

StatusOr<int32_t> DurableLog::Reconcile(const LogMetadata& metadata, const Status& failure) {
  const StatusCode code = failure.code();
  if (code != StatusCode::kAborted && code != StatusCode::kAlreadyExists &&
      code != StatusCode::kUnavailable) {
    return failure;
  }
  ASSIGN_OR_RETURN(auto stored, Load());
  if (stored.has_value() && stored->metadata == metadata) return stored->version;
  return failure;
}

Status DurableLog::Reserve(const LogMetadata& metadata) {
  const std::string path = metadata_path();
  Status created = tier1_.metadata->Create(path, EncodeLogMetadata(metadata), false);
  if (created.ok()) return created;
  return Annotate(Reconcile(metadata, created).status(), path);
}

StatusOr<int32_t> DurableLog::Store(const LogMetadata& metadata, int32_t expected_version) {
  const std::string path = metadata_path();
  auto version = tier1_.metadata->Set(path, EncodeLogMetadata(metadata), expected_version);
  if (version.ok()) return version;
  auto reconciled = Reconcile(metadata, version.status());
  if (!reconciled.ok()) return Annotate(reconciled.status(), path);
  return reconciled;
}

Status DurableLog::CheckLedger(int64_t id, const std::vector<std::string>& frames) {
  ASSIGN_OR_RETURN(auto reader, tier1_.ledgers->OpenReadOnly(id));
  const auto last = static_cast<int64_t>(frames.size()) - 1;
  if (reader->last_confirmed() != last || LedgerOwner(*reader) != container_) {
    return DataLoss("ledger {} was written with last entry {}, but reads back with {}", id, last,
                    reader->last_confirmed());
  }
  for (int64_t entry = 0; entry <= last; ++entry) {
    ASSIGN_OR_RETURN(const std::string bytes, reader->Read(entry));
    if (bytes != frames[static_cast<size_t>(entry)]) {
      return DataLoss("ledger {}, entry {}, does not read back as it was written", id, entry);
    }
  }
  return OkStatus();
}

StatusOr<int64_t> DurableLog::WriteLedger(const std::vector<std::string>& frames,
                                          const std::string& run_id) {
  for (const std::string& frame : frames) RETURN_IF_ERROR(CheckFrameSize(frame));
  std::map<std::string, std::string> custom = CustomMetadata(container_);
  custom[std::string(kRunKey)] = run_id;
  ASSIGN_OR_RETURN(auto writer, tier1_.ledgers->Create(custom));
  for (const std::string& frame : frames) RETURN_IF_ERROR(writer->Append(frame));
  RETURN_IF_ERROR(writer->Close());
  RETURN_IF_ERROR(CheckLedger(writer->id(), frames));
  return writer->id();
}

Status DurableLog::Fence(LogMetadata& metadata) {
  size_t with_data = 0;
  for (size_t i = metadata.ledgers.size(); i-- > 0 && with_data < kMinFencedLedgers;) {
    LedgerRecord& ledger = metadata.ledgers[i];
    auto reader = tier1_.ledgers->OpenFenced(ledger.ledger_id);
    const bool gone = reader.status().code() == StatusCode::kNotFound;
    if (gone && ledger.status == LedgerStatus::kEmpty) continue;
    if (!reader.ok()) return Annotate(reader.status(), fmt::format("log {}", container_));
    if ((*reader)->last_confirmed() >= 0) ++with_data;
    UpdateStatus(ledger, (*reader)->last_confirmed());
  }
  return OkStatus();
}

Status DurableLog::AddLedger(const std::optional<VersionedLogMetadata>& loaded, int64_t ledger_id,
                             std::vector<int64_t>& dropped) {
  LogMetadata next;
  next.enabled = true;
  uint32_t sequence = 1;
  if (loaded.has_value()) {
    next = loaded->metadata;
    ++next.epoch;
    if (!next.ledgers.empty()) {
      if (ledger_id <= next.ledgers.back().ledger_id) {
        return DataLoss(
            "log {} lists ledger {}, but new ledgers are numbered from {}: the ledger "
            "store was replaced under it",
            container_, next.ledgers.back().ledger_id, ledger_id);
      }
      sequence = next.ledgers.back().sequence + 1;
    }
  }
  next.ledgers.push_back({ledger_id, sequence, LedgerStatus::kUnknown});
  if (!loaded.has_value()) {
    RETURN_IF_ERROR(Reserve(next));
    current_ = {next, 0};
    return OkStatus();
  }
  dropped = DropEmptyLedgers(next);
  ASSIGN_OR_RETURN(const int32_t version, Store(next, loaded->version));
  current_ = {next, version};
  return OkStatus();
}

Status DurableLog::Initialize() {
  if (writer_ != nullptr) return FailedPrecondition("log {} is already initialized", container_);
  ASSIGN_OR_RETURN(auto loaded, Load());
  if (loaded.has_value()) {
    if (!loaded->metadata.enabled) return FailedPrecondition("log {} is disabled", container_);
    RETURN_IF_ERROR(Fence(loaded->metadata));
  }
  ASSIGN_OR_RETURN(auto writer, tier1_.ledgers->Create(CustomMetadata(container_)));
  std::vector<int64_t> dropped;
  if (Status added = AddLedger(loaded, writer->id(), dropped); !added.ok()) {
    // After Unavailable the record may still name the new ledger, so it must stay.
    if (added.code() != StatusCode::kUnavailable) {
      tier1_.ledgers->Delete(writer->id()).IgnoreError();
    }
    return added;
  }
  writer_ = std::move(writer);
  for (int64_t id : dropped) tier1_.ledgers->Delete(id).IgnoreError();
  return OkStatus();
}

Status DurableLog::Append(std::string_view frame) {
  if (writer_ == nullptr) return FailedPrecondition("log {} is not initialized", container_);
  RETURN_IF_ERROR(CheckFrameSize(frame));
  RETURN_IF_ERROR(writer_->Append(frame));
  return writer_->Flush();
}

Status DurableLog::Close() {
  if (writer_ == nullptr) return OkStatus();
  const Status closed = writer_->Close();
  writer_.reset();
  return closed;
}

Status DurableLog::ReadLedger(const LedgerRecord& record, int64_t first_entry,
                              const FrameVisitor& visit) {
  auto opened = tier1_.ledgers->OpenReadOnly(record.ledger_id);
  if (!opened.ok()) return Annotate(opened.status(), fmt::format("log {}", container_));
  LedgerReader& reader = **opened;
  const std::optional<int> owner = LedgerOwner(reader);
  if (owner.has_value() && *owner != container_ && *owner != kRepairLogId) {
    return DataLoss("log {} lists ledger {}, which belongs to log {}", container_, record.ledger_id,
                    *owner);
  }
  for (int64_t entry = first_entry; entry <= reader.last_confirmed(); ++entry) {
    ASSIGN_OR_RETURN(const std::string frame, reader.Read(entry));
    const uint64_t sequence = uint64_t{record.sequence} << 32 | static_cast<uint32_t>(entry);
    RETURN_IF_ERROR(visit(frame, LogAddress{sequence, record.ledger_id}));
  }
  return OkStatus();
}

Status DurableLog::ReadAll(const FrameVisitor& visit) {
  ASSIGN_OR_RETURN(const auto loaded, Load());
  if (!loaded.has_value()) return NotFound("log {} was never created", container_);
  const LogMetadata& metadata = loaded->metadata;
  ASSIGN_OR_RETURN(const auto first, FirstAddress(metadata));
  for (size_t i = first.first; i < metadata.ledgers.size(); ++i) {
    const int64_t first_entry = i == first.first ? first.second : 0;
    RETURN_IF_ERROR(ReadLedger(metadata.ledgers[i], first_entry, visit));
  }
  return OkStatus();
}

}  // namespace pdr

#include "verify/log_boot.h"

#include <deque>
#include <memory>
#include <utility>

#include "format/data_frame.h"
#include "format/log_metadata.h"
#include "format/names.h"

namespace pdr::verify {
namespace {

constexpr size_t kRepeatWindow = 25;  // production forgives repeats of this many last records
constexpr std::string_view kOwnerKey = "BookKeeperLogId";
constexpr std::string_view kRepairLogId = "2147483647";

// Frames in log order -> operations -> replay. The first violation ends the boot.
class LogReader {
 public:
  explicit LogReader(int container) : replay_(container) {}

  Status Feed(std::string_view frame, const LogAddress& address) {
    ASSIGN_OR_RETURN(std::vector<DataFrameReader::Record> records, frames_.Feed(frame, address));
    for (const DataFrameReader::Record& record : records) {
      ASSIGN_OR_RETURN(Operation operation, DecodeOperation(record.bytes));
      ASSIGN_OR_RETURN(bool repeat, IsRepeat(operation.sequence_number, record.bytes));
      if (!repeat) RETURN_IF_ERROR(replay_.Apply(operation));
    }
    return OkStatus();
  }

  Replay& replay() { return replay_; }
  int64_t last_sequence_number() const { return recent_.empty() ? 0 : recent_.back().first; }

 private:
  // A frame may have been written twice around a ledger rollover.
  StatusOr<bool> IsRepeat(int64_t number, const std::string& bytes) {
    if (recent_.empty() || number > recent_.back().first) {
      recent_.emplace_back(number, bytes);
      if (recent_.size() > kRepeatWindow) recent_.pop_front();
      return false;
    }
    for (const auto& [seen, seen_bytes] : recent_) {
      if (seen == number && seen_bytes == bytes) return true;
    }
    return DataLoss("operation {} follows operation {}", number, recent_.back().first);
  }

  DataFrameReader frames_;
  Replay replay_;
  std::deque<std::pair<int64_t, std::string>> recent_;
};

// Nothing: there is no usable record.
StatusOr<std::optional<LogMetadata>> LoadMetadata(Tier1& tier1, int container,
                                                  bool disabled_is_right, Findings& findings) {
  const std::string path =
      tier1.config.LogMetadataRoot() + LogMetadataPath(container, tier1.config.zk_metadata_depth);
  StatusOr<Node> node = tier1.metadata->Get(path);
  if (node.status().code() == StatusCode::kNotFound) {
    findings.Add("log-metadata-missing", "",
                 "{} does not exist: the container would boot as new and empty", path);
    return std::nullopt;
  }
  if (!node.ok()) return Annotate(node.status(), path);
  StatusOr<LogMetadata> metadata = DecodeLogMetadata(node->data);
  if (!metadata.ok()) {
    findings.Add("log-metadata-unreadable", "", "{}: {}", path, Message(metadata.status()));
    return std::nullopt;
  }
  if (metadata->enabled == disabled_is_right) {
    findings.Add(metadata->enabled ? "log-enabled-early" : "log-disabled", "", "{} is {}", path,
                 metadata->enabled ? "enabled already" : "disabled: the container stays offline");
  }
  if (metadata->epoch < 1) {
    findings.Add("log-metadata-unreadable", "", "{} has epoch {}", path, metadata->epoch);
    return std::nullopt;
  }
  const std::vector<LedgerRecord>& ledgers = metadata->ledgers;
  for (size_t i = 1; i < ledgers.size(); ++i) {
    if (ledgers[i].ledger_id > ledgers[i - 1].ledger_id &&
        ledgers[i].sequence > ledgers[i - 1].sequence) {
      continue;
    }
    findings.Add("log-metadata-unreadable", "", "{}: ledger {} (sequence {}) follows {} ({})", path,
                 ledgers[i].ledger_id, ledgers[i].sequence, ledgers[i - 1].ledger_id,
                 ledgers[i - 1].sequence);
    return std::nullopt;
  }
  return std::move(metadata).value();
}

// False: a finding says why the log cannot be read on.
StatusOr<bool> ReadLedger(Tier1& tier1, const LedgerRecord& ledger, int64_t first_entry,
                          LogReader& log, Findings& findings) {
  StatusOr<std::unique_ptr<LedgerReader>> opened = tier1.ledgers->OpenReadOnly(ledger.ledger_id);
  if (!opened.ok()) {
    const Status& status = opened.status();
    if (CannotJudge(status)) return Annotate(status, fmt::format("ledger {}", ledger.ledger_id));
    if (status.code() == StatusCode::kNotFound && ledger.status == LedgerStatus::kEmpty)
      return true;
    findings.Add("ledger-unreadable", "", "ledger {}: {}", ledger.ledger_id, Message(status));
    return false;
  }
  LedgerReader& reader = **opened;
  auto owner = reader.custom_metadata().find(std::string(kOwnerKey));
  if (owner != reader.custom_metadata().end() && owner->second != kRepairLogId &&
      owner->second != std::to_string(findings.container())) {
    findings.Add("ledger-foreign", "", "ledger {} belongs to log {}", ledger.ledger_id,
                 owner->second);
    return false;
  }
  for (int64_t entry = first_entry; entry <= reader.last_confirmed(); ++entry) {
    StatusOr<std::string> frame = reader.Read(entry);
    if (!frame.ok()) {
      if (CannotJudge(frame.status())) return frame.status();
      findings.Add("ledger-unreadable", "", "ledger {} entry {}: {}", ledger.ledger_id, entry,
                   Message(frame.status()));
      return false;
    }
    const LogAddress address{
        (static_cast<uint64_t>(ledger.sequence) << 32) | static_cast<uint64_t>(entry),
        ledger.ledger_id};
    if (Status fed = log.Feed(*frame, address); !fed.ok()) {
      findings.Add("log-corrupt", "", "ledger {} entry {}: {}; production would disable the log",
                   ledger.ledger_id, entry, Message(fed));
      return false;
    }
  }
  return true;
}

bool OnlySystemTables(const std::map<std::string, LogSegment>& segments, int container) {
  for (const auto& [name, segment] : segments) {
    if (name != MetadataSegmentName(container) && name != StorageMetadataSegmentName(container)) {
      return false;
    }
  }
  return true;
}

}  // namespace

StatusOr<std::optional<LogState>> BootLog(Tier1& tier1, int container, bool disabled_is_right,
                                          Findings& findings) {
  ASSIGN_OR_RETURN(std::optional<LogMetadata> metadata,
                   LoadMetadata(tier1, container, disabled_is_right, findings));
  if (!metadata.has_value()) return std::nullopt;
  LogReader log(container);
  const LogAddress& truncation = metadata->truncation;
  for (const LedgerRecord& ledger : metadata->ledgers) {
    if (ledger.sequence < truncation.ledger_sequence()) continue;
    const int64_t first =
        ledger.sequence == truncation.ledger_sequence() ? truncation.entry_id() + 1 : 0;
    ASSIGN_OR_RETURN(bool readable, ReadLedger(tier1, ledger, first, log, findings));
    if (!readable) return std::nullopt;
  }
  if (!log.replay().has_checkpoint()) {
    findings.Add("log-without-checkpoint", "",
                 "none of the {} ledgers holds a checkpoint: the container would boot as new and "
                 "empty",
                 metadata->ledgers.size());
    return std::nullopt;
  }
  LogState state;
  state.epoch = metadata->epoch + 1;
  state.last_sequence_number = log.last_sequence_number();
  const bool more_operations = log.replay().operations() > 1;
  state.segments = log.replay().TakeSegments();
  state.written = more_operations || !OnlySystemTables(state.segments, container);
  return state;
}

}  // namespace pdr::verify

#include "container/log_dump.h"

#include "base/hash.h"
#include "container/log_replay.h"
#include "format/checkpoint.h"
#include "format/data_frame.h"
#include "format/operation.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

using Fields = std::vector<std::pair<std::string, LogValue>>;

std::string_view StatusName(LedgerStatus status) {
  switch (status) {
    case LedgerStatus::kUnknown:
      return "Unknown";
    case LedgerStatus::kEmpty:
      return "Empty";
    case LedgerStatus::kNotEmpty:
      return "NotEmpty";
  }
  return "";
}

std::string IdText(const AttributeId& id) {
  if (id.high == kCoreHigh) return fmt::format("core:{}", id.low);
  return fmt::format("{:016x}{:016x}", static_cast<uint64_t>(id.high),
                     static_cast<uint64_t>(id.low));
}

std::string AttributesText(const Attributes& attributes) {
  std::string text;
  for (const auto& [id, value] : attributes) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", IdText(id), value);
  }
  return text;
}

std::string UpdatesText(const std::vector<AttributeUpdate>& updates,
                        const std::vector<VariableAttributeUpdate>& variable = {}) {
  std::string text;
  for (const AttributeUpdate& u : updates) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", IdText(u.id), u.value);
  }
  for (const VariableAttributeUpdate& u : variable) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", ToHex(u.id), u.value);
  }
  return text;
}

void AddAttributes(Fields& fields, const std::string& text) {
  if (!text.empty()) fields.emplace_back("attributes", text);
}

Fields Describe(const AppendOperation& op) {
  Fields fields = {{"segment_id", op.segment_id},
                   {"offset", op.offset},
                   {"length", static_cast<int64_t>(op.data.size())}};
  AddAttributes(fields, UpdatesText(op.updates, op.variable_updates));
  return fields;
}
Fields Describe(const SealOperation& op) {
  return {{"segment_id", op.segment_id}, {"offset", op.offset}};
}
Fields Describe(const MergeOperation& op) {
  Fields fields = {{"segment_id", op.target_id},
                   {"source_id", op.source_id},
                   {"length", op.length},
                   {"offset", op.offset}};
  AddAttributes(fields, UpdatesText(op.updates));
  return fields;
}
Fields Describe(const MapOperation& op) {
  Fields fields = {
      {"segment_id", op.segment_id}, {"segment", op.name},  {"start_offset", op.start_offset},
      {"length", op.length},         {"sealed", op.sealed}, {"pinned", op.pinned}};
  AddAttributes(fields, AttributesText(op.attributes));
  return fields;
}
Fields Describe(const UpdateAttributesOperation& op) {
  Fields fields = {{"segment_id", op.segment_id}};
  AddAttributes(fields, UpdatesText(op.updates, op.variable_updates));
  return fields;
}
Fields Describe(const TruncateOperation& op) {
  return {{"segment_id", op.segment_id}, {"offset", op.offset}};
}
Fields Describe(const MetadataCheckpointOperation& op) {
  return {{"length", static_cast<int64_t>(op.contents.size())}};
}
Fields Describe(const StorageMetadataCheckpointOperation& op) {
  return {{"length", static_cast<int64_t>(op.contents.size())}};
}
Fields Describe(const DeleteOperation& op) {
  return {{"segment_id", op.segment_id}, {"offset", op.offset}};
}

LogRow ErrorRow(const Status& status) {
  return {"error", {{"message", std::string(Message(status))}}};
}

class Dumper {
 public:
  Dumper(Tier1& tier1, int container) : tier1_(tier1), log_(tier1, container), replay_(container) {}

  StatusOr<std::vector<LogRow>> Run() {
    auto loaded = log_.Load();
    if (loaded.status().code() == StatusCode::kDataLoss) {
      rows_.push_back(ErrorRow(loaded.status()));
      return std::move(rows_);
    }
    RETURN_IF_ERROR(loaded.status());
    AddRecord(*loaded);
    if (!loaded->has_value()) return std::move(rows_);
    for (const LedgerRecord& ledger : (*loaded)->metadata.ledgers) {
      RETURN_IF_ERROR(AddLedger(ledger));
    }
    Status read = log_.ReadAll([&](std::string_view frame, const LogAddress& address) {
      return AddFrame(frame, address);
    });
    if (read.code() == StatusCode::kUnavailable) return read;
    if (!read.ok()) rows_.push_back(ErrorRow(read));
    AddVerdict(read);
    return std::move(rows_);
  }

 private:
  void AddRecord(const std::optional<VersionedLogMetadata>& loaded) {
    Fields fields = {{"container", int64_t{log_.container()}},
                     {"path", log_.metadata_path()},
                     {"exists", loaded.has_value()}};
    if (loaded.has_value()) {
      const LogMetadata& m = loaded->metadata;
      fields.emplace_back("version", int64_t{loaded->version});
      fields.emplace_back("enabled", m.enabled);
      fields.emplace_back("epoch", static_cast<int64_t>(m.epoch));
      fields.emplace_back("truncation_ledger", m.truncation.ledger_id);
      fields.emplace_back("truncation_sequence", int64_t{m.truncation.ledger_sequence()});
      fields.emplace_back("truncation_entry", m.truncation.entry_id());
      fields.emplace_back("ledgers", static_cast<int64_t>(m.ledgers.size()));
    }
    rows_.push_back({"log", std::move(fields)});
  }

  Status AddLedger(const LedgerRecord& ledger) {
    LogRow row{"ledger",
               {{"ledger", ledger.ledger_id},
                {"sequence", int64_t{ledger.sequence}},
                {"status", std::string(StatusName(ledger.status))}}};
    auto reader = tier1_.ledgers->OpenReadOnly(ledger.ledger_id);
    if (reader.status().code() == StatusCode::kUnavailable) return reader.status();
    if (reader.ok()) {
      row.fields.emplace_back("last_entry", (*reader)->last_confirmed());
      for (const auto& [key, value] : (*reader)->custom_metadata()) {
        row.fields.emplace_back(key, value);
      }
    }
    rows_.push_back(std::move(row));
    if (!reader.ok()) rows_.push_back(ErrorRow(reader.status()));
    return OkStatus();
  }

  Status AddFrame(std::string_view frame, const LogAddress& address) {
    rows_.push_back({"frame",
                     {{"ledger", address.ledger_id},
                      {"sequence", int64_t{address.ledger_sequence()}},
                      {"entry", address.entry_id()},
                      {"length", static_cast<int64_t>(frame.size())}}});
    // The verdict is the replay's; the rows go on after a violation that is not one of framing.
    replay_.Feed(frame, address).IgnoreError();
    ASSIGN_OR_RETURN(const auto records, frames_.Feed(frame, address));
    for (const DataFrameReader::Record& record : records) {
      ASSIGN_OR_RETURN(const Operation operation, DecodeOperation(record.bytes));
      AddOperation(operation);
    }
    return OkStatus();
  }

  void AddOperation(const Operation& operation) {
    Fields fields = {{"sequence_number", operation.sequence_number},
                     {"name", std::string(OperationName(operation))}};
    const Fields details = std::visit([](const auto& op) { return Describe(op); }, operation.body);
    fields.insert(fields.end(), details.begin(), details.end());
    rows_.push_back({"operation", std::move(fields)});
    if (const auto* full = std::get_if<MetadataCheckpointOperation>(&operation.body)) {
      AddCheckpoint(*full);
    } else if (const auto* storage =
                   std::get_if<StorageMetadataCheckpointOperation>(&operation.body)) {
      AddCheckpoint(*storage);
    }
  }

  void AddCheckpoint(const MetadataCheckpointOperation& op) {
    const auto checkpoint = DecodeMetadataCheckpoint(op.contents);
    if (!checkpoint.ok()) {
      rows_.push_back(ErrorRow(checkpoint.status()));
      return;
    }
    for (const CheckpointSegment& s : checkpoint->segments) {
      Fields fields = {{"segment_id", s.segment_id},
                       {"segment", s.name},
                       {"start_offset", s.start_offset},
                       {"length", s.length},
                       {"storage_length", s.storage_length},
                       {"merged", s.merged},
                       {"sealed", s.sealed},
                       {"sealed_in_storage", s.sealed_in_storage},
                       {"deleted", s.deleted},
                       {"deleted_in_storage", s.deleted_in_storage},
                       {"last_modified", s.last_modified}};
      AddAttributes(fields, AttributesText(s.attributes));
      rows_.push_back({"segment", std::move(fields)});
    }
  }

  void AddCheckpoint(const StorageMetadataCheckpointOperation& op) {
    const auto segments = DecodeStorageMetadataCheckpoint(op.contents);
    if (!segments.ok()) {
      rows_.push_back(ErrorRow(segments.status()));
      return;
    }
    for (const StorageCheckpointSegment& s : *segments) {
      rows_.push_back({"segment",
                       {{"segment_id", s.segment_id},
                        {"storage_length", s.storage_length},
                        {"sealed_in_storage", s.sealed_in_storage},
                        {"deleted", s.deleted},
                        {"deleted_in_storage", s.deleted_in_storage}}});
    }
  }

  void AddVerdict(const Status& read) {
    auto result = replay_.Finish();
    Status status = result.status();
    if (status.ok()) status = read;
    LogRow row{"verdict", {{"accepted", status.ok()}}};
    if (status.ok()) {
      row.fields.emplace_back("operations", static_cast<int64_t>(result->operations));
      row.fields.emplace_back("last_sequence_number", result->last_sequence_number);
      row.fields.emplace_back("segments", static_cast<int64_t>(result->segments.size()));
    } else {
      row.fields.emplace_back("violation", std::string(Message(status)));
    }
    rows_.push_back(std::move(row));
  }

  Tier1& tier1_;
  DurableLog log_;
  LogReplay replay_;
  DataFrameReader frames_;
  std::vector<LogRow> rows_;
};

}  // namespace

StatusOr<std::vector<LogRow>> DumpLog(Tier1& tier1, int container) {
  return Dumper(tier1, container).Run();
}

}  // namespace pdr

#include "recovery/controller_tables.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

namespace pdr {
namespace {

// The number behind a key's prefix; nothing when the key is another one.
template <typename Number>
std::optional<Number> NumberAfter(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  Number number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return number;
}

template <typename Value>
void Assign(std::optional<Value>&& from, Value& to) {
  if (from) to = *std::move(from);
}

template <typename Record>
StatusOr<Record> CheckedEpoch(StatusOr<Record> record, int32_t key) {
  if (record.ok() && record->epoch != key) {
    return DataLoss("epoch {} under the key of epoch {}", record->epoch, key);
  }
  return record;
}

// True when the current epoch and its record were read; reports what is missing below it.
template <typename Evidence>
bool CheckEpochs(TableReading& reading, const std::string& table, const Evidence& evidence) {
  if (evidence.current_epoch < 0) {
    reading.Missing(table, kCurrentEpochKey);
    return false;
  }
  const auto above = evidence.epochs.upper_bound(evidence.current_epoch);
  const auto present = static_cast<int64_t>(std::distance(evidence.epochs.begin(), above));
  if (present <= evidence.current_epoch) {
    reading.Missing(
        table, fmt::format("{} of {} epoch records", int64_t{evidence.current_epoch} + 1 - present,
                           int64_t{evidence.current_epoch} + 1));
  }
  return evidence.epochs.contains(evidence.current_epoch);
}

class StreamReader {
 public:
  StreamReader(TableReading& reading, StreamEvidence& stream)
      : reading_(reading),
        stream_(stream),
        table_(StreamMetadataTable(stream.scope, stream.name, stream.id)) {}

  void Read() {
    const auto values = reading_.Read(table_);
    stream_.readable = !reading_.unreadable();
    const bool has_state = values && values->contains(std::string(kStateKey));
    stream_.unrecorded = stream_.readable && !has_state;
    if (values) {
      bool state_read = false;
      for (const auto& [key, value] : *values) {
        state_read |= key == kStateKey && ReadState(value);
        Record(key, value);
      }
      if (!has_state) reading_.Missing(table_, kStateKey);
      stream_.complete = CheckEpochs(reading_, table_, stream_) && state_read;
      NoteSuccessors(*values);
      for (const auto& [number, epoch] : stream_.epochs) {
        for (const SegmentRecord& segment : epoch.segments) {
          stream_.segments.emplace(segment.id, number);
        }
      }
      std::sort(stream_.retention_cuts.begin(), stream_.retention_cuts.end(),
                [](const RetentionCut& a, const RetentionCut& b) { return a.time < b.time; });
    }
    ReadTransactions();
    MarkCommitting();
    const auto marks =
        ReadOwn(WritersPositionsTable(stream_.scope, stream_.name, stream_.id), true);
    stream_.has_writer_marks = marks && !marks->empty();
  }

 private:
  std::optional<TableValues> ReadOwn(const std::string& table, bool optional = false) {
    std::optional<TableValues> values = reading_.Read(table, optional);
    if (reading_.missing()) stream_.missing_tables.insert(table);
    return values;
  }

  void NoteSuccessors(const TableValues& values) {
    if (stream_.state == StreamState::kSealing) return;  // nothing is to follow
    for (const SegmentId id : stream_.BeingSealed()) {
      const std::string key = fmt::format("{}{}", kSealedEpochPrefix, SegmentIdAsLong(id));
      if (!values.contains(key)) stream_.successors_unknown.insert(id);
    }
  }

  bool ReadState(std::string_view value) {
    const auto state = reading_.Decoded(table_, kStateKey, DecodeStreamState(value));
    if (state) stream_.state = *state;
    return state.has_value();
  }

  void Record(const std::string& key, const std::string& value) {
    const auto decoded = [&](auto result) {
      return reading_.Decoded(table_, key, std::move(result));
    };
    if (key == kCreationTimeKey) {
      Assign(decoded(DecodeLong(value)), stream_.creation_time);
    } else if (key == kCurrentEpochKey) {
      Assign(decoded(DecodeInt(value)), stream_.current_epoch);
    } else if (key == kConfigurationKey) {
      stream_.configuration = decoded(DecodeStreamConfiguration(value));
    } else if (key == kTruncationKey) {
      Assign(decoded(DecodeTruncationRecord(value)), stream_.truncation);
    } else if (key == kEpochTransitionKey) {
      Assign(decoded(DecodeEpochTransition(value)), stream_.transition);
    } else if (key == kCommittingTransactionsKey) {
      Assign(decoded(DecodeCommittingTransactions(value)), stream_.committing);
    } else if (const auto epoch = NumberAfter<int32_t>(key, kEpochRecordPrefix)) {
      auto record = decoded(CheckedEpoch(DecodeEpochRecord(value), *epoch));
      if (record) stream_.epochs.emplace(*epoch, *std::move(record));
    } else if (NumberAfter<int32_t>(key, kSealedSizesPrefix)) {
      if (auto sizes = decoded(DecodeSealedSizes(value))) stream_.sealed_sizes.merge(*sizes);
    } else if (NumberAfter<int64_t>(key, kRetentionCutPrefix)) {
      if (auto cut = decoded(DecodeRetentionCut(value))) {
        stream_.retention_cuts.push_back(*std::move(cut));
      }
    }
  }

  void ReadTransactions() {
    // Only original epochs have a table; the list of epochs may lag behind the tables.
    std::set<int32_t> optional_epochs;
    for (const auto& [number, epoch] : stream_.epochs) {
      if (epoch.reference_epoch == number) optional_epochs.insert(number);
    }
    const std::string list = EpochsWithTransactionsTable(stream_.scope, stream_.name, stream_.id);
    const auto epochs = ReadOwn(list);
    if (epochs || reading_.missing()) stream_.transaction_epochs.emplace();
    if (epochs) {
      for (const auto& [key, value] : *epochs) {
        const auto epoch = NumberAfter<int32_t>(key, "");
        if (!epoch) {
          reading_.Unreadable(list, key, DataLoss("not an epoch"));
          continue;
        }
        stream_.transaction_epochs->insert(*epoch);
        optional_epochs.erase(*epoch);
        ReadTransactionsOf(*epoch, false);
      }
    }
    for (int32_t epoch : optional_epochs) ReadTransactionsOf(epoch, true);
  }

  void ReadTransactionsOf(int32_t epoch, bool optional) {
    const std::string table =
        TransactionsInEpochTable(stream_.scope, stream_.name, epoch, stream_.id);
    const auto values = ReadOwn(table, optional);
    if (!values) return;
    for (const auto& [key, value] : *values) {
      const auto id = ParseUuidText(key);
      if (!id) {
        reading_.Unreadable(table, key, DataLoss("not a transaction id"));
        continue;
      }
      TransactionEvidence& transaction = stream_.transactions[*id];
      transaction.epoch = epoch;
      auto record = reading_.Decoded(table, key, DecodeActiveTransaction(value));
      if (!record) continue;
      transaction.status = record->status;
      transaction.active = *std::move(record);
    }
  }

  void MarkCommitting() {
    for (const Uuid& id : stream_.committing.transactions) {
      TransactionEvidence& transaction = stream_.transactions[id];
      transaction.epoch = stream_.committing.epoch;
      transaction.committing = true;
      transaction.status = TransactionStatus::kCommitting;
    }
  }

  TableReading& reading_;
  StreamEvidence& stream_;
  const std::string table_;
};

}  // namespace

std::optional<TableValues> TableReading::Read(const std::string& table, bool optional) {
  StatusOr<TableValues> values = source_(table);
  missing_ = absl::IsNotFound(values.status());
  if (values.ok()) return std::move(values).value();
  if (!missing_) {
    unreadable_ = true;
    problems_.push_back({"controller-table-unreadable", subject_,
                         fmt::format("{}: {}", table, Message(values.status()))});
  } else if (!optional) {
    problems_.push_back({"controller-table-missing", subject_,
                         fmt::format("{}: neither data nor a record of it", table)});
  }
  return std::nullopt;
}

void TableReading::Unreadable(const std::string& table, std::string_view key, const Status& why) {
  problems_.push_back({"controller-record-unreadable", subject_,
                       fmt::format("{}, key {}: {}", table, key, Message(why))});
}

void TableReading::Missing(const std::string& table, std::string_view what) {
  problems_.push_back(
      {"controller-record-missing", subject_, fmt::format("{}: {} missing", table, what)});
}

void ReadStreamTables(TableReading& reading, StreamEvidence& stream) {
  StreamReader(reading, stream).Read();
}

void ReadKvTableTables(TableReading& reading, KvTableEvidence& table) {
  const std::string name = StreamMetadataTable(table.scope, table.name, table.id);
  const auto values = reading.Read(name);
  table.readable = !reading.unreadable();
  if (!values) return;
  for (const auto& [key, value] : *values) {
    const auto decoded = [&, key = key](auto result) {
      return reading.Decoded(name, key, std::move(result));
    };
    if (key == kStateKey) {
      Assign(decoded(DecodeLifeState(value)), table.state);
    } else if (key == kCurrentEpochKey) {
      Assign(decoded(DecodeInt(value)), table.current_epoch);
    } else if (key == kCreationTimeKey) {
      Assign(decoded(DecodeLong(value)), table.creation_time);
    } else if (key == kConfigurationKey) {
      table.configuration = decoded(DecodeKvTableConfiguration(value));
    } else if (const auto epoch = NumberAfter<int32_t>(key, kEpochRecordPrefix)) {
      auto record = decoded(CheckedEpoch(DecodeKvTableEpochRecord(value), *epoch));
      if (record) table.epochs.emplace(*epoch, *std::move(record));
    }
  }
  if (!values->contains(std::string(kStateKey))) reading.Missing(name, kStateKey);
  table.complete = CheckEpochs(reading, name, table);
}

void ReadReaderGroupTables(TableReading& reading, ReaderGroupEvidence& group) {
  const std::string name = ReaderGroupMetadataTable(group.scope, group.name, group.id);
  const auto values = reading.Read(name);
  group.readable = !reading.unreadable();
  if (!values) return;
  for (const auto& [key, value] : *values) {
    if (key == kStateKey) {
      Assign(reading.Decoded(name, key, DecodeLifeState(value)), group.state);
    } else if (key == kCreationTimeKey) {
      Assign(reading.Decoded(name, key, DecodeLong(value)), group.creation_time);
    } else if (key == kConfigurationKey) {
      group.configuration = reading.Decoded(name, key, DecodeReaderGroupConfiguration(value));
    }
  }
}

}  // namespace pdr

#include "recovery/testing/sample_controller.h"

namespace pdr {
namespace {

template <typename... Write>
std::string Object(Write&&... write) {
  ByteWriter w;
  WriteObject(w, write...);
  return w.Take();
}

std::string Ids(const std::vector<SegmentId>& ids) {
  ByteWriter w;
  WriteCompactInt(w, static_cast<uint32_t>(ids.size()));
  for (SegmentId id : ids) w.I64(SegmentIdAsLong(id));
  return w.Take();
}

void PutSegments(ByteWriter& w, const std::vector<SegmentId>& segments) {
  WriteCompactInt(w, static_cast<uint32_t>(segments.size()));
  for (SegmentId id : segments) {
    WriteObject(w,
                [&](ByteWriter& body) { body.I32(id.number).I64(0).I32(id.epoch).U64(0).U64(0); });
  }
}

template <typename Key>
int64_t ValueOr(const std::map<Key, int64_t>& values, const Key& key, int64_t otherwise) {
  const auto found = values.find(key);
  return found == values.end() ? otherwise : found->second;
}

TableValues MetadataOf(const SampleStream& stream) {
  TableValues values = {
      {"creationTime", ByteWriter().I64(stream.creation_time).Take()},
      {"state", SampleState(stream.state)},
      {"currentEpochRecord", SampleInt(stream.epoch)},
      {"epochTransition", stream.scaling.empty()
                              ? SampleTransition(kSampleNone, {}, {})
                              : SampleTransition(stream.epoch, stream.scaling, stream.scaled_to)},
      {"committingTxns", SampleCommitting(stream.committing.empty() ? kSampleNone : 0,
                                          stream.committing, stream.committing_active)},
      {"truncation",
       SampleTruncation(stream.truncation, stream.deleted, {}, stream.truncation_updating)},
  };
  for (const SegmentId id : stream.scaling) {
    if (!stream.scale_recorded) break;
    values[fmt::format("segmentSealedEpochPath-{}", SegmentIdAsLong(id))] =
        SampleInt(stream.epoch + 1);
  }
  if (stream.retention || stream.updating) {
    values["configuration"] = SampleConfiguration("any", stream.retention, stream.updating);
  }
  for (const auto& [epoch, segments] : stream.epochs) {
    auto reference = stream.references.find(epoch);
    values[fmt::format("epochRecord-{}", epoch)] =
        SampleEpoch(epoch, reference == stream.references.end() ? epoch : reference->second,
                    segments, ValueOr(stream.epoch_times, epoch, 0));
  }
  if (!stream.sealed_sizes.empty()) {
    values["segmentsSealedSizeMapShard-0"] = SampleSealedSizes(stream.sealed_sizes);
  }
  if (!stream.retention_cut.empty()) {
    values["retentionCuts-20"] = SampleRetentionCut(20, stream.retention_cut);
  }
  return values;
}

TableValues MemberTable(const SampleMember& member, std::string configuration) {
  TableValues values = {{"creationTime", std::string(8, '\1')}};
  if (member.state != 0) values["state"] = SampleState(member.state);
  if (member.configured) values["configuration"] = std::move(configuration);
  return values;
}

std::string KvConfiguration(const std::string& scope, const std::string& table) {
  return Object([&](ByteWriter& w) {
    WriteUtf(w, scope);
    WriteUtf(w, table);
    w.I32(1).I32(8).I32(0);
  });
}

std::string GroupConfiguration() {
  return Object([&](ByteWriter& w) {
    w.I64(1).I64(2).I32(3);
    WriteCompactInt(w, 0);
    w.I64(0);
    WriteCompactInt(w, 0);
    WriteCompactInt(w, 0);
    w.Bool(false);
  });
}

void PutSystemStreams(const std::vector<std::string>& names,
                      std::map<std::string, TableValues>& tables) {
  if (names.empty()) return;
  const Uuid scope{9, 9};
  tables[std::string(kScopesTable)]["_system"] = SampleId(scope);
  tables[KvTablesInScopeTable("_system", scope)];
  tables[ReaderGroupsInScopeTable("_system", scope)];
  uint64_t number = 10;
  for (const std::string& name : names) {
    const Uuid id{9, number++};
    tables[StreamsInScopeTable("_system", scope)][name] = SampleId(id);
    tables[StreamMetadataTable("_system", name, id)] = MetadataOf({});
    tables[EpochsWithTransactionsTable("_system", name, id)];
  }
}

std::optional<int64_t> OrderOf(const SampleStream& stream, const Uuid& transaction) {
  const auto order = stream.commit_orders.find(transaction);
  if (order == stream.commit_orders.end()) return std::nullopt;
  return order->second;
}

void PutStream(const SampleController& of, const std::string& name, const Uuid& id,
               std::map<std::string, TableValues>& tables) {
  const SampleStream& stream = of.streams.at(name);
  tables[StreamsInScopeTable(of.scope, of.scope_id)][name] = SampleId(id);
  tables[StreamMetadataTable(of.scope, name, id)] =
      stream.recorded ? MetadataOf(stream) : TableValues();
  TableValues& marks = tables[WritersPositionsTable(of.scope, name, id)];
  if (stream.writer_marks) marks["writer"] = "mark";
  TableValues& epochs = tables[EpochsWithTransactionsTable(of.scope, name, id)];
  for (const auto& [epoch, segments] : stream.epochs) {
    if (!stream.transaction_tables || stream.references.contains(epoch)) continue;
    epochs[fmt::format("{}", epoch)] = "";
    tables[TransactionsInEpochTable(of.scope, name, epoch, id)];
  }
  for (const auto& [transaction, status] : stream.transactions) {
    const auto epoch = static_cast<int32_t>(transaction.high >> 32);
    epochs[fmt::format("{}", epoch)] = "";
    tables[TransactionsInEpochTable(of.scope, name, epoch, id)][transaction.Text()] =
        SampleActive(status, OrderOf(stream, transaction));
  }
  for (const auto& [transaction, status] : stream.completed) {
    tables[std::string(kCompletedTransactionBatchesTable)]["0"] = "";
    tables[CompletedTransactionBatchTable("0")]
          [fmt::format("Key.#.{}.#.{}.#./{}", of.scope, name, transaction.Text())] =
              SampleCompleted(status, ValueOr(stream.completion_times, transaction, 1));
  }
}

}  // namespace

std::string SampleInt(int32_t v) { return ByteWriter().I32(v).Take(); }
std::string SampleId(const Uuid& id) { return ByteWriter().U64(id.high).U64(id.low).Take(); }
std::string SampleState(int state) {
  return Object([&](ByteWriter& w) { WriteCompactInt(w, static_cast<uint32_t>(state)); });
}

std::string SampleOffsets(const SegmentOffsets& offsets, ByteWriter w) {
  WriteCompactInt(w, static_cast<uint32_t>(offsets.size()));
  for (const auto& [id, offset] : offsets) w.I64(SegmentIdAsLong(id)).I64(offset);
  return w.Take();
}

std::string SampleSealedSizes(const SegmentOffsets& sizes) {
  return Object([&](ByteWriter& w) { w.Put(SampleOffsets(sizes)); });
}

std::string SampleRetentionCut(int64_t time, const SegmentOffsets& cut) {
  return Object([&](ByteWriter& w) { w.I64(time).I64(0).Put(SampleOffsets(cut)); });
}

std::string SampleEpoch(int32_t epoch, int32_t reference, const std::vector<SegmentId>& segments,
                        int64_t time) {
  return Object(
      [&](ByteWriter& w) {
        w.I32(epoch).I32(reference);
        PutSegments(w, segments);
        w.I64(time);
      },
      [](ByteWriter& w) { w.I64(0).I64(0); });
}

std::string SampleKvEpoch(int32_t epoch, const std::vector<SegmentId>& segments) {
  return Object([&](ByteWriter& w) {
    w.I32(epoch);
    PutSegments(w, segments);
    w.I64(0);
  });
}

std::string SampleTruncation(const SegmentOffsets& cut, const std::vector<SegmentId>& deleted,
                             const std::vector<SegmentId>& to_delete, bool updating) {
  return Object([&](ByteWriter& w) {
    w.Put(SampleOffsets(cut));
    WriteCompactInt(w, 0);
    w.Put(Ids(deleted)).Put(Ids(to_delete)).I64(0).Bool(updating || !to_delete.empty());
  });
}

std::string SampleTransition(int32_t epoch, const std::vector<SegmentId>& to_seal,
                             const std::vector<SegmentId>& created) {
  return Object([&](ByteWriter& w) {
    w.I32(epoch).I64(0).Put(Ids(to_seal));
    WriteCompactInt(w, static_cast<uint32_t>(created.size()));
    for (SegmentId id : created) {
      w.I64(SegmentIdAsLong(id));
      WriteCompactInt(w, 1);
      w.U64(0).U64(0);
    }
  });
}

std::string SampleCommitting(int32_t epoch, const std::vector<Uuid>& ids, int32_t active) {
  return Object([&](ByteWriter& w) {
    w.I32(epoch);
    WriteCompactInt(w, static_cast<uint32_t>(ids.size()));
    for (const Uuid& id : ids) w.Put(SampleId(id));
    w.I32(active);
  });
}

std::string SampleConfiguration(std::string_view stream, bool retention, bool updating) {
  return Object([&](ByteWriter& w) {
    WriteUtf(w, "s");
    WriteUtf(w, stream);
    WriteObject(w, [](ByteWriter& policy) { policy.Bool(false); });
    WriteObject(w, [&](ByteWriter& policy) {
      policy.Bool(retention);
      if (!retention) return;
      WriteCompactInt(policy, 1);
      policy.I64(1000);
    });
    w.Bool(updating);
  });
}

std::string SampleActive(TransactionStatus status, std::optional<int64_t> commit_order) {
  return Object(
      [&](ByteWriter& w) {
        w.I64(1).I64(2).I64(3);
        WriteCompactInt(w, static_cast<uint32_t>(status));
      },
      [&](ByteWriter& w) {
        WriteUtf(w, "");
        w.I64(kNullAttributeValue).I64(commit_order.value_or(kNullAttributeValue));
      });
}

std::string SampleCompleted(TransactionStatus status, int64_t time) {
  return Object([&](ByteWriter& w) {
    w.I64(time);
    WriteCompactInt(w, static_cast<uint32_t>(status));
  });
}

std::map<std::string, TableValues> SampleController::Tables() const {
  std::map<std::string, TableValues> tables;
  tables[std::string(kScopesTable)][scope] = SampleId(scope_id);
  tables[StreamsInScopeTable(scope, scope_id)];
  tables[KvTablesInScopeTable(scope, scope_id)];
  tables[ReaderGroupsInScopeTable(scope, scope_id)];
  uint64_t number = 2;
  for (const auto& [name, stream] : streams) {
    PutStream(*this, name, Uuid{number, number}, tables);
    ++number;
  }
  for (const std::string& name : kv_tables) {
    const Uuid id{number, number};
    ++number;
    tables[KvTablesInScopeTable(scope, scope_id)][name] = SampleId(id);
    tables[StreamMetadataTable(scope, name, id)] = {{"state", SampleState(3)},
                                                    {"currentEpochRecord", SampleInt(0)},
                                                    {"epochRecord-0", SampleKvEpoch(0, {{0, 0}})}};
  }
  for (const auto& [name, table] : unfinished_tables) {
    const Uuid id{number, number};
    ++number;
    tables[KvTablesInScopeTable(scope, scope_id)][name] = SampleId(id);
    if (table.recorded) {
      tables[StreamMetadataTable(scope, name, id)] =
          MemberTable(table, KvConfiguration(scope, name));
    }
  }
  for (const auto& [name, group] : reader_groups) {
    const Uuid id{number, number};
    ++number;
    tables[ReaderGroupsInScopeTable(scope, scope_id)][name] = SampleId(id);
    if (group.recorded) {
      tables[ReaderGroupMetadataTable(scope, name, id)] = MemberTable(group, GroupConfiguration());
    }
  }
  for (const auto& [name, id] : deleting_scopes) {
    tables[std::string(kDeletingScopesTable)][name] = SampleId(id);
  }
  PutSystemStreams(system_streams, tables);
  for (const std::string& stream : deleted_streams) {
    tables[std::string(kDeletedStreamsTable)][stream] = SampleInt(0);
  }
  return tables;
}

ControllerEvidence SampleController::Evidence(bool unlisted_batches) const {
  auto tables = Tables();
  if (unlisted_batches) tables.erase(std::string(kCompletedTransactionBatchesTable));
  return GatherControllerEvidence(
      [&](const std::string& name) -> StatusOr<TableValues> {
        const auto table = tables.find(name);
        if (table == tables.end()) return NotFound("{}", name);
        return table->second;
      },
      1);
}

}  // namespace pdr

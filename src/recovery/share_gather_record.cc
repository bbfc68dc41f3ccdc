#include "recovery/share_gather_record.h"

#include <utility>

#include "recovery/share_codec.h"
#include "recovery/share_values.h"

namespace pdr {
namespace {

void PutRecord(ByteWriter& w, const TableRecord& record) {
  PutInfo(w, record);
  w.I64(record.entry_at);
}
TableRecord TakeRecord(ByteReader& r) {
  TableRecord record{TakeInfo(r)};
  record.entry_at = r.I64();
  return record;
}

void PutView(ByteWriter& w, const ContainerView& view) {
  w.I32(view.container);
  PutMap(w, view.records, PutText, PutRecord);
  PutMap(w, view.stored, PutText, PutStored);
  PutMap(w, view.system, PutText, PutStored);
  PutStorageRecords(w, view.storage_records);
  PutList(w, view.inactive, PutText);
  PutList(w, view.removed, PutText);
  PutList(w, view.anomalies, PutAnomaly);
}
ContainerView TakeView(ByteReader& r) {
  ContainerView view;
  view.container = r.I32();
  view.records = TakeMap(r, TakeText, TakeRecord);
  view.stored = TakeMap(r, TakeText, TakeStored);
  view.system = TakeMap(r, TakeText, TakeStored);
  view.storage_records = TakeStorageRecords(r);
  view.inactive = TakeSet(r, TakeText);
  view.removed = TakeSet(r, TakeText);
  view.anomalies = TakeList(r, TakeAnomaly);
  return view;
}

// The planner finds a container's part by the number in an anomaly.
void CheckAnomalies(ByteReader& r, const std::vector<Anomaly>& anomalies, int from, int end) {
  for (const Anomaly& a : anomalies) {
    if (a.container < from || a.container >= end) r.Fail("an anomaly of another container");
  }
}

template <typename Values>
void CheckNames(ByteReader& r, const Values& values) {
  for (const auto& [name, value] : values) {
    if (value.name != name) r.Fail("a segment under the name of another one");
  }
}

}  // namespace

std::string GatheredCodec::Encode(const GatheredContainer& container) {
  ByteWriter w = BeginRecord(ShareRecord::kGathered);
  PutView(w, container.view);
  PutEvidence(w, container.evidence);
  return EndRecord(std::move(w));
}

StatusOr<GatheredContainer> GatheredCodec::Decode(std::string_view bytes, size_t container) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kGathered, bytes));
  ByteReader r(body);
  GatheredContainer out;
  out.view = TakeView(r);
  out.evidence = TakeEvidence(r);
  const int own = out.view.container;
  if (own < 0 || static_cast<size_t>(own) != container) r.Fail("another container's record");
  CheckAnomalies(r, out.view.anomalies, own, own + 1);
  CheckNames(r, out.view.records);
  CheckNames(r, out.view.stored);
  RETURN_IF_ERROR(CheckAtEnd(r));
  return out;
}

// Nodes, names and lists, as a profile of the heap shows them.
uint64_t GatheredCodec::Bytes(const GatheredContainer& container) {
  constexpr uint64_t kStored = 900;  // with one chunk
  constexpr uint64_t kChunk = 200;
  constexpr uint64_t kRecord = 700;  // with its attributes
  constexpr uint64_t kFacts = 500;
  constexpr uint64_t kKey = 150;
  const ContainerView& view = container.view;
  const ContainerEvidence& found = container.evidence;
  uint64_t bytes = kKey + view.stored.size() * kStored + view.records.size() * kRecord +
                   StorageRecordsCodec::Bytes(view.storage_records) +
                   (view.inactive.size() + view.removed.size() + view.anomalies.size() +
                    found.salvaged.size() + found.transactions.size() + found.positions.size()) *
                       kKey +
                   found.facts.size() * kFacts;
  for (const auto& [name, segment] : view.stored) bytes += segment.chunks.size() * kChunk;
  return bytes;
}

uint64_t StorageRecordsCodec::Bytes(const StorageRecords& records) {
  constexpr uint64_t kRecord = 400;
  return records.size() * kRecord;
}

std::string StorageRecordsCodec::Encode(const StorageRecords& records) {
  ByteWriter w = BeginRecord(ShareRecord::kStorageRecords);
  PutStorageRecords(w, records);
  return EndRecord(std::move(w));
}

StatusOr<StorageRecords> StorageRecordsCodec::Decode(std::string_view bytes, size_t /*container*/) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kStorageRecords, bytes));
  ByteReader r(body);
  StorageRecords records = TakeStorageRecords(r);
  RETURN_IF_ERROR(CheckAtEnd(r));
  return records;
}

std::string EncodeTables(const TableContents& tables) {
  ByteWriter w = BeginRecord(ShareRecord::kTables);
  PutMap(w, tables, PutText, [](ByteWriter& out, const StatusOr<TableValues>& values) {
    PutEnum(out, values.status().code());
    PutText(out, Message(values.status()));
    if (values.ok()) PutMap(out, *values, PutText, PutText);
  });
  return EndRecord(std::move(w));
}

StatusOr<TableContents> DecodeTables(std::string_view bytes) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kTables, bytes));
  ByteReader r(body);
  TableContents tables = TakeMap(r, TakeText, [](ByteReader& in) -> StatusOr<TableValues> {
    const StatusCode code = TakeEnum(in, StatusCode::kUnauthenticated);
    const std::string message = TakeText(in);
    if (code != StatusCode::kOk) return Status(code, message);
    return TakeMap(in, TakeText, TakeText);
  });
  RETURN_IF_ERROR(CheckAtEnd(r));
  return tables;
}

std::string EncodeGatherStart(const GatherStart& start) {
  ByteWriter w = BeginRecord(ShareRecord::kGatherStart);
  const Tier2Whole& view = start.whole.view;
  PutEnum(w, start.tail_check);
  w.I32(start.container_count);
  PutText(w, start.fingerprint);
  PutEnum(w, view.layout);
  w.U64(view.max_epoch);
  PutList(w, view.unreferenced, PutText);
  PutList(w, view.anomalies, PutAnomaly);
  w.Bool(start.whole.modes_lost).I32(start.whole.highest_transaction_high);
  w.I64(start.whole.newest_file_ns);
  return EndRecord(std::move(w));
}

StatusOr<GatherStart> DecodeGatherStart(std::string_view bytes) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kGatherStart, bytes));
  ByteReader r(body);
  GatherStart start;
  Tier2Whole& view = start.whole.view;
  start.tail_check = TakeEnum(r, TailCheck::kFast);
  start.container_count = r.I32();
  start.fingerprint = TakeText(r);
  view.layout = TakeEnum(r, Layout::kChunked);
  view.container_count = start.container_count;
  view.max_epoch = r.U64();
  view.unreferenced = TakeList(r, TakeText);
  view.anomalies = TakeList(r, TakeAnomaly);
  start.whole.modes_lost = r.Bool();
  start.whole.highest_transaction_high = r.I32();
  start.whole.newest_file_ns = r.I64();
  if (start.container_count < 1) r.Fail("no containers");
  CheckAnomalies(r, view.anomalies, -1, start.container_count);
  RETURN_IF_ERROR(CheckAtEnd(r));
  return start;
}

}  // namespace pdr

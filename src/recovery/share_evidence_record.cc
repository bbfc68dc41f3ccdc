// What was found out about the segments of one container, as a part of a record.
#include "recovery/share_codec.h"
#include "recovery/share_values.h"

namespace pdr {
namespace {

void PutOptional(ByteWriter& w, const std::optional<uint64_t>& value) {
  w.Bool(value.has_value()).U64(value.value_or(0));
}
std::optional<uint64_t> TakeOptional(ByteReader& r) {
  const bool present = r.Bool();
  const uint64_t value = r.U64();
  return present ? std::optional(value) : std::nullopt;
}

void PutTail(ByteWriter& w, const TailFact& t) {
  PutEnum(w, t.kind);
  w.U64(t.end).U64(t.walked_from).Bool(t.proven);
  w.U64(t.units).U64(t.torn_bytes).U64(t.missing_bytes);
  PutOptional(w, t.guessed_start);
}
TailFact TakeTail(ByteReader& r) {
  TailFact t;
  t.kind = TakeEnum(r, TailKind::kDamaged);
  t.end = r.U64();
  t.walked_from = r.U64();
  t.proven = r.Bool();
  t.units = r.U64();
  t.torn_bytes = r.U64();
  t.missing_bytes = r.U64();
  t.guessed_start = TakeOptional(r);
  return t;
}

void PutHole(ByteWriter& w, const HoleFact& h) {
  w.U64(h.lost_head_bytes).U64(h.cut_at).U64(h.lost_tail_bytes);
  PutStored(w, h.original);
}
HoleFact TakeHole(ByteReader& r) {
  HoleFact h;
  h.lost_head_bytes = r.U64();
  h.cut_at = r.U64();
  h.lost_tail_bytes = r.U64();
  h.original = TakeStored(r);
  return h;
}

void PutTable(ByteWriter& w, const TableFact& t) {
  w.Bool(t.fixed_key).U64(t.key_length).U64(t.entries).U64(t.live_keys).U64(t.index_ahead);
  w.U64(t.index_behind).Bool(t.in_step).U64(t.damaged_head).Bool(t.removals_unknown);
}
TableFact TakeTable(ByteReader& r) {
  TableFact t;
  t.fixed_key = r.Bool();
  t.key_length = r.U64();
  t.entries = r.U64();
  t.live_keys = r.U64();
  t.index_ahead = r.U64();
  t.index_behind = r.U64();
  t.in_step = r.Bool();
  t.damaged_head = r.U64();
  t.removals_unknown = r.Bool();
  return t;
}

void PutFacts(ByteWriter& w, const SegmentFacts& f) {
  PutTail(w, f.tail);
  w.Bool(f.hole != nullptr);
  if (f.hole) PutHole(w, *f.hole);
  w.Bool(f.index.present).Bool(f.index.whole).U64(f.index.valid_end);
  w.Bool(f.table.has_value());
  if (f.table) PutTable(w, *f.table);
}
SegmentFacts TakeFacts(ByteReader& r) {
  SegmentFacts f;
  f.tail = TakeTail(r);
  if (r.Bool()) f.hole = std::make_shared<const HoleFact>(TakeHole(r));
  f.index.present = r.Bool();
  f.index.whole = r.Bool();
  f.index.valid_end = r.U64();
  if (r.Bool()) f.table = TakeTable(r);
  return f;
}

void PutSalvage(ByteWriter& w, const Salvage& s) {
  w.U64(s.recorded_length).U64(s.adopted_bytes);
  PutList(w, s.adopted_chunks, PutText);
}
Salvage TakeSalvage(ByteReader& r) {
  Salvage s;
  s.recorded_length = r.U64();
  s.adopted_bytes = r.U64();
  s.adopted_chunks = TakeList(r, TakeText);
  return s;
}

void PutTransaction(ByteWriter& w, const TransactionFact& t) {
  PutText(w, t.target);
  w.U64(t.bytes).U64(t.found_bytes).U64(t.found_at);
  w.Bool(t.found_events_whole).Bool(t.shares_chunks);
}
TransactionFact TakeTransaction(ByteReader& r) {
  TransactionFact t;
  t.target = TakeText(r);
  t.bytes = r.U64();
  t.found_bytes = r.U64();
  t.found_at = r.U64();
  t.found_events_whole = r.Bool();
  t.shares_chunks = r.Bool();
  return t;
}

void PutPosition(ByteWriter& w, const ReadPosition& p) {
  PutTexts(w, {&p.holder, &p.segment});
  w.I64(p.offset);
}
ReadPosition TakePosition(ByteReader& r) {
  ReadPosition p;
  TakeTexts(r, {&p.holder, &p.segment});
  p.offset = r.I64();
  return p;
}

void PutWaiting(ByteWriter& w, const RequestEvidence::Waiting& waiting) {
  w.U64(waiting.bytes).U64(waiting.unknown);
  PutMap(w, waiting.requests, PutEnum<RequestType>,
         [](ByteWriter& out, uint64_t count) { out.U64(count); });
}
RequestEvidence::Waiting TakeWaiting(ByteReader& r) {
  RequestEvidence::Waiting waiting;
  waiting.bytes = r.U64();
  waiting.unknown = r.U64();
  waiting.requests = TakeMap(r, TakeRequestType, [](ByteReader& in) { return in.U64(); });
  return waiting;
}

void PutRequests(ByteWriter& w, const RequestEvidence& requests) {
  PutMap(w, requests.segments, PutText, PutWaiting);
  PutList(w, requests.created, [](ByteWriter& out, const auto& created) {
    PutEnum(out, created.first);
    WriteUuid(out, created.second);
  });
  PutMap(w, requests.deleted_streams, PutText, [](ByteWriter& out, const auto& times) {
    PutList(out, times, [](ByteWriter& each, int64_t time) { each.I64(time); });
  });
}
RequestEvidence TakeRequests(ByteReader& r) {
  RequestEvidence requests;
  requests.segments = TakeMap(r, TakeText, TakeWaiting);
  requests.created = TakeSet(r, [](ByteReader& in) {
    const RequestType type = TakeRequestType(in);
    return std::pair(type, ReadUuid(in));
  });
  requests.deleted_streams = TakeMap(r, TakeText, [](ByteReader& in) {
    return TakeSet(in, [](ByteReader& each) { return each.I64(); });
  });
  return requests;
}

}  // namespace

void PutEvidence(ByteWriter& w, const ContainerEvidence& evidence) {
  PutMap(w, evidence.facts, PutText, PutFacts);
  PutMap(w, evidence.salvaged, PutText, PutSalvage);
  PutMap(w, evidence.transactions, PutText, PutTransaction);
  PutList(w, evidence.positions, PutPosition);
  PutRequests(w, evidence.requests);
}
ContainerEvidence TakeEvidence(ByteReader& r) {
  ContainerEvidence evidence;
  evidence.facts = TakeMap(r, TakeText, TakeFacts);
  evidence.salvaged = TakeMap(r, TakeText, TakeSalvage);
  evidence.transactions = TakeMap(r, TakeText, TakeTransaction);
  evidence.positions = TakeList(r, TakePosition);
  evidence.requests = TakeRequests(r);
  return evidence;
}

}  // namespace pdr

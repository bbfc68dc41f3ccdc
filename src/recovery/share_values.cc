#include "recovery/share_values.h"

#include "recovery/share_codec.h"

namespace pdr {
namespace {

void PutChunk(ByteWriter& w, const StoredChunk& c) {
  PutText(w, c.path);
  w.U64(c.start_offset).U64(c.length).U64(c.file_size).U32(c.mode).Bool(c.exists);
  PutText(w, c.fresh);
}
StoredChunk TakeChunk(ByteReader& r) {
  StoredChunk c;
  c.path = TakeText(r);
  c.start_offset = r.U64();
  c.length = r.U64();
  c.file_size = r.U64();
  c.mode = r.U32();
  c.exists = r.Bool();
  c.fresh = TakeText(r);
  // Whoever reads it takes its length for granted.
  if (!c.fresh.empty() && c.fresh.size() < c.length) r.Fail("a chunk without its bytes");
  return c;
}

}  // namespace

void PutStored(ByteWriter& w, const StoredSegment& s) {
  PutText(w, s.name);
  w.U64(s.start_offset).U64(s.length).Bool(s.sealed).U64(s.max_chunk_bytes);
  PutList(w, s.chunks, PutChunk);
  w.I64(s.record_version);
  ByteWriter record;
  WriteStorageMetadata(record, s.record);
  PutText(w, record.bytes());
}
StoredSegment TakeStored(ByteReader& r) {
  StoredSegment s;
  s.name = TakeText(r);
  s.start_offset = r.U64();
  s.length = r.U64();
  s.sealed = r.Bool();
  s.max_chunk_bytes = r.U64();
  s.chunks = TakeList(r, TakeChunk);
  s.record_version = r.I64();
  const std::string bytes = TakeText(r);
  ByteReader in(bytes);
  const StorageMetadata record = ReadStorageMetadata(in);
  const auto* segment = std::get_if<SegmentMetadata>(&record);
  if (r.ok() && (segment == nullptr || !CheckAtEnd(in).ok())) r.Fail("the record of a segment");
  if (segment != nullptr) s.record = *segment;
  return s;
}

void PutAnomaly(ByteWriter& w, const Anomaly& a) {
  w.I32(a.container);
  PutTexts(w, {&a.code, &a.subject, &a.message});
}
Anomaly TakeAnomaly(ByteReader& r) {
  Anomaly a;
  a.container = r.I32();
  TakeTexts(r, {&a.code, &a.subject, &a.message});
  return a;
}

void PutStorageRecords(ByteWriter& w, const StorageRecords& records) {
  PutMap(w, records.encoded(), PutText, PutText);
}
StorageRecords TakeStorageRecords(ByteReader& r) {
  StatusOr<StorageRecords> records = StorageRecords::Take(TakeMap(r, TakeText, TakeText));
  if (records.ok()) return *std::move(records);
  r.Fail(Message(records.status()));
  return {};
}

}  // namespace pdr

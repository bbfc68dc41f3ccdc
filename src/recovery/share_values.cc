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

void PutInfo(ByteWriter& w, const SegmentInfo& info) {
  w.I64(info.segment_id);
  PutText(w, info.name);
  w.I64(info.length).I64(info.start_offset).Bool(info.sealed).U64(info.attributes.size());
  for (const auto& [id, value] : info.attributes) w.I64(id.high).I64(id.low).I64(value);
}
SegmentInfo TakeInfo(ByteReader& r) {
  constexpr size_t kAttributeBytes = 24;
  SegmentInfo info;
  info.segment_id = r.I64();
  info.name = TakeText(r);
  info.length = r.I64();
  info.start_offset = r.I64();
  info.sealed = r.Bool();
  for (size_t n = r.Count(r.U64(), kAttributeBytes); n > 0 && r.ok(); --n) {
    const int64_t high = r.I64();
    const int64_t low = r.I64();
    info.attributes.insert_or_assign(info.attributes.end(), AttributeId{high, low}, r.I64());
  }
  if (info.start_offset < 0 || info.length < info.start_offset) r.Fail("a segment's extent");
  return info;
}

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
  StorageRecords records;
  for (size_t n = r.Count(r.U64(), 1); n > 0 && r.ok(); --n) {
    const std::string key = TakeText(r);
    const Status added = records.Add(key, TakeText(r));
    if (r.ok() && !added.ok()) r.Fail(Message(added));
  }
  return records;
}

}  // namespace pdr

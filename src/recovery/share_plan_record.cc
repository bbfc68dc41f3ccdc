// The plan of one container as a file of a shared run.
#include <utility>

#include "recovery/share_codec.h"
#include "recovery/share_records.h"
#include "recovery/share_values.h"

namespace pdr {
namespace {

void PutSources(ByteWriter& w, const SegmentSources& s) {
  PutEnum(w, s.controller.where);
  w.I32(s.controller.number);
  WriteUuid(w, s.controller.id);
  w.I64(s.record_at).I64(s.record_length).U64(s.data_end).U64(s.tail_from);
  w.U32(s.torn_bytes).U32(s.chunks).Bool(s.tail_proven).Bool(s.record_sealed);
  PutEnum(w, s.standing);
  PutEnum(w, s.tail);
  PutEnum(w, s.sealed);
  PutEnum(w, s.start);
  PutEnum(w, s.index);
  PutText(w, s.files.packed());
}
SegmentSources TakeSources(ByteReader& r) {
  SegmentSources s;
  s.controller.where = TakeEnum(r, ControllerSource::Where::kCompleted);
  s.controller.number = r.I32();
  s.controller.id = ReadUuid(r);
  s.record_at = r.I64();
  s.record_length = r.I64();
  s.data_end = r.U64();
  s.tail_from = r.U64();
  s.torn_bytes = r.U32();
  s.chunks = r.U32();
  s.tail_proven = r.Bool();
  s.record_sealed = r.Bool();
  s.standing = TakeEnum(r, SegmentStanding::kKvTable);
  s.tail = TakeEnum(r, TailKind::kDamaged);
  s.sealed = TakeEnum(r, SealSource::kController);
  s.start = TakeEnum(r, StartSource::kData);
  s.index = TakeEnum(r, IndexUse::kRebuilt);
  s.files = SourceFiles::FromPacked(TakeText(r));
  return s;
}

void PutTableFile(ByteWriter& w, const TableFile& f) {
  PutText(w, f.table);
  w.U64(f.start_offset);
  PutText(w, f.path);
}
TableFile TakeTableFile(ByteReader& r) {
  TableFile f;
  f.table = TakeText(r);
  f.start_offset = r.U64();
  f.path = TakeText(r);
  return f;
}

void PutDecision(ByteWriter& w, const SegmentDecision& d) {
  PutInfo(w, d.info);
  PutList(w, d.notes,
          [](ByteWriter& out, const Note& note) { PutTexts(out, {&note.code, &note.message}); });
  PutSources(w, d.sources);
}
SegmentDecision TakeDecision(ByteReader& r) {
  SegmentDecision d;
  d.info = TakeInfo(r);
  d.notes = TakeList(r, [](ByteReader& in) {
    Note note;
    TakeTexts(in, {&note.code, &note.message});
    return note;
  });
  d.sources = TakeSources(r);
  return d;
}

void PutSetAside(ByteWriter& w, const SetAside& s) { PutTexts(w, {&s.path, &s.code}); }
SetAside TakeSetAside(ByteReader& r) {
  SetAside s;
  TakeTexts(r, {&s.path, &s.code});
  return s;
}

void PutCut(ByteWriter& w, const FileCut& cut) {
  PutText(w, cut.path);
  w.U64(cut.keep_bytes).U32(cut.mode);
}
FileCut TakeCut(ByteReader& r) {
  FileCut cut;
  cut.path = TakeText(r);
  cut.keep_bytes = r.U64();
  cut.mode = r.U32();
  return cut;
}

void PutMode(ByteWriter& w, const ModeChange& m) {
  PutText(w, m.path);
  w.U32(m.from).U32(m.to);
}
ModeChange TakeMode(ByteReader& r) {
  ModeChange m;
  m.path = TakeText(r);
  m.from = r.U32();
  m.to = r.U32();
  return m;
}

void PutFile(ByteWriter& w, const ImageFile& f) {
  PutText(w, f.path);
  w.U32(f.mode);
  PutText(w, f.content);
}
ImageFile TakeFile(ByteReader& r) {
  ImageFile f;
  f.path = TakeText(r);
  f.mode = r.U32();
  f.content = TakeText(r);
  return f;
}

void PutRebuild(ByteWriter& w, const IndexRebuild& rebuild) {
  PutText(w, rebuild.segment);
  PutStored(w, rebuild.data);
  w.Bool(rebuild.index.has_value());
  if (rebuild.index) PutStored(w, *rebuild.index);
}
IndexRebuild TakeRebuild(ByteReader& r) {
  IndexRebuild rebuild;
  rebuild.segment = TakeText(r);
  rebuild.data = TakeStored(r);
  if (r.Bool()) rebuild.index = TakeStored(r);
  return rebuild;
}

}  // namespace

std::string ContainerPlanCodec::Encode(const ContainerPlan& plan) {
  ByteWriter w = BeginRecord(ShareRecord::kPlan);
  w.I32(plan.container);
  PutList(w, plan.segments, PutDecision);
  PutStorageRecords(w, plan.storage_records);
  PutList(w, plan.set_aside, PutSetAside);
  PutList(w, plan.cuts, PutCut);
  PutList(w, plan.modes, PutMode);
  PutList(w, plan.rewritten, PutFile);
  PutList(w, plan.rebuilds, PutRebuild);
  PutList(w, plan.not_registered, PutDecision);
  PutList(w, plan.table_files, PutTableFile);
  return EndRecord(std::move(w));
}

StatusOr<ContainerPlan> ContainerPlanCodec::Decode(std::string_view bytes, size_t container) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kPlan, bytes));
  ByteReader r(body);
  ContainerPlan plan;
  plan.container = r.I32();
  plan.segments = TakeList(r, TakeDecision);
  plan.storage_records = TakeStorageRecords(r);
  plan.set_aside = TakeList(r, TakeSetAside);
  plan.cuts = TakeList(r, TakeCut);
  plan.modes = TakeList(r, TakeMode);
  plan.rewritten = TakeList(r, TakeFile);
  plan.rebuilds = TakeList(r, TakeRebuild);
  plan.not_registered = TakeList(r, TakeDecision);
  plan.table_files = TakeList(r, TakeTableFile);
  if (plan.container < 0 || static_cast<size_t>(plan.container) != container) {
    r.Fail("another container's plan");
  }
  RETURN_IF_ERROR(CheckAtEnd(r));
  return plan;
}

// As a profile of the heap shows them.
uint64_t ContainerPlanCodec::Bytes(const ContainerPlan& plan) {
  constexpr uint64_t kSegment = 700;  // with its attributes
  constexpr uint64_t kFile = 250;
  constexpr uint64_t kRebuild = 1800;  // two segments
  uint64_t bytes = kFile + plan.rebuilds.size() * kRebuild +
                   (plan.segments.size() + plan.not_registered.size()) * kSegment +
                   StorageRecordsCodec::Bytes(plan.storage_records) +
                   (plan.set_aside.size() + plan.cuts.size() + plan.modes.size()) * kFile;
  for (const ImageFile& file : plan.rewritten) bytes += kFile + file.content.size();
  return bytes;
}

}  // namespace pdr

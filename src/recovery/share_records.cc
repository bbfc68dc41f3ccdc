#include "recovery/share_records.h"

#include <utility>

#include "recovery/share_codec.h"
#include "recovery/share_values.h"

namespace pdr {
namespace {

void PutIdentity(ByteWriter& w, const Identity& id) {
  PutTexts(w,
           {&id.cluster_name, &id.layout, &id.root_fingerprint, &id.tool_version, &id.plan_digest});
  w.I32(id.container_count).U64(id.files).U64(id.bytes).I32(id.plan_format);
}

Identity TakeIdentity(ByteReader& r) {
  Identity id;
  TakeTexts(
      r, {&id.cluster_name, &id.layout, &id.root_fingerprint, &id.tool_version, &id.plan_digest});
  id.container_count = r.I32();
  id.files = r.U64();
  id.bytes = r.U64();
  id.plan_format = r.I32();
  return id;
}

void PutNode(ByteWriter& w, const NodeWrite& node) { PutTexts(w, {&node.path, &node.data}); }
NodeWrite TakeNode(ByteReader& r) {
  NodeWrite node;
  TakeTexts(r, {&node.path, &node.data});
  return node;
}

void PutLoss(ByteWriter& w, const Loss& l) {
  PutTexts(w, {&l.subject, &l.what, &l.evidence});
  w.U64(l.amount).Bool(l.exact).Bool(l.from_ms.has_value()).I64(l.from_ms.value_or(0));
}
Loss TakeLoss(ByteReader& r) {
  Loss l;
  TakeTexts(r, {&l.subject, &l.what, &l.evidence});
  l.amount = r.U64();
  l.exact = r.Bool();
  const bool dated = r.Bool();
  const int64_t from_ms = r.I64();
  if (dated) l.from_ms = from_ms;
  return l;
}

void PutFinding(ByteWriter& w, const Finding& f) {
  w.I32(f.container);
  PutTexts(w, {&f.code, &f.segment, &f.message});
}
Finding TakeFinding(ByteReader& r) {
  Finding f;
  f.container = r.I32();
  TakeTexts(r, {&f.code, &f.segment, &f.message});
  return f;
}

void PutStep(ByteWriter& w, const FileStep& s) {
  w.U8(static_cast<uint8_t>(s.kind));
  PutTexts(w, {&s.path, &s.other});
  w.U64(s.size).U32(s.old_mode).U32(s.new_mode);
}
FileStep TakeStep(ByteReader& r) {
  FileStep s;
  const uint8_t kind = r.U8();
  if (kind > static_cast<uint8_t>(FileStep::Kind::kSetMode)) r.Fail("an unknown kind of step");
  s.kind = static_cast<FileStep::Kind>(kind);
  TakeTexts(r, {&s.path, &s.other});
  s.size = r.U64();
  s.old_mode = r.U32();
  s.new_mode = r.U32();
  return s;
}

}  // namespace

Layout SharedRun::layout() const {
  return identity.layout == LayoutName(Layout::kRolling) ? Layout::kRolling : Layout::kChunked;
}

Manifest OutlineOf(const SharedRun& run) {
  Manifest manifest;
  manifest.run_id = run.run_id;
  manifest.layout = run.layout();
  manifest.epoch = run.epoch;
  manifest.nodes = run.nodes;
  manifest.containers.resize(run.container_count());
  for (size_t c = 0; c < manifest.containers.size(); ++c) {
    manifest.containers[c].container = static_cast<int>(c);
  }
  return manifest;
}

std::string EncodeSharedRun(const SharedRun& run) {
  ByteWriter w = BeginRecord(ShareRecord::kRun);
  PutTexts(w, {&run.run_id, &run.planned_by});
  PutIdentity(w, run.identity);
  w.U64(run.epoch).I64(run.last_modified_ms);
  w.I32(run.controller.counter.high).I64(run.controller.counter.low);
  PutList(w, run.controller.emptied_reader_groups, PutText);
  PutList(w, run.controller.nodes, PutNode);
  PutList(w, run.nodes, PutNode);
  PutList(w, run.anomalies, PutAnomaly);
  PutList(w, run.losses, PutLoss);
  return EndRecord(std::move(w));
}

StatusOr<SharedRun> DecodeSharedRun(std::string_view bytes) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kRun, bytes));
  ByteReader r(body);
  SharedRun run;
  TakeTexts(r, {&run.run_id, &run.planned_by});
  run.identity = TakeIdentity(r);
  run.identity.run_id = run.run_id;
  run.epoch = r.U64();
  run.last_modified_ms = r.I64();
  run.controller.counter.high = r.I32();
  run.controller.counter.low = r.I64();
  run.controller.emptied_reader_groups = TakeList(r, TakeText);
  run.controller.nodes = TakeList(r, TakeNode);
  run.nodes = TakeList(r, TakeNode);
  run.anomalies = TakeList(r, TakeAnomaly);
  run.losses = TakeList(r, TakeLoss);
  RETURN_IF_ERROR(CheckAtEnd(r));
  return run;
}

std::string EncodeContainerManifest(const ContainerManifest& manifest) {
  ByteWriter w = BeginRecord(ShareRecord::kManifest);
  w.I32(manifest.container);
  PutList(w, manifest.steps, PutStep);
  PutList(w, manifest.frames, PutText);
  return EndRecord(std::move(w));
}

StatusOr<ContainerManifest> DecodeContainerManifest(std::string_view bytes) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kManifest, bytes));
  ByteReader r(body);
  ContainerManifest manifest;
  manifest.container = r.I32();
  manifest.steps = TakeList(r, TakeStep);
  manifest.frames = TakeList(r, TakeText);
  RETURN_IF_ERROR(CheckAtEnd(r));
  return manifest;
}

std::string EncodeContainerOutcome(const verify::ContainerOutcome& outcome) {
  ByteWriter w = BeginRecord(ShareRecord::kOutcome);
  const VerifyReport& report = outcome.report;
  PutList(w, report.findings, PutFinding);
  PutList(w, report.notes, PutFinding);
  for (uint64_t n : {report.containers, report.containers_written, report.segments, report.chunks,
                     report.table_segments, report.table_keys}) {
    w.U64(n);
  }
  w.Bool(outcome.highest_transaction.has_value());
  const auto highest = outcome.highest_transaction.value_or(verify::TransactionNumber());
  w.I32(highest.first).I64(highest.second);
  PutMap(w, outcome.reader_group_bytes, PutText,
         [](ByteWriter& out, int64_t bytes) { out.I64(bytes); });
  PutNeeds(w, outcome.needs);
  return EndRecord(std::move(w));
}

StatusOr<verify::ContainerOutcome> DecodeContainerOutcome(std::string_view bytes) {
  ASSIGN_OR_RETURN(std::string_view body, OpenRecord(ShareRecord::kOutcome, bytes));
  ByteReader r(body);
  verify::ContainerOutcome outcome;
  VerifyReport& report = outcome.report;
  report.findings = TakeList(r, TakeFinding);
  report.notes = TakeList(r, TakeFinding);
  for (uint64_t* n : {&report.containers, &report.containers_written, &report.segments,
                      &report.chunks, &report.table_segments, &report.table_keys}) {
    *n = r.U64();
  }
  const bool has_highest = r.Bool();
  verify::TransactionNumber highest;
  highest.first = r.I32();
  highest.second = r.I64();
  if (has_highest) outcome.highest_transaction = highest;
  outcome.reader_group_bytes =
      TakeMap(r, TakeText, [](ByteReader& in) -> int64_t { return in.I64(); });
  outcome.needs = TakeNeeds(r);
  RETURN_IF_ERROR(CheckAtEnd(r));
  return outcome;
}

}  // namespace pdr

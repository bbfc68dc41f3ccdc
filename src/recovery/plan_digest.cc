#include "recovery/plan_digest.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/sha256_stream.h"

namespace pdr {
namespace {

void Put(ByteWriter& w, std::string_view s) { w.U64(s.size()).Put(s); }

std::string Bytes(const ContainerPlan& c) {
  ByteWriter w;
  w.I32(c.container);
  for (const SegmentDecision& s : c.segments) {
    Put(w, EncodeSegmentInfo(s.info));
    for (const Note& n : s.notes) {
      Put(w, n.code);
      Put(w, n.message);
    }
  }
  for (const auto& [key, bytes] : c.storage_records.encoded()) Put(w, bytes);
  for (const SetAside& s : c.set_aside) {
    Put(w, s.path);
    Put(w, s.code);
  }
  for (const FileCut& cut : c.cuts) {
    Put(w, cut.path);
    w.U64(cut.keep_bytes).U32(cut.mode);
  }
  for (const ModeChange& m : c.modes) {
    Put(w, m.path);
    w.U32(m.from).U32(m.to);
  }
  for (const ImageFile& f : c.rewritten) {
    Put(w, f.path);
    Put(w, f.content);
  }
  for (const IndexRebuild& r : c.rebuilds) {
    Put(w, r.segment);
    w.U64(r.data.length);
  }
  return w.Take();
}

}  // namespace

StatusOr<std::string> PlanDigest(const Plan& plan) {
  Sha256Stream digest;  // all bytes of a large plan at once would take as much as the plan
  ByteWriter head;
  Put(head, LayoutName(plan.layout));
  head.I32(plan.container_count).U64(plan.epoch);
  digest.Add(head.bytes());
  RETURN_IF_ERROR(plan.containers.LookAtAll([&](const ContainerPlan& c) {
    digest.Add(Bytes(c));
    return OkStatus();
  }));
  ByteWriter w;
  Put(w, EncodeTransactionCounter(plan.controller.counter));
  for (const std::string& group : plan.controller.emptied_reader_groups) Put(w, group);
  for (const NodeWrite& node : plan.controller.nodes) {
    Put(w, node.path);
    Put(w, node.data);
  }
  for (const Anomaly& a : plan.anomalies) Put(w, a.code + "\n" + a.subject + "\n" + a.message);
  for (const Loss& l : plan.losses) {
    Put(w, l.subject);
    Put(w, l.what);
    Put(w, l.evidence);
    w.U64(l.amount).Bool(l.exact).I64(l.from_ms.value_or(0));
  }
  digest.Add(w.bytes());
  return ToHex(digest.Finish());
}

}  // namespace pdr

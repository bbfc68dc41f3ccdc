// What a plan comes to: counts, what it touches, and how much a run will write.
#include <iterator>
#include <utility>

#include "recovery/preflight.h"
#include "tier2/disk.h"

namespace pdr {
namespace {

constexpr uint64_t kMegabyte = 1000000;
constexpr uint64_t kPerEntry = 120;  // of a table entry and its index, besides key and value
constexpr uint64_t kPerStorageRecord = 400;  // one record of the storage metadata, written out
constexpr uint64_t kPerStep = 400;           // of a file step in the workspace

// The metadata table and its index.
uint64_t RecordBytes(const ContainerPlan& c) {
  uint64_t bytes = 0;
  for (const SegmentDecision& s : c.segments) {
    bytes += 2 * s.info.name.size() + 24 * s.info.attributes.size() + kPerEntry;
  }
  return bytes;
}

uint64_t BytesForTier2(const ContainerPlan& c) {
  uint64_t bytes = RecordBytes(c) + c.storage_records.size() * kPerStorageRecord;
  for (const FileCut& cut : c.cuts) bytes += cut.keep_bytes;
  for (const ImageFile& f : c.rewritten) bytes += f.content.size();
  // An index holds a key's hash and its offset: less than any entry of the data.
  for (const IndexRebuild& r : c.rebuilds) bytes += r.data.length;
  return bytes;
}

// The database and its write-ahead log.
uint64_t BytesForWorkspace(const ContainerPlan& c) {
  const uint64_t steps = c.set_aside.size() + c.cuts.size() + c.modes.size() + c.rewritten.size();
  return 2 * (RecordBytes(c) + steps * kPerStep);
}

void Touch(const ContainerPlan& c, std::set<std::string>& touched) {
  for (const SetAside& s : c.set_aside) touched.insert(ParentPath(s.path));
  for (const FileCut& cut : c.cuts) touched.insert(ParentPath(cut.path));
  for (const ImageFile& f : c.rewritten) touched.insert(ParentPath(f.path));
  for (const IndexRebuild& r : c.rebuilds) touched.insert(ParentPath(r.segment));
  for (const ModeChange& m : c.modes) touched.insert(m.path);
}

}  // namespace

PlanTotals TotalsOf(const ContainerPlan& c) {
  PlanTotals totals;
  totals.segments = c.segments.size();
  totals.rebuilds = c.rebuilds.size();
  for (const SegmentDecision& s : c.segments) {
    totals.empty += s.info.length == 0 ? 1 : 0;
    totals.sealed += s.info.sealed ? 1 : 0;
    totals.bytes += static_cast<uint64_t>(s.info.length - s.info.start_offset);
    const SegmentSources& sources = s.sources;
    if (sources.tail != TailKind::kTorn) continue;
    totals.cuts.push_back({c.container, s.info.name, sources.data_end - sources.torn_bytes,
                           sources.torn_bytes, sources.tail_proven, sources.tail_from});
  }
  for (const SetAside& s : c.set_aside) ++totals.aside[s.code];
  Touch(c, totals.touched);
  totals.tier2_bytes = BytesForTier2(c);
  totals.workspace_bytes = BytesForWorkspace(c);
  return totals;
}

void PlanTotals::Add(PlanTotals other) {
  segments += other.segments;
  empty += other.empty;
  sealed += other.sealed;
  bytes += other.bytes;
  rebuilds += other.rebuilds;
  for (const auto& [code, files] : other.aside) aside[code] += files;
  std::move(other.cuts.begin(), other.cuts.end(), std::back_inserter(cuts));
  touched.merge(other.touched);
  tier2_bytes += other.tier2_bytes;
  workspace_bytes += other.workspace_bytes;
}

uint64_t BytesForTier2(const Plan& plan) { return 16 * kMegabyte + plan.totals.tier2_bytes; }

uint64_t BytesForWorkspace(const Plan& plan) {
  return 16 * kMegabyte + plan.totals.workspace_bytes;
}

// A checkpoint of the system segments for every container, and each bookie may get them all.
uint64_t BytesForBookies(const Plan& plan) {
  return 16 * kMegabyte + plan.containers.size() * kMegabyte;
}

}  // namespace pdr

// How values of a shelf are cut into slices, and joined again.
#include <algorithm>
#include <iterator>
#include <utility>

#include "recovery/evidence.h"
#include "recovery/plan.h"

namespace pdr {
namespace {

constexpr size_t kSliceEntries = 4096;  // of each kind: some megabytes

// Of a map or a set: the first ones, with their memory.
template <typename Ordered>
Ordered CutOrdered(Ordered& from) {
  Ordered slice;
  for (size_t n = 0; n < kSliceEntries && !from.empty(); ++n) {
    slice.insert(slice.end(), from.extract(from.begin()));
  }
  return slice;
}
template <typename Ordered>
void JoinOrdered(Ordered& to, Ordered slice) {
  while (!slice.empty()) to.insert(to.end(), slice.extract(slice.begin()));
}

template <typename Item>
std::vector<Item> CutList(std::vector<Item>& from) {
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(kSliceEntries, from.size()));
  std::vector<Item> slice(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
  from.erase(from.begin(), end);
  return slice;
}
template <typename Item>
void JoinList(std::vector<Item>& to, std::vector<Item> slice) {
  to.insert(to.end(), std::make_move_iterator(slice.begin()), std::make_move_iterator(slice.end()));
}

}  // namespace

GatheredContainer GatheredCodec::Cut(GatheredContainer& container) {
  ContainerView& view = container.view;
  ContainerEvidence& found = container.evidence;
  GatheredContainer slice;
  slice.view.container = view.container;
  slice.view.records = CutOrdered(view.records);
  slice.view.stored = CutOrdered(view.stored);
  slice.view.system = CutOrdered(view.system);
  slice.view.storage_records = view.storage_records.Cut(kSliceEntries);
  slice.view.inactive = CutOrdered(view.inactive);
  slice.view.removed = CutOrdered(view.removed);
  slice.view.anomalies = CutList(view.anomalies);
  slice.evidence.facts = CutOrdered(found.facts);
  slice.evidence.salvaged = CutOrdered(found.salvaged);
  slice.evidence.transactions = CutOrdered(found.transactions);
  slice.evidence.positions = CutList(found.positions);
  slice.evidence.requests = std::exchange(found.requests, {});
  return slice;
}

bool GatheredCodec::IsEmpty(const GatheredContainer& container) {
  const ContainerView& view = container.view;
  const ContainerEvidence& found = container.evidence;
  return view.records.empty() && view.stored.empty() && view.system.empty() &&
         view.storage_records.size() == 0 && view.inactive.empty() && view.removed.empty() &&
         view.anomalies.empty() && found.facts.empty() && found.salvaged.empty() &&
         found.transactions.empty() && found.positions.empty();
}

void GatheredCodec::Join(GatheredContainer& container, GatheredContainer slice) {
  ContainerView& view = container.view;
  ContainerEvidence& found = container.evidence;
  view.container = slice.view.container;
  JoinOrdered(view.records, std::move(slice.view.records));
  JoinOrdered(view.stored, std::move(slice.view.stored));
  JoinOrdered(view.system, std::move(slice.view.system));
  view.storage_records.Append(slice.view.storage_records);
  JoinOrdered(view.inactive, std::move(slice.view.inactive));
  JoinOrdered(view.removed, std::move(slice.view.removed));
  JoinList(view.anomalies, std::move(slice.view.anomalies));
  JoinOrdered(found.facts, std::move(slice.evidence.facts));
  JoinOrdered(found.salvaged, std::move(slice.evidence.salvaged));
  JoinOrdered(found.transactions, std::move(slice.evidence.transactions));
  JoinList(found.positions, std::move(slice.evidence.positions));
  found.requests.Merge(std::move(slice.evidence.requests));
}

StorageRecords StorageRecordsCodec::Cut(StorageRecords& records) {
  return records.Cut(kSliceEntries);
}
bool StorageRecordsCodec::IsEmpty(const StorageRecords& records) { return records.size() == 0; }
void StorageRecordsCodec::Join(StorageRecords& records, const StorageRecords& slice) {
  records.Append(slice);
}

ContainerPlan ContainerPlanCodec::Cut(ContainerPlan& plan) {
  ContainerPlan slice;
  slice.container = plan.container;
  slice.segments = CutList(plan.segments);
  slice.not_registered = CutList(plan.not_registered);
  slice.storage_records = plan.storage_records.Cut(kSliceEntries);
  slice.set_aside = CutList(plan.set_aside);
  slice.cuts = CutList(plan.cuts);
  slice.modes = CutList(plan.modes);
  slice.rewritten = CutList(plan.rewritten);
  slice.rebuilds = CutList(plan.rebuilds);
  slice.table_files = CutList(plan.table_files);
  return slice;
}

bool ContainerPlanCodec::IsEmpty(const ContainerPlan& plan) {
  return plan.segments.empty() && plan.not_registered.empty() && plan.storage_records.size() == 0 &&
         plan.set_aside.empty() && plan.cuts.empty() && plan.modes.empty() &&
         plan.rewritten.empty() && plan.rebuilds.empty() && plan.table_files.empty();
}

void ContainerPlanCodec::Join(ContainerPlan& plan, ContainerPlan slice) {
  plan.container = slice.container;
  JoinList(plan.segments, std::move(slice.segments));
  JoinList(plan.not_registered, std::move(slice.not_registered));
  plan.storage_records.Append(slice.storage_records);
  JoinList(plan.set_aside, std::move(slice.set_aside));
  JoinList(plan.cuts, std::move(slice.cuts));
  JoinList(plan.modes, std::move(slice.modes));
  JoinList(plan.rewritten, std::move(slice.rewritten));
  JoinList(plan.rebuilds, std::move(slice.rebuilds));
  JoinList(plan.table_files, std::move(slice.table_files));
}

}  // namespace pdr

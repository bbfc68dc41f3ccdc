// The first part of gathering: what is known without looking into segments.
#include <algorithm>
#include <charconv>
#include <iterator>
#include <mutex>
#include <numeric>
#include <utility>

#include "base/memory.h"
#include "format/names.h"
#include "recovery/gather_parts.h"
#include "recovery/modes.h"
#include "tier2/view.h"

namespace pdr {
namespace {

// A transaction id is (epoch << 32 | high part of the counter, low part), in hex. 0: none here.
int32_t TransactionHighIn(std::string_view name) {
  const size_t at = name.rfind(kTransactionDelimiter);
  if (at == std::string_view::npos) return 0;
  const std::string_view hex = name.substr(at + kTransactionDelimiter.size(), 16);
  uint64_t most = 0;
  auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), most, 16);
  if (error != std::errc() || end != hex.data() + 16) return 0;
  return static_cast<int32_t>(most & 0x7fffffff);
}

// Names of segments, and of chunks that headers and records list, there or not: a merge leaves the
// transaction's chunks under their names in the segment that it was merged into.
int32_t HighestTransactionHigh(const ContainerView& container) {
  int32_t highest = 0;
  const auto count = [&](std::string_view name) {
    highest = std::max(highest, TransactionHighIn(name));
  };
  for (const auto& [name, record] : container.records) count(name);
  for (const auto& [name, segment] : container.stored) {
    count(name);
    for (const StoredChunk& chunk : segment.chunks) count(chunk.path);
  }
  return highest;
}

void NoteFiles(const Inventory& inventory, Evidence& evidence) {
  for (const InventoryFile& file : inventory.files) {
    evidence.highest_transaction_high =
        std::max(evidence.highest_transaction_high, TransactionHighIn(file.path));
    if (file.file_class == FileClass::kOwn) continue;
    evidence.newest_file_ns = std::max(evidence.newest_file_ns, file.mtime_ns);
  }
}

void NoteLostModes(Evidence& evidence) {
  auto& anomalies = evidence.view.anomalies;
  const bool noted = std::any_of(anomalies.begin(), anomalies.end(),
                                 [](const Anomaly& a) { return a.code == "modes-lost"; });
  if (!evidence.modes_lost || noted) return;
  anomalies.push_back({"modes-lost", -1, "",
                       "no header is read-only, although records say that segments are sealed"});
}

uint64_t CountJudged(const std::map<std::string, StoredSegment>& stored) {
  return static_cast<uint64_t>(std::count_if(
      stored.begin(), stored.end(), [](const auto& segment) { return IsJudged(segment.first); }));
}

// Puts the containers on the shelf as they are read, and notes what all of them tell together.
class ViewTaker : public ContainerTaker {
 public:
  ViewTaker(Layout layout, uint64_t most_segments, Evidence& evidence,
            std::vector<uint64_t>& judged)
      : rolling_(layout == Layout::kRolling),
        most_segments_(most_segments),
        evidence_(evidence),
        judged_(judged),
        parts_(evidence.containers.size()) {}

  Status Take(ContainerView container) override {
    const int32_t high = HighestTransactionHigh(container);
    const auto own = static_cast<size_t>(container.container);
    judged_[own] = CountJudged(container.stored);
    {
      const std::lock_guard lock(mutex_);
      evidence_.highest_transaction_high = std::max(evidence_.highest_transaction_high, high);
      if (rolling_) modes_.Add(container);
    }
    return evidence_.Put(own, {std::move(container), {}});
  }
  uint64_t most_segments() const override { return most_segments_; }
  Status TakePart(ContainerView part) override {
    auto& parts = parts_[static_cast<size_t>(part.container)];
    return parts.emplace_back().Put(evidence_.scratch, {std::move(part), {}});
  }
  Status Complete(ContainerView& container) override {
    const auto own = static_cast<size_t>(container.container);
    for (auto& part : parts_[own]) {
      ASSIGN_OR_RETURN(GatheredContainer taken, part.Take(own));
      container.AddSegments(std::move(taken.view));
    }
    return OkStatus();
  }

  const ModeJudge& modes() const { return modes_; }

 private:
  const bool rolling_;
  const uint64_t most_segments_;
  Evidence& evidence_;
  std::vector<uint64_t>& judged_;  // by container
  std::vector<std::vector<ShelfPlace<GatheredContainer, GatheredCodec>>> parts_;
  std::mutex mutex_;
  ModeJudge modes_;
};

}  // namespace

bool IsJudged(const std::string& segment) {
  return !IsAttributeIndex(segment) && !IsGcQueue(segment) && !IsTransient(segment);
}

StatusOr<GatheredViews> GatheredViews::Read(const Disk& disk, const Inventory& inventory,
                                            const GatherOptions& options, Progress& progress) {
  GatheredViews views;
  Evidence& evidence = views.evidence_;
  const auto count = static_cast<size_t>(inventory.container_count);
  evidence.PlaceFor(count, options.scratch);
  NoteFiles(inventory, evidence);
  views.judged_.resize(count);
  ViewTaker taker(inventory.layout, options.mixed_segments, evidence, views.judged_);
  // Of its metadata tables, as they are and as what they say.
  const uint64_t each = 3 * MetadataBytes(inventory) / std::max<size_t>(count, 1);
  const size_t threads = FitAtOnce(options.threads, options.scratch->at_work(), each);
  ASSIGN_OR_RETURN(evidence.view, ReadTier2(disk, inventory, threads, progress, taker));
  evidence.modes_lost = taker.modes().AreLost();
  NoteLostModes(evidence);
  views.orphans_ = FindOrphans(inventory, evidence.view);
  views.adopted_.resize(count);
  return views;
}

StatusOr<GatheredContainer> GatheredViews::Take(size_t container, Progress& progress) {
  ASSIGN_OR_RETURN(GatheredContainer taken, evidence_.containers.Take(container));
  if (evidence_.view.layout != Layout::kChunked) return taken;
  const std::map<std::string, StoredSegment>& stored = taken.view.stored;
  const size_t known = stored.size();
  SalvageChunks(std::move(orphans_[container]), taken);
  if (stored.size() > known) progress.Expect(CountJudged(stored) - judged_[container]);
  for (const auto& [name, salvage] : taken.evidence.salvaged) {
    adopted_[container].insert(salvage.adopted_chunks.begin(), salvage.adopted_chunks.end());
  }
  return taken;
}

uint64_t GatheredViews::segments() const {
  return std::accumulate(judged_.begin(), judged_.end(), uint64_t{0});
}

StatusOr<StorageRecords> GatheredViews::TakeStorageRecords(size_t container) {
  return evidence_.storage_records.Take(container);
}

Evidence GatheredViews::Finish() {
  std::set<std::string> adopted;
  for (std::set<std::string>& of : adopted_) adopted.merge(of);
  std::erase_if(evidence_.view.unreferenced,
                [&](const std::string& path) { return adopted.contains(path); });
  return std::move(evidence_);
}

}  // namespace pdr

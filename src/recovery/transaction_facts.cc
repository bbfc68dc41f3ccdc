#include "recovery/transaction_facts.h"

#include <algorithm>
#include <set>

#include "format/names.h"
#include "recovery/holes.h"
#include "recovery/tail.h"

namespace pdr {
namespace {

constexpr size_t kPieceBytes = size_t{256} * 1024;
constexpr size_t kProbeBytes = 64;
// Against a target made of nothing but copies of one event.
constexpr int kMaxComparisons = 4096;

class Comparison {
 public:
  Comparison(const Disk& disk, const StoredSegment& source, const StoredSegment& target)
      : disk_(disk), source_(source), target_(target) {}

  // Fills the fact when the target holds the source's beginning at `at`, up to the end of either.
  StatusOr<bool> MatchesAt(uint64_t at, TransactionFact& fact) {
    const uint64_t n = std::min(source_.length, target_.length - at);
    const auto probe_size = static_cast<size_t>(std::min<uint64_t>(kProbeBytes, n));
    if (probe_.empty()) {
      ASSIGN_OR_RETURN(
          probe_, ReadSegment(disk_, source_, 0, std::min<uint64_t>(kProbeBytes, source_.length)));
    }
    ASSIGN_OR_RETURN(std::string head, ReadSegment(disk_, target_, at, probe_size));
    if (n == 0 || head != std::string_view(probe_).substr(0, probe_size)) return false;
    if (++comparisons_ > kMaxComparisons) return false;
    for (uint64_t done = 0; done < n;) {
      const auto piece = static_cast<size_t>(std::min<uint64_t>(kPieceBytes, n - done));
      ASSIGN_OR_RETURN(std::string a, ReadSegment(disk_, source_, done, piece));
      ASSIGN_OR_RETURN(std::string b, ReadSegment(disk_, target_, at + done, piece));
      if (a != b) return false;
      done += piece;
    }
    fact.found_at = at;
    fact.found_bytes = n;
    return true;
  }

 private:
  const Disk& disk_;
  const StoredSegment& source_;
  const StoredSegment& target_;
  std::string probe_;
  int comparisons_ = 0;
};

// Rolling, a merge of headers; chunked, half of an atomic batch: the target lists the source's
// chunk files. True when it lists all of them.
bool ListsChunks(const StoredSegment& source, const StoredSegment& target, TransactionFact& fact) {
  std::set<std::string_view> files;
  for (const StoredChunk& chunk : source.chunks) files.insert(chunk.path);
  size_t listed = 0;
  for (const StoredChunk& chunk : target.chunks) {
    if (!files.contains(chunk.path)) continue;
    if (listed++ == 0) fact.found_at = chunk.start_offset;
    fact.found_bytes += chunk.length;
  }
  fact.shares_chunks = listed > 0;
  // What the target's next write appended to the shared last chunk is the target's own.
  fact.found_bytes = std::min(fact.found_bytes, source.length);
  if (listed == files.size()) fact.found_bytes = source.length;
  return listed > 0;
}

}  // namespace

std::vector<std::string> MergeTargets(const ControllerEvidence& controller,
                                      std::string_view transaction) {
  const auto name = ParseTransactionName(transaction);
  const auto parent = name ? ParseStreamSegmentName(name->parent) : std::nullopt;
  if (!parent) return {};
  const StreamEvidence* stream = controller.FindStream(parent->scope, parent->name);
  const auto id = ParseUuidHex(name->id_hex);
  if (stream == nullptr || !id) return {name->parent};
  const TransactionEvidence* known = stream->FindTransaction(*id);
  const CommittingTransactionsRecord& commit = stream->committing;
  if (known != nullptr && known->committing && commit.active_epoch) {
    const int64_t made = int64_t{*commit.active_epoch} + 1;
    if (made > INT32_MAX) return {name->parent};
    return {stream->SegmentName({parent->id.number, static_cast<int32_t>(made)})};
  }
  const int64_t committed_by =
      known != nullptr && known->completed ? known->completion_time : INT64_MAX;
  // From the oldest on: those not younger than the commit, then the younger ones.
  std::vector<SegmentId> older = {parent->id};
  std::vector<SegmentId> younger;
  for (const auto& [epoch, record] : stream->epochs) {
    if (record.reference_epoch == epoch) continue;
    if (record.reference_epoch != TransactionEpoch(*id)) continue;
    const SegmentId copy{parent->id.number, epoch};
    if (!HasSegment(record.segments, copy)) continue;
    (record.creation_time > committed_by ? younger : older).push_back(copy);
  }
  // A rolling commit under way copies the current epoch, too, and later commits went there.
  const auto rolled = stream->epochs.find(commit.active_epoch.value_or(-1));
  if (rolled != stream->epochs.end() && rolled->second.reference_epoch == TransactionEpoch(*id)) {
    const int64_t copy = int64_t{rolled->first} + 2;
    if (copy <= INT32_MAX && !stream->epochs.contains(static_cast<int32_t>(copy))) {
      younger.push_back({parent->id.number, static_cast<int32_t>(copy)});
    }
  }
  std::vector<std::string> targets;
  for (auto it = older.rbegin(); it != older.rend(); ++it) {
    targets.push_back(stream->SegmentName(*it));
  }
  for (const SegmentId segment : younger) targets.push_back(stream->SegmentName(segment));
  return targets;
}

bool IsParentOf(std::string_view segment, std::string_view transaction) {
  const auto name = ParseTransactionName(transaction);
  return name && name->parent == segment;
}

StatusOr<TransactionFact> CompareTransaction(const Disk& disk, const StoredSegment& source,
                                             const StoredSegment& target, uint64_t boundary,
                                             uint64_t settled) {
  TransactionFact fact;
  fact.target = target.name;
  fact.bytes = source.length;
  if (source.length == 0 || ListsChunks(source, target, fact)) return fact;
  const uint64_t tail = target.length - std::min(target.length, source.length);
  const uint64_t first = std::max(boundary, std::min(tail, settled));
  Comparison comparison(disk, source, target);
  RETURN_IF_ERROR(WalkEvents(disk, target, boundary, [&](uint64_t at) -> StatusOr<bool> {
                    if (at < first) return true;
                    ASSIGN_OR_RETURN(bool matches, comparison.MatchesAt(at, fact));
                    return !matches;
                  }).status());
  if (fact.found_bytes == 0 || fact.found_bytes == fact.bytes) return fact;
  StoredSegment part = source;
  CutSegment(part, fact.found_bytes);
  ASSIGN_OR_RETURN(TailFact walked, WalkEvents(disk, part, 0));
  fact.found_events_whole = walked.kind == TailKind::kWhole;
  return fact;
}

}  // namespace pdr

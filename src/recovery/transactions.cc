#include "recovery/transactions.h"

#include <algorithm>
#include <tuple>

#include "format/names.h"
#include "recovery/holes.h"
#include "recovery/transaction_facts.h"

namespace pdr {
namespace {

struct Source {
  SegmentDraft* draft = nullptr;
  SegmentDraft* target = nullptr;  // null: not known, or not registered
  const TransactionFact* fact = nullptr;
  const StreamEvidence* stream = nullptr;      // null: the controller does not know it
  const TransactionEvidence* known = nullptr;  // null: the controller does not know it
  SegmentStanding standing = SegmentStanding::kUndecided;
  std::string id_hex;

  bool Whole() const { return fact->bytes > 0 && fact->found_bytes == fact->bytes; }
  bool Part() const { return fact->found_bytes > 0 && !Whole(); }
  // Nothing but a merge makes this.
  bool Proof() const {
    return fact->shares_chunks ||
           (Part() && !fact->found_events_whole && fact->found_bytes >= kTransactionProofBytes);
  }
};

template <typename... Args>
void AddNote(SegmentDraft& draft, std::string_view code, fmt::format_string<Args...> format,
             Args&&... args) {
  draft.notes.push_back({std::string(code), fmt::format(format, std::forward<Args>(args)...)});
}

void Drop(SegmentDraft& draft, std::string_view code) {
  draft.registered = false;
  draft.drop_code = code;
}

class Resolver {
 public:
  Resolver(const Evidence& evidence, const GatheredContainer& container,
           std::vector<SegmentDraft>& drafts, std::vector<Loss>& losses)
      : evidence_(evidence),
        view_(container.view),
        found_(container.evidence),
        drafts_(drafts),
        losses_(losses) {}

  void Run() {
    std::vector<Source> sources = Collect();
    // What was merged first, so that a target is cut back only below what belongs to it.
    for (Source& s : sources) {
      if (s.Whole() && (s.Proof() || s.standing != SegmentStanding::kTransactionOpen)) {
        DropMerged(s, fmt::format("{} has all its {} bytes at {}", s.fact->target, s.fact->bytes,
                                  s.fact->found_at));
      } else if (s.Part() && s.target != nullptr && (s.Proof() || IsCommitted(s))) {
        CutBack(s);
      }
    }
    for (Source& s : sources) {
      if (!s.Whole()) Settle(s);
    }
  }

 private:
  static bool IsCommitted(const Source& s) {
    return s.standing == SegmentStanding::kTransactionCommitted ||
           s.standing == SegmentStanding::kTransactionCommitting;
  }

  SegmentDraft* FindDraft(const std::string& name) {
    auto it = std::lower_bound(
        drafts_.begin(), drafts_.end(), name,
        [](const SegmentDraft& d, const std::string& n) { return d.info.name < n; });
    return it == drafts_.end() || it->info.name != name ? nullptr : &*it;
  }

  // In the order in which they are to be merged: by commit order as far as it is known, then by id.
  std::vector<Source> Collect() {
    std::vector<std::tuple<int64_t, std::string, Source>> ordered;
    for (const auto& [name, fact] : found_.transactions) {
      Source s;
      s.draft = FindDraft(name);
      s.fact = &fact;
      s.standing = evidence_.controller.StandingOf(name);
      const auto parsed = ParseTransactionName(name);
      const bool gone = s.standing == SegmentStanding::kUnknown ||
                        s.standing == SegmentStanding::kTransactionAborted;
      if (s.draft == nullptr || !s.draft->data || !parsed || gone) continue;
      s.id_hex = parsed->id_hex;
      s.target = FindDraft(fact.target);
      if (s.target != nullptr && !s.target->registered) s.target = nullptr;
      FindKnown(*parsed, s);
      const int64_t last = INT64_MAX;
      ordered.emplace_back(s.known == nullptr ? last : s.known->active.commit_order.value_or(last),
                           s.id_hex, s);
    }
    std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
      return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
    });
    std::vector<Source> sources;
    sources.reserve(ordered.size());
    for (auto& [order, id, source] : ordered) sources.push_back(source);
    return sources;
  }

  void FindKnown(const TransactionName& name, Source& s) const {
    const auto parent = ParseStreamSegmentName(name.parent);
    const auto id = ParseUuidHex(name.id_hex);
    if (!parent || !id) return;
    s.stream = evidence_.controller.FindStream(parent->scope, parent->name);
    if (s.stream != nullptr) s.known = s.stream->FindTransaction(*id);
  }

  static void DropMerged(Source& s, const std::string& why) {
    Drop(*s.draft, "transaction-merged");
    AddNote(*s.draft, "transaction-merged", "merged before: {}; its own files set aside", why);
  }

  void CutBack(Source& s) {
    SegmentDraft& target = *s.target;
    if (!target.data || target.data->length <= s.fact->found_at) return;
    AddNote(target, "transaction-half-merged",
            "ends in the first {} of {} bytes of transaction {}; cut back to {}",
            s.fact->found_bytes, s.fact->bytes, s.id_hex, s.fact->found_at);
    CutSegment(*target.data, s.fact->found_at);
    target.info.length = static_cast<int64_t>(s.fact->found_at);
    target.info.start_offset = std::min(target.info.start_offset, target.info.length);
    target.data_changed = true;
  }

  void Settle(Source& s) {
    switch (s.standing) {
      case SegmentStanding::kTransactionCommitted:
        return SettleCommitted(s);
      case SegmentStanding::kTransactionCommitting:
        return ControllerMerges(s) ? Leave(s) : SettleCommitted(s);
      default:
        if (s.Proof() && s.target != nullptr) SettleCommitted(s);
    }
  }

  // A commit that had rolled the stream over merges no more; it only completes its transactions.
  static bool ControllerMerges(const Source& s) {
    if (s.known == nullptr) return false;
    const CommittingTransactionsRecord& commit = s.stream->committing;
    return !s.known->committing || !commit.active_epoch ||
           s.stream->current_epoch <= *commit.active_epoch;
  }

  static void Leave(Source& s) {
    AddNote(*s.draft, "transaction-committing", "left for the controller to merge");
  }

  void SettleCommitted(Source& s) {
    if (s.target == nullptr) return SettleWithoutTarget(s);
    if (HasRoom(s)) return Merge(s);
    if (s.target->info.start_offset > 0 ||
        (IsParentOf(s.fact->target, s.draft->info.name) && !EndedLater(s))) {
      return DropMerged(s, fmt::format("{} was sealed later, and is complete", s.fact->target));
    }
    GiveUp(s, fmt::format("{} is complete", s.fact->target), 0);
  }

  // Sealing writes everything before it; so a sealed target has it, or was truncated since.
  bool HasRoom(const Source& s) const {
    auto stored = view_.stored.find(s.fact->target);
    const bool found = stored != view_.stored.end();
    if (found && stored->second.sealed && !evidence_.modes_lost && !s.Part()) return false;
    const auto size = evidence_.controller.SealedSize(s.fact->target);
    return !size || s.target->info.length + static_cast<int64_t>(s.fact->bytes) <= *size;
  }

  // Whether the transaction was completed when its own segment had ended, so that a commit of which
  // no record is left may have made another one for it.
  static bool EndedLater(const Source& s) {
    const auto parent = ParseStreamSegmentName(s.fact->target);
    if (s.known == nullptr || !s.known->completed || !parent) return false;
    for (const auto& [number, epoch] : s.stream->epochs) {
      if (number <= parent->id.epoch || epoch.creation_time <= 0) continue;
      if (HasSegment(epoch.segments, parent->id)) continue;
      return epoch.creation_time < s.known->completion_time;
    }
    return false;
  }

  void SettleWithoutTarget(Source& s) {
    const SegmentStanding standing = evidence_.controller.StandingOf(s.fact->target);
    if (standing == SegmentStanding::kTruncatedAway || standing == SegmentStanding::kTruncating) {
      DropMerged(s, fmt::format("a truncation removed {}", s.fact->target));
    } else if (s.known != nullptr && s.known->committing && ControllerMerges(s)) {
      Leave(s);  // the commit goes on, and makes the segment
    } else {
      GiveUp(s, fmt::format("{} is not there", s.fact->target), s.fact->bytes);
    }
  }

  // `lost` bytes for certain.
  void GiveUp(Source& s, const std::string& why, uint64_t lost) {
    Drop(*s.draft, "transaction-unplaced");
    AddNote(*s.draft, "transaction-unplaced",
            "committed, but {}: nothing tells where its {} bytes belong; set aside", why,
            s.fact->bytes);
    losses_.push_back({s.draft->info.name, lost > 0 ? "bytes" : "transaction", lost, lost > 0,
                       fmt::format("committed, but {}", why)});
  }

  void Merge(Source& s) {
    StoredSegment source = *s.draft->data;
    const Completeness complete = CutSource(s, source);
    SegmentDraft& target = *s.target;
    if (!target.data) target.data = EmptyLike(source, target.info);
    const uint64_t at = target.data->length;
    for (StoredChunk chunk : source.chunks) {
      chunk.start_offset = chunk.start_offset - source.start_offset + at;
      target.data->chunks.push_back(std::move(chunk));
    }
    target.data->length = at + source.length - source.start_offset;
    target.info.length = static_cast<int64_t>(target.data->length);
    target.data_changed = true;
    AddNote(target, "transaction-merged", "{} bytes of committed transaction {} appended at {}",
            target.data->length - at, s.id_hex, at);
    Drop(*s.draft, "transaction-merged");
    const bool whole = complete == Completeness::kWhole;
    AddNote(*s.draft, whole ? "transaction-merged" : "transaction-incomplete",
            "committed; its {} bytes of whole events merged into {}", source.length,
            s.fact->target);
    if (whole) return;
    const bool cut = complete == Completeness::kCut;
    losses_.push_back({s.draft->info.name, "transaction", cut ? uint64_t{1} : 0, false,
                       cut ? "committed, but its segment is torn: its last events are lost"
                           : "committed, but its segment was not sealed in Tier-2: its last events "
                             "may be missing"});
  }

  enum class Completeness { kWhole, kUnknown, kCut };

  // Leaves the whole events.
  Completeness CutSource(const Source& s, StoredSegment& source) const {
    const bool sealed = source.sealed || s.draft->info.sealed || evidence_.modes_lost;
    const Completeness as_found = sealed ? Completeness::kWhole : Completeness::kUnknown;
    auto facts = found_.facts.find(source.name);
    if (facts == found_.facts.end()) return as_found;
    const TailFact& tail = facts->second.tail;
    if (tail.kind != TailKind::kTorn) return facts->second.hole ? Completeness::kCut : as_found;
    if (source.length > tail.end) CutSegment(source, tail.end);
    return Completeness::kCut;
  }

  static StoredSegment EmptyLike(const StoredSegment& source, const SegmentInfo& info) {
    StoredSegment empty = source;
    empty.name = empty.record.name = info.name;
    empty.sealed = info.sealed;
    empty.start_offset = empty.length = 0;
    empty.chunks.clear();
    return empty;
  }

  const Evidence& evidence_;
  const ContainerView& view_;
  const ContainerEvidence& found_;
  std::vector<SegmentDraft>& drafts_;
  std::vector<Loss>& losses_;
};

}  // namespace

void ResolveTransactions(const Evidence& evidence, const GatheredContainer& container,
                         std::vector<SegmentDraft>& drafts, std::vector<Loss>& losses) {
  if (container.evidence.transactions.empty()) return;
  Resolver(evidence, container, drafts, losses).Run();
}

void FindLostTransactions(const Evidence& evidence, std::vector<Anomaly>& anomalies,
                          std::vector<Loss>& losses) {
  for (const auto& [scope_name, scope] : evidence.controller.scopes) {
    for (const auto& [stream_name, stream] : scope.streams) {
      for (const auto& [id, transaction] : stream.transactions) {
        if (!IsUnfinished(transaction.status)) continue;
        if (evidence.transactions.contains(id.Hex())) continue;
        const std::string why = fmt::format(
            "{} for the controller, and Tier-2 knows no segment of it: either it was merged before "
            "its container's metadata was flushed, or its events are lost",
            transaction.status == TransactionStatus::kOpen ? "open" : "being committed");
        const std::string subject =
            fmt::format("{}/{} transaction {}", scope_name, stream_name, id.Text());
        anomalies.push_back({"transaction-lost", -1, subject, why});
        losses.push_back({subject, "transaction", 0, false, why});
      }
    }
  }
}

}  // namespace pdr

#include "recovery/losses.h"

#include <algorithm>

#include "base/clock.h"
#include "format/names.h"
#include "recovery/segment_kind.h"

namespace pdr {
namespace {

constexpr int64_t kFlushAllowanceMs = 10000;

class SegmentLosses {
 public:
  SegmentLosses(const Evidence& evidence, const ContainerView& view, const ContainerEvidence& found,
                const Reached& reached, std::vector<Loss>& out)
      : evidence_(evidence), view_(view), found_(found), reached_(reached), out_(out) {}

  void State(const SegmentDecision& decision) {
    const SegmentInfo& info = decision.info;
    name_ = info.name;
    const auto& notes = decision.notes;
    if (std::any_of(notes.begin(), notes.end(),
                    [](const Note& n) { return n.code == "index-unreadable"; })) {
      Add("index", 1, true,
          "no readable tree in its attribute index: which of their events its writers had written "
          "is not known; a writer that goes on may write some twice");
    }
    length_ = info.length;
    auto facts = found_.facts.find(info.name);
    if (facts != found_.facts.end()) StateFacts(facts->second);
    // What lies beyond a hole is stated as such, and not once more.
    if (facts != found_.facts.end() && facts->second.hole) {
      length_ += static_cast<int64_t>(facts->second.hole->lost_tail_bytes);
    }
    StateLength();
  }

 private:
  void Add(std::string_view what, uint64_t amount, bool exact, std::string evidence) {
    if (amount > 0) out_.push_back({name_, std::string(what), amount, exact, std::move(evidence)});
  }

  void StateFacts(const SegmentFacts& facts) {
    if (facts.tail.kind == TailKind::kTorn) {
      const bool table = facts.table.has_value();
      Add(table ? "entries" : "events", 1, false,
          fmt::format("{} bytes of a torn {} at {}, {} more never arrived", facts.tail.torn_bytes,
                      table ? "entry" : "event", facts.tail.end, facts.tail.missing_bytes));
    }
    if (facts.hole) {
      Add("bytes", facts.hole->lost_head_bytes + facts.hole->lost_tail_bytes, true,
          "chunk files that are missing or short");
    }
    if (facts.table) {
      Add("keys", facts.table->index_ahead, false,
          "keys whose newest entry the index places outside of the data that is there");
      if (facts.table->removals_unknown) {
        out_.push_back({name_, "removals", 0, false, "there is no index to tell what was removed"});
      }
    }
  }

  // The exact sealed size beats every lower bound.
  void StateLength() {
    if (auto sealed = evidence_.controller.SealedSize(name_); sealed && *sealed > length_) {
      Add("bytes", static_cast<uint64_t>(*sealed - length_), true,
          "the controller's record of the size it was sealed at");
      return;
    }
    int64_t known = evidence_.controller.KnownLength(name_).value_or(0);
    std::string source = "a stream cut or sealed size in the controller's tables";
    auto record = view_.records.find(name_);
    if (record != view_.records.end() && record->second.length > known) {
      known = record->second.length;
      source = "the length in its container's metadata";
    }
    auto reached = reached_.find(name_);
    if (reached != reached_.end() && reached->second->offset > known) {
      known = reached->second->offset;
      source = fmt::format("a position in {}", reached->second->holder);
    }
    if (known > length_) {
      Add("bytes", static_cast<uint64_t>(known - length_), false, source);
    }
  }

  const Evidence& evidence_;
  const ContainerView& view_;
  const ContainerEvidence& found_;
  const Reached& reached_;
  std::vector<Loss>& out_;
  std::string name_;
  int64_t length_ = 0;
};

}  // namespace

Reached FarthestPositions(const Evidence& evidence) {
  Reached reached;
  for (const std::vector<ReadPosition>& positions : evidence.positions) {
    for (const ReadPosition& p : positions) {
      const ReadPosition*& farthest = reached[p.segment];
      if (farthest == nullptr || p.offset > farthest->offset) farthest = &p;
    }
  }
  return reached;
}

void StateSegmentLosses(const Evidence& evidence, const GatheredContainer& container,
                        const Reached& reached, const ContainerPlan& plan,
                        std::vector<Loss>& losses) {
  SegmentLosses of(evidence, container.view, container.evidence, reached, losses);
  for (const SegmentDecision& s : plan.segments) {
    if (!IsControllerReaderGroup(s.info.name)) of.State(s);  // which the controller begins anew
  }
}

bool WasWrittenAfterFlush(const ContainerView& view, const ContainerEvidence& found) {
  for (const auto& [name, segment] : view.stored) {
    if (IsAttributeIndex(name)) continue;
    auto record = view.records.find(name);
    if (record == view.records.end()) continue;
    if (record->second.length != static_cast<int64_t>(segment.length)) return true;
  }
  return std::any_of(found.facts.begin(), found.facts.end(), [](const auto& segment) {
    return segment.second.table && !segment.second.table->in_step;
  });
}

// Where metadata lags, writes were going on when Tier-1 was lost, in all containers. What had not
// reached Tier-2 left no trace, so the time is all there is to say. Section 5.2: nothing stays
// behind for longer than the flush interval and one flush, as long as Tier-2 keeps up.
void StateWindow(int64_t newest_file_ns, const PlanOptions& options, Plan& plan) {
  const uint64_t open = plan.totals.segments - plan.totals.sealed;
  const int64_t newest_ms = newest_file_ns / kNanosPerMilli;
  const int64_t from_ms = newest_ms - options.flush_interval_ms - kFlushAllowanceMs;
  plan.losses.push_back(
      {"cluster", "window", open, false,
       fmt::format(
           "not flushed when Tier-1 was lost; Tier-2 was last written to at {}, and a write "
           "reaches it within {} ms of the flush interval and {} ms for the flush",
           TimeText(newest_ms), options.flush_interval_ms, kFlushAllowanceMs),
       from_ms});
}

}  // namespace pdr

#include "recovery/losses.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <map>

namespace pdr {
namespace {

// How far somebody is known to have read, or marked time, in a segment.
using Reached = std::map<std::string, const ReadPosition*>;

Reached FarthestPositions(const Evidence& evidence) {
  Reached reached;
  for (const ContainerEvidence& c : evidence.containers) {
    for (const ReadPosition& p : c.positions) {
      const ReadPosition*& farthest = reached[p.segment];
      if (farthest == nullptr || p.offset > farthest->offset) farthest = &p;
    }
  }
  return reached;
}

class SegmentLosses {
 public:
  SegmentLosses(const Evidence& evidence, const ContainerView& view, const ContainerEvidence& found,
                const Reached& reached, std::vector<Loss>& out)
      : evidence_(evidence), view_(view), found_(found), reached_(reached), out_(out) {}

  void State(const SegmentInfo& info) {
    name_ = info.name;
    length_ = info.length;
    auto facts = found_.facts.find(info.name);
    if (facts != found_.facts.end()) StateFacts(facts->second);
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
      Add("keys", facts.table->index_ahead, true,
          "keys whose newest entry the index places beyond the end of the data");
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

// A clean flush leaves every record as long as its segment. Where records lag, writes were going on
// when Tier-1 was lost, and what had not reached Tier-2 left no trace: the window is all there is.
void StateWindow(const Evidence& evidence, const ContainerView& view, std::vector<Loss>& losses) {
  uint64_t behind = 0;
  for (const auto& [name, segment] : view.stored) {
    auto record = view.records.find(name);
    if (record == view.records.end()) continue;
    if (record->second.length != static_cast<int64_t>(segment.length)) ++behind;
  }
  if (behind == 0) return;
  const auto seconds = static_cast<std::time_t>(evidence.newest_file_ns / 1000000000);
  losses.push_back(
      {fmt::format("container {}", view.container), "bytes", 0, false,
       fmt::format("{} segments were written to after their container's metadata was; whatever was "
                   "acknowledged and had not reached Tier-2 at {:%Y-%m-%dT%H:%M:%SZ}, when it was "
                   "last written, is lost without a trace",
                   behind, fmt::gmtime(seconds))});
}

}  // namespace

void StateLosses(const Evidence& evidence, Plan& plan) {
  std::vector<Loss>& losses = plan.losses;
  const Reached reached = FarthestPositions(evidence);
  for (size_t c = 0; c < plan.containers.size(); ++c) {
    SegmentLosses of(evidence, evidence.view.containers[c], evidence.containers[c], reached,
                     losses);
    StateWindow(evidence, evidence.view.containers[c], losses);
    for (const SegmentDecision& s : plan.containers[c].segments) {
      const auto& emptied = plan.controller.emptied_reader_groups;
      if (std::find(emptied.begin(), emptied.end(), s.info.name) != emptied.end()) continue;
      of.State(s.info);
    }
  }
  std::stable_sort(losses.begin(), losses.end(),
                   [](const Loss& a, const Loss& b) { return a.subject < b.subject; });
}

}  // namespace pdr

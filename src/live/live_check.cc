#include "live/live_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "base/parallel.h"
#include "live/container_stores.h"
#include "live/store_questions.h"

namespace pdr {
namespace {

// What one store is asked: segments, as indexes into the plan, and a probe for each container.
struct Share {
  std::vector<size_t> segments;
  std::vector<std::string> probes;
};
using Shares = std::map<Endpoint, Share>;

StatusOr<Shares> ShareOut(const std::vector<PlannedSegment>& plan,
                          const std::vector<Endpoint>& stores) {
  Shares shares;
  const std::vector<int64_t> probes = ProbeNumbers(static_cast<int>(stores.size()));
  for (size_t c = 0; c < stores.size(); ++c) {
    shares[stores[c]].probes.push_back(ProbeName(probes[c]));
  }
  for (size_t i = 0; i < plan.size(); ++i) {
    const auto container = static_cast<size_t>(plan[i].container);
    if (container >= stores.size()) {
      return Internal("the plan has container {} of {}", plan[i].container, stores.size());
    }
    shares[stores[container]].segments.push_back(i);
  }
  return shares;
}

void Add(const LiveReport& part, LiveReport& total) {
  total.findings.insert(total.findings.end(), part.findings.begin(), part.findings.end());
  total.containers += part.containers;
  total.segments += part.segments;
  total.tables += part.tables;
  total.keys += part.keys;
  total.grown += part.grown;
  total.sealed += part.sealed;
  total.truncated += part.truncated;
  total.ended += part.ended;
  total.own += part.own;
  total.unanswered += part.unanswered;
}

// One store's share: are its containers online; then every segment, then the keys of those tables
// that are there. A store closes the connection when it is asked for the keys of something that is
// no table.
class StoreCheck {
 public:
  StoreCheck(const std::vector<PlannedSegment>& plan, Endpoint store, Share share,
             std::chrono::milliseconds timeout)
      : plan_(plan), store_(std::move(store)), share_(std::move(share)), timeout_(timeout) {}

  Status Run(Progress& progress) {
    RETURN_IF_ERROR(Probe());
    std::vector<size_t> tables;
    RETURN_IF_ERROR(Ask(WireType::kGetStreamSegmentInfo, share_.segments,
                        [&](size_t i, const WireReply& reply) {
                          const uint64_t before = report_.segments;
                          CompareSegment(plan_[i], reply, report_);
                          if (report_.segments > before && IsTable(plan_[i])) tables.push_back(i);
                          progress.Advance(1);
                        }));
    return Ask(WireType::kGetTableSegmentInfo, tables,
               [&](size_t i, const WireReply& reply) { CompareTable(plan_[i], reply, report_); });
  }

  const LiveReport& report() const { return report_; }

 private:
  Status Probe() {
    std::vector<StoreQuestion> questions;
    questions.reserve(share_.probes.size());
    for (const std::string& probe : share_.probes) {
      questions.push_back({WireType::kGetStreamSegmentInfo, probe});
    }
    return AskStore(store_, questions, timeout_,
                    [&](size_t, const WireReply&) { ++report_.containers; });
  }

  Status Ask(WireType type, const std::vector<size_t>& segments, const StoreAnswer& answer) {
    std::vector<StoreQuestion> questions;
    questions.reserve(segments.size());
    for (size_t i : segments) questions.push_back({type, plan_[i].info.name});
    return AskStore(store_, questions, timeout_,
                    [&](size_t k, const WireReply& reply) { answer(segments[k], reply); });
  }

  const std::vector<PlannedSegment>& plan_;
  Endpoint store_;
  Share share_;
  std::chrono::milliseconds timeout_;
  LiveReport report_;
};

constexpr int64_t kBetweenTriesMillis = 1000;

StatusOr<LiveReport> CheckOnce(const std::vector<PlannedSegment>& plan, const LiveOptions& options,
                               Progress& progress) {
  progress.Begin({"finding the segment stores", "segment store"});
  ASSIGN_OR_RETURN(
      std::vector<Endpoint> stores,
      FindContainerStores(options.controllers, options.container_count, options.timeout));
  progress.Begin({"asking the segment stores", "segment", plan.size()});
  std::vector<StoreCheck> checks;
  ASSIGN_OR_RETURN(Shares shares, ShareOut(plan, stores));
  for (auto& [store, share] : shares) {
    checks.emplace_back(plan, store, std::move(share), options.timeout);
  }
  RETURN_IF_ERROR(ParallelFor(checks.size(), options.threads,
                              [&](size_t i) { return checks[i].Run(progress); }));
  LiveReport report;
  report.stores = checks.size();
  for (const StoreCheck& check : checks) Add(check.report(), report);
  std::sort(report.findings.begin(), report.findings.end(),
            [](const LiveFinding& a, const LiveFinding& b) {
              return std::tie(a.container, a.segment, a.code) <
                     std::tie(b.container, b.segment, b.code);
            });
  return report;
}

}  // namespace

// A cluster that was just started is not up yet: its controller refuses connections or names no
// store, and its stores hang up, until all containers are online; and they may move at first.
StatusOr<LiveReport> CheckLiveCluster(const std::vector<PlannedSegment>& plan,
                                      const LiveOptions& options, Progress& progress) {
  const int64_t patience = std::chrono::milliseconds(options.patience).count();
  const int64_t begun = options.clock->NowMillis();
  std::set<std::string> said;
  while (true) {
    StatusOr<LiveReport> report = CheckOnce(plan, options, progress);
    if (!absl::IsUnavailable(report.status())) return report;
    const std::string why(Message(report.status()));
    if (options.clock->NowMillis() - begun >= patience) {
      return Unavailable("the cluster is not up: {}; look at its logs, and at --controller", why);
    }
    if (said.insert(why).second) progress.Note(fmt::format("waiting for the cluster: {}", why));
    options.clock->SleepMillis(kBetweenTriesMillis);
  }
}

}  // namespace pdr

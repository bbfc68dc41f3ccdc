#include "recovery/testing/sample_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "recovery/anomaly_codes.h"
#include "recovery/gather.h"
#include "recovery/planner.h"
#include "recovery/testing/aside.h"
#include "recovery/workspace.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

class StillClock : public Clock {
 public:
  int64_t NowMillis() const override { return 1700000000000; }
  void SleepMillis(int64_t) const override {}
};

RecoverOptions EverythingAllowed() {
  RecoverOptions options;
  options.root = "/tier2";
  options.run_id = "run";
  options.threads = options.gather.threads = 1;
  options.gather.scratch = AllAside();
  options.gather.mixed_segments = 2;
  for (const AnomalyCode& code : AnomalyCodes()) options.allow.insert(std::string(code.code));
  return options;
}

}  // namespace

std::string SampleEvents(const std::vector<std::string>& payloads) {
  ByteWriter w;
  for (const std::string& p : payloads) {
    w.I32(0).I32(static_cast<int32_t>(p.size())).Put(p);
  }
  return w.Take();
}

SampleCluster::SampleCluster(Layout layout) : tree_(std::make_unique<SmallCluster>(layout)) {
  tree_->segments.clear();
}

TestSegment& SampleCluster::Stream(const std::string& segment, std::string data) {
  return tree_->Add(segment, std::move(data), {{kSegmentType, 0}});
}

TestSegment& SampleCluster::Table(const std::string& segment, std::string data, int64_t type) {
  const Attributes attributes = TableAttributes(data, type);
  TestSegment& added = tree_->Add(segment, std::move(data), attributes);
  if (type == kTypeTable && !added.data.empty()) {
    added.index = BulkLoadBtree(HashIndexOf(added.data), {});
  }
  return added;
}

MemoryDisk& SampleCluster::Build() {
  for (const auto& [name, values] : controller.Tables()) {
    std::vector<std::pair<std::string, std::optional<std::string>>> puts(values.begin(),
                                                                         values.end());
    Table(name, TableData(puts));
  }
  tree_->Build();
  return tree_->disk;
}

std::string SampleCluster::FileNamed(std::string_view part) {
  std::vector<std::string> found;
  for (const auto& [path, file] : disk().Files()) {
    if (path.find(part) != std::string::npos) found.push_back(path);
  }
  EXPECT_EQ(found.size(), 1u) << part;
  return found.empty() ? "" : found[0];
}

std::string SampleCluster::BytesOf(const std::string& path) {
  const auto files = disk().Files();
  auto it = files.find(path);
  EXPECT_NE(it, files.end()) << path;
  return it == files.end() ? "" : it->second.bytes;
}

std::string SampleCluster::StoredBytes(const std::string& segment) {
  StatusOr<Inventory> inventory = ScanTier2(disk(), Progress::Silent());
  EXPECT_TRUE(inventory.ok());
  StatusOr<Tier2View> view = ReadTier2(disk(), *inventory, 1, Progress::Silent());
  EXPECT_TRUE(view.ok());
  const auto& stored = view->containers[0].stored;
  auto it = stored.find(segment);
  if (it == stored.end()) return "(none)";
  const uint64_t from = it->second.start_offset;
  StatusOr<std::string> bytes = ReadSegment(disk(), it->second, from, it->second.length - from);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? *bytes : "";
}

SampleCluster::Planned SampleCluster::MakePlan(const PlanOptions& options, TailCheck check) {
  RecoverOptions run = EverythingAllowed();
  run.plan = options;
  run.gather.tail_check = check;
  StatusOr<PlannedRun> planned = PlanRun(disk(), "pravega-cluster", run, Progress::Silent());
  EXPECT_TRUE(planned.ok()) << Message(planned.status());
  if (!planned.ok()) return {};
  std::vector<ContainerPlan> containers = PlansOf(planned->plan);
  return {std::move(planned->plan), std::move(containers)};
}

const SegmentDecision* SampleCluster::Planned::Find(const std::string& segment) const {
  for (const ContainerPlan& c : containers) {
    for (const SegmentDecision& s : c.segments) {
      if (s.info.name == segment) return &s;
    }
  }
  return nullptr;
}

std::vector<std::string> SampleCluster::Planned::Codes(const std::string& subject) const {
  std::vector<std::string> codes;
  for (const Anomaly& a : plan.anomalies) {
    if (a.subject == subject) codes.push_back(a.code);
  }
  return codes;
}

std::string SampleCluster::Planned::Message(const std::string& subject,
                                            const std::string& code) const {
  for (const Anomaly& a : plan.anomalies) {
    if (a.subject == subject && a.code == code) return a.message;
  }
  return "";
}

bool SampleCluster::Planned::IsSetAside(std::string_view part) const {
  return std::any_of(containers.begin(), containers.end(), [&](const ContainerPlan& c) {
    return std::any_of(c.set_aside.begin(), c.set_aside.end(),
                       [&](const SetAside& s) { return s.path.find(part) != std::string::npos; });
  });
}

const Loss* SampleCluster::Planned::FindLoss(const std::string& subject,
                                             const std::string& what) const {
  for (const Loss& loss : plan.losses) {
    if (loss.subject == subject && loss.what == what) return &loss;
  }
  return nullptr;
}

void SampleCluster::ExpectRecovers(const PlanOptions& plan) {
  TempDir directory;
  FakeCluster empty;
  StatusOr<std::unique_ptr<Workspace>> workspace = Workspace::Open(directory.path());
  ASSERT_TRUE(workspace.ok()) << workspace.status();
  Tier1 tier1 = empty.Open();
  RecoverOptions options = EverythingAllowed();
  options.plan = plan;
  StillClock clock;
  RecoverRun run(disk(), tier1, **workspace, options, clock, Progress::Silent());
  StatusOr<RecoverResult> result = run.Run([](const PlannedRun&) { return true; });
  ASSERT_TRUE(result.ok()) << result.status();
  for (const Finding& f : result->verify.findings) {
    ADD_FAILURE() << f.code << " " << f.segment << ": " << f.message;
  }
  EXPECT_TRUE(result->outcome == RecoverOutcome::kDone ||
              result->outcome == RecoverOutcome::kDoneWithLoss);
}

}  // namespace pdr

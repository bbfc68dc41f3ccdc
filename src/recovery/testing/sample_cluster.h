// A small cluster of one container before a recovery: Tier-2 in memory, Tier-1 gone. Tests only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "recovery/recover.h"
#include "recovery/testing/sample_controller.h"
#include "tier1/testing/fake_tier1.h"
#include "verify/testing/small_cluster.h"

namespace pdr {

// A stream segment of which nothing is special.
inline constexpr char kSampleSegment[] = "s/x/0.#epoch.0";

// Framed events with these payloads.
std::string SampleEvents(const std::vector<std::string>& payloads);

class SampleCluster {
 public:
  explicit SampleCluster(Layout layout);

  // What Tier-2 holds; change it first. The controller's tables are laid out by Build.
  SampleController controller;
  TestSegment& Stream(const std::string& segment, std::string data);
  TestSegment& Table(const std::string& segment, std::string data, int64_t type = kTypeTable);
  SmallCluster& tree() { return *tree_; }
  MemoryDisk& Build();

  MemoryDisk& disk() { return tree_->disk; }
  // The one file whose name has this part; fails the test when there is none or several.
  std::string FileNamed(std::string_view part);
  std::string BytesOf(const std::string& path);
  // What Tier-2 holds of a segment, from its first chunk on; "(none)" when it does not exist.
  std::string StoredBytes(const std::string& segment);

  struct Planned {
    Plan plan;
    std::vector<ContainerPlan> containers;  // of the plan
    const SegmentDecision* Find(const std::string& segment) const;
    std::vector<std::string> Codes(const std::string& subject) const;  // of its anomalies
    std::string Message(const std::string& subject, const std::string& code) const;
    bool IsSetAside(std::string_view part_of_path) const;
    const Loss* FindLoss(const std::string& subject, const std::string& what) const;
  };
  Planned MakePlan(const PlanOptions& options = {}, TailCheck check = TailCheck::kFull);

  // The whole recovery into an empty Tier-1, all that needs it allowed; fails the test unless the
  // judge finds nothing wrong.
  void ExpectRecovers(const PlanOptions& options = {});

 private:
  std::unique_ptr<SmallCluster> tree_;
};

}  // namespace pdr

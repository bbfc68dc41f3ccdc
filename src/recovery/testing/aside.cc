#include "recovery/testing/aside.h"

#include <gtest/gtest.h>

namespace pdr {

std::shared_ptr<Scratch> AllAside() { return std::make_shared<Scratch>(testing::TempDir(), 0); }

PlannedRun CopyOf(const PlannedRun& run) {
  PlannedRun copy;
  copy.inventory = run.inventory;
  copy.identity = run.identity;
  static_cast<WholePlan&>(copy.plan) = run.plan;
  const std::vector<ContainerPlan> plans = PlansOf(run.plan);
  copy.plan.containers = Shelf<ContainerPlan, ContainerPlanCodec>(plans.size(), Scratch::None());
  for (size_t c = 0; c < plans.size(); ++c) {
    EXPECT_TRUE(copy.plan.containers.Put(c, plans[c]).ok());
  }
  return copy;
}

std::vector<ContainerPlan> PlansOf(const Plan& plan) {
  std::vector<ContainerPlan> plans;
  const Status looked = plan.containers.LookAtAll([&](const ContainerPlan& container) {
    plans.push_back(container);
    return OkStatus();
  });
  EXPECT_TRUE(looked.ok()) << looked;
  return plans;
}

}  // namespace pdr

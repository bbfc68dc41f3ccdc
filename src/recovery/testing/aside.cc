#include "recovery/testing/aside.h"

#include <gtest/gtest.h>

#include "recovery/share_records.h"

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

namespace {

std::string EncodeWhole(const PlannedRun& planned) {
  SharedRun run;
  run.identity = planned.identity;
  run.epoch = planned.plan.epoch;
  run.controller = planned.plan.controller;
  run.anomalies = planned.plan.anomalies;
  run.losses = planned.plan.losses;
  return EncodeSharedRun(run);
}

}  // namespace

void ExpectSamePlan(const PlannedRun& run, const PlannedRun& expected, const std::string& where) {
  EXPECT_EQ(run.identity.plan_digest, expected.identity.plan_digest) << where;
  EXPECT_EQ(run.plan.totals.segments, expected.plan.totals.segments) << where;
  EXPECT_EQ(run.plan.totals.touched, expected.plan.totals.touched) << where;
  EXPECT_EQ(run.plan.anomalies, expected.plan.anomalies) << where;
  EXPECT_EQ(run.plan.losses, expected.plan.losses) << where;
  const std::vector<ContainerPlan> plans = PlansOf(expected.plan);
  const std::vector<ContainerPlan> same = PlansOf(run.plan);
  ASSERT_EQ(same.size(), plans.size()) << where;
  for (size_t c = 0; c < plans.size(); ++c) {
    EXPECT_TRUE(ContainerPlanCodec::Encode(same[c]) == ContainerPlanCodec::Encode(plans[c]))
        << where << ", container " << c;
  }
  EXPECT_TRUE(EncodeWhole(run) == EncodeWhole(expected)) << where;
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

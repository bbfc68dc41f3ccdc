#include "cli/progress_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pdr {
namespace {

PhaseState Sample() {
  PhaseState p;
  p.name = "gather";
  p.unit = "segment";
  p.total = 2000;
  p.containers = 16;
  p.done = 500;
  p.containers_done = 3;
  p.bytes = 300 << 20;
  p.elapsed_ms = 3000;
  return p;
}

TEST(ProgressLine, Wide) {
  EXPECT_EQ(ProgressLine(Sample(), 200),
            "gather  [#####...............]  25%  500/2000 segments  3/16 containers  300.0 MiB  "
            "100.0 MiB/s  9.0 s left");
}

TEST(ProgressLine, WhatMattersLeastIsLeftOutFirst) {
  EXPECT_EQ(ProgressLine(Sample(), 80),
            "gather  25%  500/2000 segments  3/16 containers  300.0 MiB  9.0 s left");
  EXPECT_EQ(ProgressLine(Sample(), 60),
            "gather  25%  500/2000 segments  3/16 containers  9.0 s left");
  EXPECT_EQ(ProgressLine(Sample(), 30), "gather  25%  9.0 s left");
  EXPECT_EQ(ProgressLine(Sample(), 14), "gather  25%");
  EXPECT_EQ(ProgressLine(Sample(), 4), "gath");
  for (size_t width = 0; width < 150; ++width) {
    EXPECT_LE(ProgressLine(Sample(), width).size(), width);
  }
}

TEST(ProgressLine, WithoutATotalThereIsNoPercentage) {
  PhaseState p = Sample();
  p.total = 0;
  p.containers = 0;
  p.bytes = 0;
  EXPECT_EQ(ProgressLine(p, 200), "gather  500 segments  167 segments/s");
}

TEST(ProgressLine, AtTheBeginningNothingIsGuessed) {
  PhaseState p = Sample();
  p.elapsed_ms = 0;
  EXPECT_EQ(ProgressText(p), "gather  25%  500/2000 segments  3/16 containers  300.0 MiB");
  p.done = 0;
  p.elapsed_ms = 5000;
  EXPECT_EQ(ProgressText(p), "gather  0%  0/2000 segments  3/16 containers  300.0 MiB");
}

TEST(ProgressLine, MoreThanExpectedIsStillAllOfIt) {
  PhaseState p = Sample();
  p.done = 3000;
  EXPECT_THAT(ProgressText(p), testing::HasSubstr("100%  3000/2000"));
  EXPECT_THAT(ProgressText(p), testing::Not(testing::HasSubstr("left")));
}

TEST(ProgressLine, ASummary) {
  EXPECT_EQ(PhaseSummary(Sample()), "gather: 500 segments, 300.0 MiB in 3.0 s");
}

}  // namespace
}  // namespace pdr

// As many calls to Tier-2 at a time as the disk likes, and the same report at any depth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "format/names.h"
#include "tier2/testing/slow_disk.h"
#include "verify/testing/judged_cluster.h"
#include "verify/testing/small_cluster.h"
#include "verify/verify.h"

namespace pdr {
namespace {

constexpr size_t kDepth = 16;
constexpr int kSegments = 400;

class VerifyDepthTest : public testing::TestWithParam<Layout> {
 protected:
  VerifyDepthTest() : cluster_(GetParam()) {
    for (int i = 0; i < kSegments; ++i) {
      const std::string name = fmt::format("s/stream-{:03}/0.#epoch.0", i);
      TestSegment& segment = cluster_.Add(name, std::string(10, 'e'), {{kSegmentType, 0}});
      segment.index = *cluster_.segments.at(kStream).index;
      if (i % 7 == 3) segment.index->back() ^= 1;
      if (i % 7 == 5) ++segment.record.length;
    }
    cluster_.Build();
  }

  VerifyReport Verify(const Disk& disk, size_t threads) {
    Tier1 tier1 = cluster_.tier1.Open();
    const VerifyOptions options{.layout = GetParam(), .container_count = 1, .threads = threads};
    StatusOr<VerifyReport> report = VerifyCluster(disk, tier1, options, Progress::Silent());
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *std::move(report) : VerifyReport();
  }

  static std::vector<std::string> Lines(const VerifyReport& report) {
    std::vector<std::string> out;
    for (const auto* findings : {&report.findings, &report.notes}) {
      for (const Finding& f : *findings) out.push_back(f.code + ' ' + f.segment + ' ' + f.message);
    }
    out.push_back(fmt::format("{} segments, {} chunks, {} tables, {} keys", report.segments,
                              report.chunks, report.table_segments, report.table_keys));
    return out;
  }

  SmallCluster cluster_;
};

INSTANTIATE_TEST_SUITE_P(Layouts, VerifyDepthTest,
                         testing::Values(Layout::kRolling, Layout::kChunked),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

TEST_P(VerifyDepthTest, ManyCallsAreUnderWay) {
  SlowDisk disk(cluster_.disk, std::chrono::milliseconds(1), kDepth);
  Verify(disk, 2);
  EXPECT_GT(disk.most_at_once(), kDepth / 2);
  EXPECT_LE(disk.most_at_once(), kDepth);
}

TEST_P(VerifyDepthTest, OneAtATimeWhereTheDiskAsksForOne) {
  SlowDisk disk(cluster_.disk, std::chrono::microseconds(0), 1);
  Verify(disk, 1);
  EXPECT_EQ(disk.most_at_once(), 1u);
}

TEST_P(VerifyDepthTest, SameReportAtAnyDepth) {
  const SlowDisk one(cluster_.disk, std::chrono::microseconds(0), 1);
  const std::vector<std::string> lines = Lines(Verify(one, 1));
  EXPECT_GT(lines.size(), size_t{kSegments / 7 * 2});
  for (const size_t depth : {size_t{2}, size_t{7}, size_t{64}}) {
    const SlowDisk deep(cluster_.disk, std::chrono::microseconds(0), depth);
    EXPECT_EQ(Lines(Verify(deep, 2)), lines) << depth;
  }
}

TEST_P(VerifyDepthTest, NoFileIsLookedAtTwice) {
  const SlowDisk disk(cluster_.disk, std::chrono::microseconds(0), 4);
  Verify(disk, 1);
  EXPECT_EQ(disk.looks(), cluster_.disk.Files().size());
}

}  // namespace
}  // namespace pdr

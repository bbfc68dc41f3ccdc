#include "container/segment_container.h"

#include <gtest/gtest.h>

#include "tier1/durable_log.h"
#include "tier1/testing/fake_tier1.h"
#include "tier2/testing/memory_disk.h"
#include "tier2/view.h"

namespace pdr {
namespace {

SegmentInfo Segment(const std::string& name, int64_t length, int64_t start, bool sealed) {
  SegmentInfo s;
  s.name = name;
  s.length = length;
  s.start_offset = start;
  s.sealed = sealed;
  s.attributes = {{kCreationTime, 1700000000000}, {kSegmentType, 0}, {kEventCount, 17}};
  return s;
}

class SegmentContainerTest : public testing::TestWithParam<Layout> {
 protected:
  SegmentContainer NewContainer() {
    ContainerOptions options;
    options.layout = GetParam();
    options.epoch = 5;
    options.run_id = "test";
    return SegmentContainer(options);
  }
  MemoryDisk disk_;
  FakeCluster cluster_;
  Tier1 tier1_ = cluster_.Open();
};

TEST_P(SegmentContainerTest, CreatedFlushedReopenedAnswersTheSame) {
  SegmentContainer container = NewContainer();
  std::vector<SegmentInfo> segments = {Segment("s/a/0.#epoch.0", 300, 100, true),
                                       Segment("s/a/1.#epoch.0", 0, 0, false),
                                       Segment("_system/_tables/x", 99, 0, false)};
  ASSERT_TRUE(container.CreateSegments(segments).ok());
  ASSERT_TRUE(container.UpdateAttributes(segments[1].name, {{kRolloverSize, 7}}).ok());
  segments[1].attributes[kRolloverSize] = 7;
  ASSERT_TRUE(
      container.UpdateAttributes(segments[2].name, {{kEventCount, kNullAttributeValue}}).ok());
  segments[2].attributes.erase(kEventCount);
  ASSERT_TRUE(container.Flush(disk_, tier1_).ok());

  auto opened = OpenedContainer::Open(disk_, tier1_, 0, GetParam());
  ASSERT_TRUE(opened.ok()) << opened.status();
  for (const SegmentInfo& want : segments) {
    auto got = opened->GetSegmentInfo(want.name);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(*got, want);
  }
  EXPECT_TRUE(absl::IsNotFound(opened->GetSegmentInfo("s/a/2.#epoch.0").status()));
}

TEST_P(SegmentContainerTest, TenThousandSegmentsInOneFlush) {
  SegmentContainer container = NewContainer();
  std::vector<SegmentInfo> segments;
  for (int i = 0; i < 10000; ++i) {
    segments.push_back(Segment(fmt::format("s/t{}/0.#epoch.0", i), i, i / 2, i % 3 == 0));
  }
  ASSERT_TRUE(container.CreateSegments(segments).ok());
  ASSERT_TRUE(container.Flush(disk_, tier1_).ok());
  EXPECT_EQ(cluster_.ledgers.size(), 1u);
  EXPECT_EQ(cluster_.ledgers.begin()->second.entries.size(), 1u);  // one frame, not one per segment
  auto opened = OpenedContainer::Open(disk_, tier1_, 0, GetParam());
  ASSERT_TRUE(opened.ok()) << opened.status();
  for (int i = 0; i < 10000; i += 617) {
    auto got = opened->GetSegmentInfo(segments[i].name);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(*got, segments[i]);
  }
}

TEST_P(SegmentContainerTest, RefusesWhatCannotBe) {
  SegmentContainer container = NewContainer();
  EXPECT_TRUE(absl::IsInvalidArgument(container.CreateSegments({Segment("a/../b", 1, 0, false)})));
  EXPECT_TRUE(absl::IsInvalidArgument(container.CreateSegments({Segment("a/b", 1, 2, false)})));
  ASSERT_TRUE(container.CreateSegments({Segment("a/b", 1, 0, false)}).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(container.CreateSegments({Segment("a/b", 1, 0, false)})));
  EXPECT_TRUE(absl::IsNotFound(container.UpdateAttributes("a/c", {})));
  EXPECT_TRUE(absl::IsInvalidArgument(container.UpdateAttributes("a/b", {{{1, 2}, 3}})));
}

TEST_P(SegmentContainerTest, DoesNotOverwriteAContainer) {
  SegmentContainer container = NewContainer();
  ASSERT_TRUE(container.Flush(disk_, tier1_).ok());
  const auto before = disk_.Files();
  EXPECT_FALSE(container.Flush(disk_, tier1_).ok());
  EXPECT_TRUE(disk_.Files() == before);
}

TEST_P(SegmentContainerTest, SameStateSameBytes) {
  SegmentContainer one = NewContainer();
  SegmentContainer two = NewContainer();
  ASSERT_TRUE(one.CreateSegments({Segment("a/b", 1, 0, false), Segment("a/c", 2, 0, true)}).ok());
  ASSERT_TRUE(two.CreateSegments({Segment("a/c", 2, 0, true), Segment("a/b", 1, 0, false)}).ok());
  EXPECT_EQ(one.LayOut().files, two.LayOut().files);
  EXPECT_EQ(one.LayOut().frames, two.LayOut().frames);
}

// What the readers of Tier-2 see is what was created.
TEST_P(SegmentContainerTest, TheImageReadsBackAsAContainer) {
  SegmentContainer container = NewContainer();
  ASSERT_TRUE(container.CreateSegments({Segment("a/b", 0, 0, false)}).ok());
  ASSERT_TRUE(container.Flush(disk_, tier1_).ok());
  auto inventory = ScanTier2(disk_, Progress::Silent());
  ASSERT_TRUE(inventory.ok()) << inventory.status();
  EXPECT_EQ(inventory->layout, GetParam());
  auto view = ReadTier2(disk_, *inventory, 1, Progress::Silent());
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_TRUE(view->containers[0].records.contains("a/b"));
  EXPECT_TRUE(view->AllAnomalies().empty());
}

INSTANTIATE_TEST_SUITE_P(Layouts, SegmentContainerTest,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

}  // namespace
}  // namespace pdr

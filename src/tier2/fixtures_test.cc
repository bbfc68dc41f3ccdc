// The trees that real clusters left, read as a whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "format/names.h"
#include "tier2/listing.h"
#include "tier2/posix_disk.h"
#include "tier2/table_scan.h"
#include "tier2/testing/tar_fixture.h"
#include "tier2/view.h"

namespace pdr {
namespace {

class FixtureTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto root = ExtractFixture("testdata", GetParam(), directory_.path());
    ASSERT_TRUE(root.ok()) << root.status();
    auto disk = OpenPosixDisk(*root, DiskAccess::kReadOnly);
    ASSERT_TRUE(disk.ok()) << disk.status();
    disk_ = std::move(*disk);
    auto inventory = ScanTier2(*disk_, Progress::Silent());
    ASSERT_TRUE(inventory.ok()) << inventory.status();
    inventory_ = std::move(*inventory);
    auto view = ReadTier2(*disk_, inventory_, 2, Progress::Silent());
    ASSERT_TRUE(view.ok()) << view.status();
    view_ = std::move(*view);
  }
  bool Has(std::string_view part) const { return GetParam().find(part) != std::string::npos; }

  TempDir directory_;
  std::unique_ptr<Disk> disk_;
  Inventory inventory_;
  Tier2View view_;
};

TEST_P(FixtureTest, LayoutAndContainers) {
  EXPECT_EQ(inventory_.layout, Has("rolling") ? Layout::kRolling : Layout::kChunked);
  EXPECT_EQ(inventory_.container_count, 4);
  EXPECT_EQ(view_.containers.size(), 4u);
  EXPECT_TRUE(inventory_.unreadable.empty());
  EXPECT_EQ(inventory_.CountByClass().count(FileClass::kForeign), 0u);
  EXPECT_EQ(view_.max_epoch, Has("rolling") ? 0u : 1u);
}

TEST_P(FixtureTest, ListsEverySegmentOfTheClusterInItsContainer) {
  auto listing = ListTier2(*disk_, inventory_, 2, Progress::Silent());
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_EQ(listing->containers.size(), 4u);
  std::set<std::string_view> names;
  size_t sealed = 0, empty = 0;
  for (int container = 0; container < 4; ++container) {
    for (const SegmentRow& row : listing->containers[static_cast<size_t>(container)]) {
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_EQ(ContainerOf(row.name, 4), container) << row.name;
      EXPECT_LE(row.start_offset, row.length) << row.name;
      EXPECT_FALSE(IsAttributeIndex(row.name)) << row.name;
      if (row.sealed) ++sealed;
      if (row.length == 0) ++empty;
    }
  }
  EXPECT_EQ(names.size(), 336u);
  EXPECT_TRUE(names.contains("dr/plain/0.#epoch.0"));
  EXPECT_TRUE(names.contains("_system/_tables/deletedStreams"));
  EXPECT_GT(sealed, 0u);
  EXPECT_GT(empty, 100u);  // registered, never written
}

TEST_P(FixtureTest, StoredSegmentsAddUpAndCanBeRead) {
  for (const ContainerView& container : view_.containers) {
    for (const auto* segments : {&container.stored, &container.system}) {
      for (const auto& [name, segment] : *segments) {
        EXPECT_EQ(segment.name, name);
        uint64_t offset = segment.chunks.empty() ? segment.length : segment.chunks[0].start_offset;
        EXPECT_LE(offset, segment.start_offset) << name;
        for (const StoredChunk& chunk : segment.chunks) {
          EXPECT_TRUE(chunk.exists) << chunk.path;
          EXPECT_EQ(chunk.start_offset, offset) << chunk.path;
          EXPECT_GE(chunk.file_size, chunk.length) << chunk.path;
          offset += chunk.length;
        }
        EXPECT_EQ(offset, segment.length) << name;
        const uint64_t bytes = segment.length - segment.start_offset;
        auto data = ReadSegment(*disk_, segment, segment.start_offset, bytes);
        ASSERT_TRUE(data.ok()) << data.status();
        EXPECT_EQ(data->size(), bytes);
      }
    }
  }
}

TEST_P(FixtureTest, AnomaliesAreThoseOfTheWayItDied) {
  std::map<std::string, size_t> codes;
  for (const Anomaly& a : view_.AllAnomalies()) ++codes[a.code];
  std::map<std::string, size_t> want;
  if (GetParam() == "chunked-killed") want = {{"chunk-long", 21}};
  if (GetParam() == "chunked-torn") {
    want = {{"chunk-long", 9}, {"list-disagrees", 3}, {"table-torn", 4}};
  }
  EXPECT_EQ(codes, want);
  EXPECT_EQ(view_.unreferenced.empty(), Has("rolling"));
}

TEST_P(FixtureTest, NoFileIsOpenedTwiceAndDataNotAtAll) {
  MemoryDisk disk;
  ASSERT_TRUE(LoadInto(disk, *disk_).ok());
  auto view = ReadTier2(disk, inventory_, 2, Progress::Silent());
  ASSERT_TRUE(view.ok()) << view.status();
  for (const InventoryFile& file : inventory_.files) {
    const std::string path(file.path);
    EXPECT_LE(disk.opens(path), 1u) << path;
    if (file.file_class == FileClass::kChunk || file.file_class == FileClass::kAttributeChunk) {
      EXPECT_EQ(disk.opens(path), 0u) << path;
    }
  }
}

TEST_P(FixtureTest, ThreadsDoNotChangeTheAnswer) {
  auto view = ReadTier2(*disk_, inventory_, 1, Progress::Silent());
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->AllAnomalies(), view_.AllAnomalies());
  EXPECT_EQ(view->unreferenced, view_.unreferenced);
  for (size_t c = 0; c < view_.containers.size(); ++c) {
    EXPECT_EQ(view->containers[c].stored.size(), view_.containers[c].stored.size());
    EXPECT_EQ(view->containers[c].records.size(), view_.containers[c].records.size());
  }
}

INSTANTIATE_TEST_SUITE_P(All, FixtureTest,
                         testing::Values("chunked-flushed", "chunked-killed", "chunked-torn",
                                         "rolling-flushed", "rolling-killed", "rolling-torn"),
                         [](const auto& param) {
                           std::string name = param.param;
                           name.replace(name.find('-'), 1, "_");
                           return name;
                         });

}  // namespace
}  // namespace pdr

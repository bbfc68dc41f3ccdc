// The trees that real clusters left, read as a whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "format/names.h"
#include "tier2/posix_disk.h"
#include "tier2/table_scan.h"
#include "tier2/testing/tar_fixture.h"
#include "tier2/view.h"

namespace pdr {
namespace {

class FixtureTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto root = ExtractFixture(PDR_TESTDATA, GetParam(), directory_.path());
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

TEST_P(FixtureTest, Print) {
  size_t records = 0, stored = 0;
  for (const auto& c : view_.containers) {
    records += c.records.size();
    stored += c.stored.size();
  }
  fmt::print("{}: records {} stored {} rows {} unref {}\n", GetParam(), records, stored,
             ListSegments(view_).size(), view_.unreferenced.size());
  for (const auto& a : view_.AllAnomalies()) {
    fmt::print("  {} c{} {}: {}\n", a.code, a.container, a.subject, a.message);
  }
  for (const auto& p : view_.unreferenced) fmt::print("  unref {}\n", p);
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

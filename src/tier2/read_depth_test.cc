// Many reading calls at a time: as many as the disk asks for, and the same result as one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <tuple>

#include "tier2/file_index.h"
#include "tier2/listing.h"
#include "tier2/testing/list_view.h"
#include "tier2/testing/sample_tree.h"
#include "tier2/testing/slow_disk.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

constexpr size_t kDepth = 16;

auto Fields(const InventoryFile& f) {
  return std::tuple(f.path, f.size, f.mode, f.mtime_ns, f.file_class);
}
auto Fields(const SegmentRow& r) { return std::tuple(r.name, r.sealed, r.length, r.start_offset); }
auto Fields(const Unreadable& u) { return std::tuple(u.path, u.reason); }

template <typename T>
auto AllFields(const std::vector<T>& all) {
  std::vector<decltype(Fields(all[0]))> out;
  for (const T& one : all) out.push_back(Fields(one));
  return out;
}

void ExpectSameRows(const Listing& rows, const Listing& expected) {
  ASSERT_EQ(rows.containers.size(), expected.containers.size());
  for (size_t c = 0; c < rows.containers.size(); ++c) {
    EXPECT_EQ(AllFields(rows.containers[c]), AllFields(expected.containers[c])) << c;
  }
}

// Names that order differently alone and as parts of a path, and a directory of many files.
void FillTree(MemoryDisk& disk) {
  std::vector<SegmentInfo> records;
  for (int stream = 0; stream < 12; ++stream) {
    for (const char* suffix : {"", "-", "!", "0", "\x7f"}) {
      for (int number = 0; number < (stream == 0 ? 60 : 3); ++number) {
        const std::string name = fmt::format("s/stream{}{}/{}.#epoch.0", stream, suffix, number);
        PutRolling(disk, name, {{0, "0123456789"}, {10, "abc"}}, number == 1);
        records.push_back(MakeRecord(name, 13));
      }
    }
  }
  PutRollingMetadata(disk, 0, records);
}

TEST(ReadDepthTest, AsManyCallsAtOnceAsTheDiskAsksFor) {
  MemoryDisk tree;
  FillTree(tree);
  SlowDisk disk(tree, std::chrono::milliseconds(2), kDepth);
  auto inventory = ScanTier2(disk, Progress::Silent());
  ASSERT_TRUE(inventory.ok()) << inventory.status();
  EXPECT_GT(disk.most_at_once(), kDepth / 2);
  EXPECT_LE(disk.most_at_once(), kDepth);
  SlowDisk again(tree, std::chrono::milliseconds(2), kDepth);
  ASSERT_TRUE(ListTier2(again, *inventory, 4, Progress::Silent()).ok());
  EXPECT_GT(again.most_at_once(), kDepth / 2);
  EXPECT_LE(again.most_at_once(), kDepth);
}

TEST(ReadDepthTest, ADirectoryOfManyFilesIsSharedOut) {
  MemoryDisk tree;
  PutRollingMetadata(tree, 0, {});
  for (int i = 0; i < 500; ++i) {
    tree.Put(fmt::format("_system/_tables/{}$offset.0", i), "x");
  }
  SlowDisk disk(tree, std::chrono::milliseconds(2), kDepth);
  ASSERT_TRUE(ScanTier2(disk, Progress::Silent()).ok());
  EXPECT_GT(disk.most_at_once(), kDepth / 2);
}

TEST(ReadDepthTest, AsManyContainersAtOnceAsFitIntoMemory) {
  MemoryDisk tree;
  const auto at_once = [&tree](uint64_t table_bytes, size_t depth, size_t threads) {
    Inventory inventory;
    inventory.container_count = 16;
    inventory.files.push_back({"_system/containers/metadata_3$offset.0", 16 * table_bytes, 0, 0644,
                               FileClass::kMetadataChunk});
    inventory.files.push_back({"s/a/0.#epoch.0$offset.0", uint64_t{1} << 40, 0, 0644});
    return ContainersAtOnce(SlowDisk(tree, std::chrono::microseconds(0), depth), inventory,
                            threads);
  };
  EXPECT_EQ(at_once(1 << 10, 128, 2), 16u);
  EXPECT_EQ(at_once(1 << 10, 5, 2), 5u);
  EXPECT_EQ(at_once(2 << 20, 128, 2), 7u);
  EXPECT_EQ(at_once(100 << 20, 128, 2), 2u);
  EXPECT_EQ(at_once(100 << 20, 128, 1), 1u);
}

TEST(ReadDepthTest, OneCallAtATimeWhereTheDiskAsksForOne) {
  MemoryDisk tree;
  FillTree(tree);
  SlowDisk disk(tree, std::chrono::microseconds(0), 1);
  auto inventory = ScanTier2(disk, Progress::Silent());
  ASSERT_TRUE(inventory.ok());
  ASSERT_TRUE(ListTier2(disk, *inventory, 1, Progress::Silent()).ok());
  EXPECT_EQ(disk.most_at_once(), 1u);
}

// What a list of segments costs: a listing per directory, a look and (headers) two calls per file.
TEST(ReadDepthTest, NoFileIsOpenedThatNeedNotBe) {
  MemoryDisk tree;
  PutRolling(tree, "s/a/0.#epoch.0", {{0, "0123456789"}, {10, "abc"}});
  PutRolling(tree, "s/a/0.#epoch.0$attributes.index", {{0, "0123456789"}});
  PutRollingMetadata(tree, 0, {MakeRecord("s/a/0.#epoch.0", 13)});
  auto inventory = ScanTier2(tree, Progress::Silent());
  ASSERT_TRUE(inventory.ok());
  auto listing = ListTier2(tree, *inventory, 1, Progress::Silent());
  ASSERT_TRUE(listing.ok());
  ASSERT_EQ(listing->containers[0].size(), 1u);
  EXPECT_EQ(tree.opens("s/a/0.#epoch.0$header"), 1u);
  EXPECT_EQ(tree.opens("s/a/0.#epoch.0$offset.0"), 0u);
  EXPECT_EQ(tree.opens("s/a/0.#epoch.0$offset.10"), 0u);
  EXPECT_EQ(tree.opens("s/a/0.#epoch.0$attributes.index$header"), 0u);
  EXPECT_EQ(tree.opens("_system/containers/metadata_0$header"), 1u);
  EXPECT_EQ(tree.opens("_system/containers/metadata_0$offset.0"), 1u);
}

class SameResultTest : public testing::TestWithParam<std::string> {};

TEST_P(SameResultTest, AtAnyDepth) {
  MemoryDisk tree;
  if (GetParam().empty()) {
    FillTree(tree);
    tree.FailReads("s/stream3", PermissionDenied("not for you"));
    tree.FailReads("s/stream4/1.#epoch.0$header", PermissionDenied("not for you"));
  } else {
    ASSERT_TRUE(LoadFixture("testdata", GetParam(), tree).ok());
  }
  SlowDisk one(tree, std::chrono::microseconds(0), 1);
  auto expected = ScanTier2(one, Progress::Silent());
  ASSERT_TRUE(expected.ok()) << expected.status();
  EXPECT_TRUE(std::is_sorted(expected->files.begin(), expected->files.end(),
                             [](const auto& a, const auto& b) { return a.path < b.path; }));
  auto view = ReadTier2(one, *expected, 1, Progress::Silent());
  ASSERT_TRUE(view.ok()) << view.status();
  for (const size_t depth : {2, 7, 64}) {
    SlowDisk deep(tree, std::chrono::microseconds(0), depth);
    auto inventory = ScanTier2(deep, Progress::Silent());
    ASSERT_TRUE(inventory.ok()) << inventory.status();
    EXPECT_EQ(AllFields(inventory->files), AllFields(expected->files));
    EXPECT_EQ(AllFields(inventory->unreadable), AllFields(expected->unreadable));
    auto same = ReadTier2(deep, *inventory, 4, Progress::Silent());
    ASSERT_TRUE(same.ok());
    EXPECT_EQ(same->AllAnomalies(), view->AllAnomalies());
    EXPECT_EQ(same->unreferenced, view->unreferenced);
    EXPECT_EQ(same->max_epoch, view->max_epoch);
    ExpectSameRows(ListView(*same), ListView(*view));
    auto listing = ListTier2(deep, *inventory, 4, Progress::Silent());
    ASSERT_TRUE(listing.ok());
    ExpectSameRows(*listing, ListView(*view));
  }
}

INSTANTIATE_TEST_SUITE_P(Trees, SameResultTest,
                         testing::Values("", "chunked-flushed", "chunked-torn", "rolling-flushed",
                                         "rolling-torn"));

// Whatever is asked for in whatever order, a cursor finds what a search of the whole finds.
TEST(FileCursorTest, FindsFromAnywhere) {
  MemoryDisk tree;
  FillTree(tree);
  auto inventory = ScanTier2(tree, Progress::Silent());
  ASSERT_TRUE(inventory.ok());
  FileIndex files(*inventory);
  FileCursor cursor(files);
  std::srand(7);
  for (int i = 0; i < 3000; ++i) {
    const auto pick = static_cast<size_t>(std::rand()) % inventory->files.size();
    std::string path(inventory->files[pick].path);
    if (i % 3 == 0) path += "x";
    if (i % 7 == 0) path = path.substr(0, path.size() / 2);
    EXPECT_EQ(cursor.Find(path), files.Find(path)) << path;
  }
  EXPECT_EQ(cursor.Find(""), nullptr);
  EXPECT_EQ(cursor.Find("~"), nullptr);
}

}  // namespace
}  // namespace pdr

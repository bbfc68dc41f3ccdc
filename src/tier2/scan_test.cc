#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tier2/classify.h"
#include "tier2/inventory.h"
#include "tier2/testing/sample_tree.h"

namespace pdr {
namespace {

constexpr char kUuid[] = "0a1b2c3d-0000-4000-8000-0123456789ab";

std::string Chunk(const std::string& segment) {
  return fmt::format("{}.E-3-O-100.{}", segment, kUuid);
}

TEST(ClassifyTest, EveryKindOfName) {
  const std::string c = "_system/containers/";
  const std::vector<std::pair<std::string, FileClass>> cases = {
      {Chunk("s/t/0.#epoch.0"), FileClass::kChunk},
      {Chunk("s/t/0.#epoch.0$attributes.index"), FileClass::kAttributeChunk},
      {Chunk(c + "metadata_12"), FileClass::kMetadataChunk},
      {Chunk(c + "storage_metadata_0$attributes.index"), FileClass::kMetadataChunk},
      {Chunk(c + "event_processor_GC.queue.3_3"), FileClass::kGcQueue},
      {Chunk(c + "event_processor_GC.failed.queue.3_3$attributes.index"), FileClass::kGcQueue},
      {Chunk(c + "event_processor_GC.queue.3_4"), FileClass::kChunk},
      {Chunk("s/t/0.#epoch.0#transient." + std::string(32, 'a') + "." + std::string(32, 'b')),
       FileClass::kTransient},
      {c + "_sysjournal.epoch5.container3.file7", FileClass::kJournal},
      {c + "_sysjournal.epoch5.container3.snapshot7", FileClass::kSnapshot},
      {c + "_sysjournal.epoch5.container3.file7.backup", FileClass::kBackup},
      {c + "_sysjournal.container3.snapshot_info", FileClass::kSnapshotInfo},
      {c + "container_3_epoch", FileClass::kContainerEpoch},
      {c + "container_x_epoch", FileClass::kForeign},
      {"s/t/0.#epoch.0$header", FileClass::kHeader},
      {"s/t/0.#epoch.0$offset.4096", FileClass::kChunk},
      {"s/t/0.#epoch.0$attributes.index$header", FileClass::kHeader},
      {"s/t/0.#epoch.0$attributes.index$offset.0", FileClass::kAttributeChunk},
      {c + "metadata_0$header", FileClass::kMetadataChunk},
      {c + "metadata_0$offset.0", FileClass::kMetadataChunk},
      {c + "metadata_320260101123000$header", FileClass::kBackup},
      {c + "metadata_320260101123000$attributes.index$offset.0", FileClass::kBackup},
      {"s/t/0.#epoch.0$header.replace.tmp", FileClass::kHeaderTemp},
      {"s/t/0.#epoch.0", FileClass::kHeaderless},
      {"s/t/0", FileClass::kHeaderless},
      {"_system/_tables/deletedStreams", FileClass::kHeaderless},
      {"backup_system/containers/metadata_0$header", FileClass::kBackup},
      {".pravega-dr/run/_system/containers/metadata_0$header", FileClass::kOwn},
      {".pravega-drx/f", FileClass::kForeign},
      {"lost+found/x", FileClass::kForeign},
      {"s/t/.nfs0001", FileClass::kForeign},
      {"$header", FileClass::kForeign},
      {"s/t/0.#epoch.0$offset.x", FileClass::kForeign},
      {"s/t/0.#epoch.0.E-1-O-0.not-a-uuid", FileClass::kForeign},
      {Chunk("s/\xff\xfe/0.#epoch.0"), FileClass::kForeign},
      {Chunk("s/\xc0\xaf/0.#epoch.0"), FileClass::kForeign},
      {Chunk("s/\x1b[31m/0.#epoch.0"), FileClass::kForeign},
      {Chunk("\xc3\xbcnic\xc3\xb6"
             "de/\xe6\xb5\x81/0.#epoch.0"),
       FileClass::kChunk},
  };
  for (const auto& [path, want] : cases) {
    EXPECT_EQ(FileClassName(ClassifyName(path).file_class), FileClassName(want)) << path;
  }
}

class ScanTest : public testing::Test {
 protected:
  StatusOr<Inventory> Scan() { return ScanTier2(disk_, Progress::Silent()); }
  void Rolling(int containers) {
    for (int i = 0; i < containers; ++i) PutRollingMetadata(disk_, i, {});
  }
  FileClass ClassOf(const Inventory& inventory, std::string_view path) {
    const InventoryFile* file = inventory.Find(path);
    EXPECT_NE(file, nullptr) << path;
    return file == nullptr ? FileClass::kForeign : file->file_class;
  }
  MemoryDisk disk_;
};

TEST_F(ScanTest, EmptyRootSaysWhatWasLookedFor) {
  auto inventory = Scan();
  EXPECT_EQ(inventory.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(Message(inventory.status())), testing::HasSubstr("metadata_<n>$header"));
}

TEST_F(ScanTest, CountsContainersAndSortsFiles) {
  Rolling(5);
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok()) << inventory.status();
  EXPECT_EQ(inventory->layout, Layout::kRolling);
  EXPECT_EQ(inventory->container_count, 5);
  EXPECT_TRUE(std::is_sorted(inventory->files.begin(), inventory->files.end(),
                             [](const auto& a, const auto& b) { return a.path < b.path; }));
  EXPECT_EQ(inventory->CountByClass().at(FileClass::kMetadataChunk), 10u);
}

TEST_F(ScanTest, JournalsCountAsMetadata) {
  disk_.Put("_system/containers/_sysjournal.epoch1.container0.file1", "");
  disk_.Put("_system/containers/_sysjournal.epoch1.container1.snapshot1", "");
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok()) << inventory.status();
  EXPECT_EQ(inventory->layout, Layout::kChunked);
  EXPECT_EQ(inventory->container_count, 2);
}

TEST_F(ScanTest, GapInTheContainersIsAnError) {
  Rolling(4);
  disk_.Drop("_system/containers/metadata_2$header");
  disk_.Drop("_system/containers/metadata_2$offset.0");
  auto inventory = Scan();
  EXPECT_EQ(inventory.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(inventory.status())), testing::HasSubstr("container 2"));
}

TEST_F(ScanTest, HugeContainerNumberIsAGapAndCostsNothing) {
  disk_.Put("_system/containers/metadata_2147483647$header", "maxsize=1&");
  EXPECT_EQ(Scan().status().code(), StatusCode::kDataLoss);
}

TEST_F(ScanTest, MetadataOfBothLayoutsIsAnError) {
  Rolling(1);
  disk_.Put("_system/containers/_sysjournal.epoch1.container0.file1", "");
  EXPECT_EQ(Scan().status().code(), StatusCode::kDataLoss);
}

TEST_F(ScanTest, OwnFilesAndBackupsDecideNothing) {
  Rolling(2);
  disk_.Put(".pravega-dr/1/_system/containers/_sysjournal.epoch1.container0.file1", "");
  disk_.Put("backup_system/containers/metadata_9$header", "");
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok()) << inventory.status();
  EXPECT_EQ(inventory->container_count, 2);
}

TEST_F(ScanTest, NamesOfTheOtherLayoutAreForeign) {
  Rolling(1);
  disk_.Put(Chunk("s/t/0.#epoch.0"), "");
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok());
  EXPECT_EQ(ClassOf(*inventory, Chunk("s/t/0.#epoch.0")), FileClass::kForeign);
}

TEST_F(ScanTest, LinksAndSocketsAreSpecialAndNotFollowed) {
  Rolling(1);
  disk_.PutSpecial("s/t/0.#epoch.0$header", FileKind::kSymlink);
  disk_.PutSpecial("s/socket", FileKind::kOther);
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok());
  EXPECT_EQ(ClassOf(*inventory, "s/t/0.#epoch.0$header"), FileClass::kSpecial);
  EXPECT_EQ(ClassOf(*inventory, "s/socket"), FileClass::kSpecial);
}

TEST_F(ScanTest, DirectoryNamedAsAHeaderIsADirectory) {
  Rolling(1);
  disk_.Put("s/t/0.#epoch.0$header/x", "");
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok());
  EXPECT_EQ(inventory->Find("s/t/0.#epoch.0$header"), nullptr);
}

TEST_F(ScanTest, UnreadableDirectoryIsNamedNotAbsent) {
  Rolling(1);
  disk_.Put("s/t/0.#epoch.0$header", "");
  disk_.FailReads("s/t", PermissionDenied("'s/t': no"));
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok());
  ASSERT_EQ(inventory->unreadable.size(), 1u);
  EXPECT_EQ(inventory->unreadable[0].path, "s/t");
}

TEST_F(ScanTest, UnreadableMetadataDirectoryIsAnError) {
  Rolling(1);
  for (const char* path : {"_system", "_system/containers"}) {
    disk_.ClearFaults();
    disk_.FailReads(path, PermissionDenied("'{}': no", path));
    EXPECT_EQ(Scan().status().code(), StatusCode::kPermissionDenied) << path;
  }
}

TEST_F(ScanTest, DeepTreesEndAtTheLongestPathTheDiskTakes) {
  Rolling(1);
  std::string path = "d";
  while (path.size() + 10 <= 4096) path += "/directory";
  disk_.Put(path, "");
  auto inventory = Scan();
  ASSERT_TRUE(inventory.ok()) << inventory.status();
  EXPECT_NE(inventory->Find(path), nullptr);
}

}  // namespace
}  // namespace pdr

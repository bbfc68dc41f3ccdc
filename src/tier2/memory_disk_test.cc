#include "tier2/testing/memory_disk.h"

#include <gtest/gtest.h>

namespace pdr {
namespace {

TEST(MemoryDiskTest, CrashForgetsDataThatWasNotSynced) {
  MemoryDisk disk;
  auto file = disk.Create("a", 0644);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("data").ok());
  ASSERT_TRUE(disk.SyncDir("").ok());
  disk.Crash();
  EXPECT_EQ(disk.Files().at("a").bytes, "");
}

TEST(MemoryDiskTest, CrashForgetsNamesWhoseDirectoryWasNotSynced) {
  MemoryDisk disk;
  auto file = disk.Create("a", 0644);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->SyncAndClose().ok());
  disk.Crash();
  EXPECT_TRUE(disk.Files().empty());
}

TEST(MemoryDiskTest, WriteFileDurablyAndMakeDirsSurviveACrash) {
  MemoryDisk disk;
  ASSERT_TRUE(MakeDirs(disk, "x/y").ok());
  ASSERT_TRUE(WriteFileDurably(disk, "x/y/z", "data", 0444).ok());
  disk.Crash();
  EXPECT_EQ(disk.Files().at("x/y/z"), (MemoryDisk::File{0444, "data"}));
}

TEST(MemoryDiskTest, FileInADirectoryThatWasNotSyncedIsLost) {
  MemoryDisk disk;
  ASSERT_TRUE(disk.MakeDir("d").ok());
  ASSERT_TRUE(WriteFileDurably(disk, "d/f", "data", 0644).ok());
  disk.Crash();
  EXPECT_FALSE(IsPresent(disk, "d").value());
}

TEST(MemoryDiskTest, RenameIsUndoneUnlessOneOfItsDirectoriesWasSynced) {
  for (const char* synced : {"", "to", "from"}) {
    MemoryDisk disk;
    disk.Put("from/f", "data");
    disk.Put("to/other", "");
    ASSERT_TRUE(disk.Rename("from/f", "to/f").ok());
    if (*synced != 0) {
      ASSERT_TRUE(disk.SyncDir(synced).ok());
    }
    disk.Crash();
    EXPECT_EQ(IsPresent(disk, "to/f").value(), *synced != 0) << synced;
    EXPECT_EQ(IsPresent(disk, "from/f").value(), *synced == 0) << synced;
  }
}

TEST(MemoryDiskTest, SyncOfOneDirectoryTakesTheEarlierStepsOfItsNamesAlong) {
  MemoryDisk disk;
  disk.Put("a/f", "data");
  disk.Put("b/x", "");
  disk.Put("c/x", "");
  ASSERT_TRUE(disk.Rename("a/f", "b/f").ok());
  ASSERT_TRUE(disk.Rename("b/f", "c/f").ok());
  ASSERT_TRUE(disk.SyncDir("c").ok());
  disk.Crash();
  EXPECT_TRUE(IsPresent(disk, "c/f").value());
  EXPECT_FALSE(IsPresent(disk, "a/f").value());
}

TEST(MemoryDiskTest, FailsTheChosenEffectOnly) {
  MemoryDisk disk;
  disk.FailAt(2, ResourceExhausted("full"));
  EXPECT_TRUE(disk.MakeDir("a").ok());
  EXPECT_EQ(disk.MakeDir("b").code(), StatusCode::kResourceExhausted);
  EXPECT_FALSE(IsPresent(disk, "b").value());
  EXPECT_TRUE(disk.MakeDir("b").ok());
  EXPECT_EQ(disk.effects(), 3);
}

TEST(MemoryDiskTest, KilledAppendLeavesHalf) {
  MemoryDisk disk;
  disk.KillAt(2);
  auto file = disk.Create("a", 0644);
  ASSERT_TRUE(file.ok());
  EXPECT_THROW((void)(*file)->Append("abcd"), KilledAtEffect);
  EXPECT_THROW((void)disk.MakeDir("later"), KilledAtEffect);
  EXPECT_EQ(disk.Files().at("a").bytes, "ab");
}

}  // namespace
}  // namespace pdr

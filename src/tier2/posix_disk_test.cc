#include "tier2/posix_disk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tier2/posix_path.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

class PosixDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(mkdir(At("root").c_str(), 0755), 0);
    ASSERT_EQ(mkdir(At("root/dir").c_str(), 0755), 0);
    std::ofstream(At("secret")) << "outside";
    std::ofstream(At("root/file")) << "0123456789";
    auto disk = OpenPosixDisk(At("root"), DiskAccess::kReadWrite);
    ASSERT_TRUE(disk.ok()) << disk.status();
    disk_ = std::move(*disk);
  }
  std::string At(const std::string& name) const { return directory_.path() + "/" + name; }
  void Link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(symlink(target.c_str(), At(name).c_str()), 0);
  }

  TempDir directory_;
  std::unique_ptr<Disk> disk_;
};

TEST_F(PosixDiskTest, ReadsExactlyWhatIsThere) {
  auto file = disk_->OpenRead("file");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size(), 10u);
  EXPECT_EQ(*(*file)->ReadAt(3, 4), "3456");
  EXPECT_EQ((*file)->ReadAt(8, 3).status(), OutOfRange("'file' ends before byte 8 + 3 (size 10)"));
  EXPECT_EQ((*file)->ReadAt(11, 0).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ((*file)->ReadAt(0, SIZE_MAX).status().code(), StatusCode::kOutOfRange);
}

TEST_F(PosixDiskTest, ReadsToWhereItIsWanted) {
  auto file = disk_->OpenRead("file");
  ASSERT_TRUE(file.ok());
  std::string out = "----";
  EXPECT_TRUE((*file)->ReadInto(6, out).ok());
  EXPECT_EQ(out, "6789");
  EXPECT_EQ((*file)->ReadInto(7, out).code(), StatusCode::kOutOfRange);
  EXPECT_EQ((*file)->ReadInto(uint64_t{1} << 63, out).code(), StatusCode::kOutOfRange);
  EXPECT_EQ((*file)->ReadInto(50, {}).code(), StatusCode::kOutOfRange);
  EXPECT_EQ(truncate(At("root/file").c_str(), 8), 0);  // after it was opened
  EXPECT_EQ((*file)->ReadInto(6, out), OutOfRange("'file' ends before byte 6 + 4 (size 10)"));
}

TEST_F(PosixDiskTest, MissingFileIsNotFound) {
  EXPECT_EQ(disk_->Stat("none").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(disk_->OpenRead("dir/none").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(disk_->List("none").status().code(), StatusCode::kNotFound);
}

TEST_F(PosixDiskTest, FileInPlaceOfADirectoryIsNotAbsence) {
  EXPECT_EQ(disk_->Stat("file/below").status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(disk_->List("file").status().code(), StatusCode::kUnavailable);
}

TEST_F(PosixDiskTest, LinksBelowTheRootAreSeenButNeverFollowed) {
  Link("../secret", "root/link");
  Link("dir", "root/dirlink");
  std::ofstream(At("root/dir/inner")) << "x";
  EXPECT_EQ(disk_->Stat("link")->kind, FileKind::kSymlink);
  EXPECT_EQ(disk_->OpenRead("link").status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(disk_->OpenRead("dirlink/inner").status().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(disk_->List("dirlink").ok());
  EXPECT_FALSE(disk_->Create("dirlink/new", 0644).ok());
  EXPECT_FALSE(disk_->SetMode("link", 0600).ok());
  EXPECT_TRUE(disk_->Remove("link").ok());  // the link itself
  EXPECT_EQ(access(At("secret").c_str(), F_OK), 0);
}

TEST_F(PosixDiskTest, PathsOutOfTheRootAreRefused) {
  for (const char* path : {"../secret", "/etc/passwd", "dir/../../secret", "dir//x", "./file"}) {
    EXPECT_EQ(disk_->OpenRead(path).status().code(), StatusCode::kInvalidArgument) << path;
    EXPECT_EQ(disk_->Remove(path).code(), StatusCode::kInvalidArgument) << path;
  }
  EXPECT_EQ(disk_->Remove("").code(), StatusCode::kInvalidArgument);
}

TEST_F(PosixDiskTest, RootMayBeALink) {
  Link("root", "linked");
  auto disk = OpenPosixDisk(At("linked"), DiskAccess::kReadOnly);
  ASSERT_TRUE(disk.ok()) << disk.status();
  EXPECT_TRUE(IsPresent(**disk, "file").value());
}

TEST_F(PosixDiskTest, RootThatIsMissingOrAFile) {
  EXPECT_EQ(OpenPosixDisk(At("none"), DiskAccess::kReadOnly).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(OpenPosixDisk(At("secret"), DiskAccess::kReadOnly).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST_F(PosixDiskTest, NothingIsOverwritten) {
  ASSERT_TRUE(WriteFileDurably(*disk_, "a", "first", 0644).ok());
  EXPECT_EQ(disk_->Create("a", 0644).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(disk_->Rename("file", "a").code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(disk_->MakeDir("a").code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(*ReadWholeFile(*disk_, "a", 100), "first");
  EXPECT_EQ(*ReadWholeFile(*disk_, "file", 100), "0123456789");
}

TEST_F(PosixDiskTest, RenameEndsOneThatDiedBetweenItsTwoNames) {
  const std::filesystem::path root = directory_.path() + "/root";
  std::filesystem::create_hard_link(root / "file", root / "moved");
  ASSERT_TRUE(disk_->Rename("file", "moved").ok());
  EXPECT_FALSE(std::filesystem::exists(root / "file"));
  EXPECT_TRUE(std::filesystem::exists(root / "moved"));
}

TEST_F(PosixDiskTest, RenameMovesFilesAndDirectories) {
  ASSERT_TRUE(disk_->Rename("file", "dir/moved").ok());
  ASSERT_TRUE(disk_->Rename("dir", "other").ok());
  EXPECT_EQ(*ReadWholeFile(*disk_, "other/moved", 100), "0123456789");
  EXPECT_FALSE(IsPresent(*disk_, "file").value());
}

TEST_F(PosixDiskTest, ModesAreSetWhateverTheUmask) {
  const mode_t old = umask(077);
  auto file = disk_->Create("sealed", 0444);
  umask(old);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("x").ok());
  ASSERT_TRUE((*file)->SyncAndClose().ok());
  EXPECT_EQ(disk_->Stat("sealed")->mode, 0444u);
  EXPECT_FALSE(disk_->Stat("sealed")->owner_write());
  ASSERT_TRUE(disk_->SetMode("sealed", 0644).ok());
  EXPECT_TRUE(disk_->Stat("sealed")->owner_write());
}

TEST_F(PosixDiskTest, RemoveTakesFilesAndEmptyDirectories) {
  ASSERT_TRUE(WriteFileDurably(*disk_, "dir/x", "", 0644).ok());
  EXPECT_EQ(disk_->Remove("dir").code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(disk_->Remove("dir/x").ok());
  EXPECT_TRUE(disk_->Remove("dir").ok());
  EXPECT_EQ(disk_->Remove("dir").code(), StatusCode::kNotFound);
}

TEST_F(PosixDiskTest, ReadOnlyDiskRefusesEveryEffect) {
  auto disk = OpenPosixDisk(At("root"), DiskAccess::kReadOnly);
  ASSERT_TRUE(disk.ok());
  EXPECT_EQ((*disk)->MakeDir("d").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ((*disk)->Create("f", 0644).status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ((*disk)->Rename("file", "g").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ((*disk)->SetMode("file", 0600).code(), StatusCode::kPermissionDenied);
  EXPECT_EQ((*disk)->Remove("file").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ((*disk)->SyncDir("").code(), StatusCode::kPermissionDenied);
}

TEST_F(PosixDiskTest, FifoIsNoFileAndIsNotWaitedFor) {
  ASSERT_EQ(mkfifo(At("root/pipe").c_str(), 0644), 0);
  EXPECT_EQ(disk_->Stat("pipe")->kind, FileKind::kOther);
  EXPECT_EQ(disk_->OpenRead("pipe").status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(PosixDiskTest, ListNamesEverythingAndStatAllLooksAtIt) {
  Link("file", "root/link");
  auto entries = disk_->List("");
  ASSERT_TRUE(entries.ok());
  entries->push_back({"gone", FileKind::kRegular});
  std::vector<std::string_view> names;
  for (const DirEntry& entry : *entries) names.push_back(entry.name);
  const std::vector<StatusOr<FileStat>> stats = disk_->StatAll("", names);
  ASSERT_EQ(stats.size(), entries->size());
  std::map<std::string, FileKind> kinds;
  for (size_t i = 0; i + 1 < stats.size(); ++i) {
    EXPECT_EQ(stats[i]->kind, (*entries)[i].kind);
    kinds[(*entries)[i].name] = stats[i]->kind;
  }
  EXPECT_THAT(kinds, testing::UnorderedElementsAre(testing::Pair("dir", FileKind::kDirectory),
                                                   testing::Pair("file", FileKind::kRegular),
                                                   testing::Pair("link", FileKind::kSymlink)));
  EXPECT_EQ(stats.back().status().code(), StatusCode::kNotFound);
  EXPECT_EQ(disk_->StatAll("nowhere", names)[0].status().code(), StatusCode::kNotFound);
}

TEST_F(PosixDiskTest, ListAndStatLooksAtTheFilesOfASmallDirectory) {
  Link("file", "root/link");
  const auto looked = [this](size_t most) {
    std::map<std::string, std::optional<FileKind>> kinds;
    const auto entries = disk_->ListAndStat("", most);
    for (const DirEntry& entry : *entries) {
      kinds[entry.name] = entry.stat ? std::optional(entry.stat->kind) : std::nullopt;
    }
    return kinds;
  };
  EXPECT_THAT(looked(2), testing::UnorderedElementsAre(
                             testing::Pair("dir", std::nullopt),
                             testing::Pair("file", testing::Optional(FileKind::kRegular)),
                             testing::Pair("link", testing::Optional(FileKind::kSymlink))));
  EXPECT_EQ(looked(1).at("file"), std::nullopt);
  EXPECT_EQ(disk_->ListAndStat("file", 2).status().code(), disk_->List("file").status().code());
  EXPECT_EQ(disk_->ListAndStat("nowhere", 2).status().code(), StatusCode::kNotFound);
}

// The same answers as a file at a time, with io_uring or without, and with names that are parts of
// longer texts.
TEST_F(PosixDiskTest, ReadAllReadsWholeFilesOfOneDirectory) {
  const auto by_calls = OpenPosixDisk(At("root"), DiskAccess::kReadOnly, {.io_uring = false});
  ASSERT_TRUE(by_calls.ok());
  Link("../secret", "root/dir/link");
  ASSERT_EQ(mkfifo(At("root/dir/pipe").c_str(), 0644), 0);
  std::ofstream(At("root/dir/a")) << "one";
  std::ofstream(At("root/dir/empty"));
  std::ofstream(At("root/dir/long")) << "123456789";
  const std::string_view text = "along empty gone link pipe";
  const std::vector<std::string_view> names = {text.substr(0, 1),  text.substr(1, 4),
                                               text.substr(6, 5),  text.substr(12, 4),
                                               text.substr(17, 4), text.substr(22, 4)};
  for (const uint64_t size : {0, 1, 3, 9, 1000}) {  // whatever is said of their sizes
    std::vector<FileToRead> files;
    for (const std::string_view name : names) files.push_back({name, size});
    if (size != 3) files.back().size = 0;  // once is enough to wait for the pipe
    const std::vector<StatusOr<std::string>> read = disk_->ReadAll("dir", files, 8);
    const std::vector<StatusOr<std::string>> other = (*by_calls)->ReadAll("dir", files, 8);
    ASSERT_EQ(read.size(), names.size());
    EXPECT_EQ(*read[0], "one");
    EXPECT_EQ(read[1].status().code(), StatusCode::kDataLoss);
    EXPECT_EQ(*read[2], "");
    for (size_t i = 0; i < names.size(); ++i) {
      const StatusOr<std::string> one = ReadWholeFile(*disk_, JoinPath("dir", names[i]), 8);
      EXPECT_EQ(read[i].status(), one.status());
      EXPECT_EQ(read[i].value_or("-"), one.value_or("-"));
      EXPECT_EQ(other[i].status(), one.status());
      EXPECT_EQ(other[i].value_or("-"), one.value_or("-"));
    }
    EXPECT_EQ(disk_->ReadAll("nowhere", files, 8)[0].status().code(), StatusCode::kNotFound);
  }
}

TEST_F(PosixDiskTest, MakeDirsMakesAllAndCreateWantsAParent) {
  EXPECT_EQ(disk_->Create("p/q/r", 0644).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(MakeDirs(*disk_, "p/q").ok());
  ASSERT_TRUE(MakeDirs(*disk_, "p/q").ok());
  EXPECT_TRUE(WriteFileDurably(*disk_, "p/q/r", "x", 0644).ok());
  EXPECT_EQ(MakeDirs(*disk_, "p/q/r/s").code(), StatusCode::kAlreadyExists);
}

// Kernels without openat2 walk the components; the answers must be the same.
TEST_F(PosixDiskTest, OpeningByComponentFollowsNothingEither) {
  Link("../secret", "root/link");
  Link("dir", "root/dirlink");
  std::ofstream(At("root/dir/inner")) << "x";
  UniqueFd root(open(At("root").c_str(), O_PATH | O_CLOEXEC));
  BeneathOpener opener(root.get());
  opener.DisableOpenat2();
  EXPECT_TRUE(opener.Open("dir/inner", O_RDONLY, 0, "opening").ok());
  EXPECT_TRUE(opener.Open("", O_RDONLY | O_DIRECTORY, 0, "opening").ok());
  EXPECT_TRUE(opener.Open("link", O_PATH | O_NOFOLLOW, 0, "looking").ok());
  EXPECT_FALSE(opener.Open("link", O_RDONLY, 0, "opening").ok());
  EXPECT_FALSE(opener.Open("dirlink/inner", O_RDONLY, 0, "opening").ok());
  EXPECT_EQ(opener.Open("dir/none", O_RDONLY, 0, "opening").status().code(), StatusCode::kNotFound);
}

TEST(ErrnoStatusTest, OnlyEnoentIsAbsence) {
  EXPECT_EQ(ErrnoStatus(ENOENT, "x", "y").code(), StatusCode::kNotFound);
  EXPECT_EQ(ErrnoStatus(EACCES, "x", "y").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoStatus(EPERM, "x", "y").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoStatus(ENOSPC, "x", "y").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrnoStatus(EDQUOT, "x", "y").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrnoStatus(ESTALE, "x", "y").code(), StatusCode::kUnavailable);
  EXPECT_EQ(ErrnoStatus(EIO, "x", "y").code(), StatusCode::kUnavailable);
  EXPECT_EQ(ErrnoStatus(ENOTDIR, "x", "y").code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace pdr

#include "tier2/overlay_disk.h"

#include <gtest/gtest.h>

#include <random>

#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

std::map<std::string, MemoryDisk::File> Tree(const Disk& disk) {
  MemoryDisk copy;
  EXPECT_TRUE(LoadInto(copy, disk).ok());
  return copy.Files();
}

class OverlayDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    base_.Put("a/f", "base");
    base_.Put("a/g", "more", 0444);
    base_.Put("b/c/h", "deep");
    Reopen();
  }
  void Reopen() {
    disk_.reset();
    auto disk = OverlayDisk::Open(base_, upper_);
    ASSERT_TRUE(disk.ok()) << disk.status();
    disk_ = std::move(*disk);
  }

  MemoryDisk base_;
  MemoryDisk upper_;
  std::unique_ptr<OverlayDisk> disk_;
};

TEST_F(OverlayDiskTest, ShowsTheBase) {
  EXPECT_EQ(Tree(*disk_), base_.Files());
  EXPECT_TRUE(upper_.Files().empty());
}

TEST_F(OverlayDiskTest, EffectsNeverReachTheBase) {
  const auto before = base_.Files();
  const int64_t effects = base_.effects();
  ASSERT_TRUE(disk_->Rename("a/f", "b/f").ok());
  ASSERT_TRUE(disk_->Remove("a/g").ok());
  ASSERT_TRUE(disk_->SetMode("b/f", 0400).ok());
  ASSERT_TRUE(WriteFileDurably(*disk_, "a/new", "bytes", 0644).ok());
  EXPECT_EQ(base_.Files(), before);
  EXPECT_EQ(base_.effects(), effects);
  const std::map<std::string, MemoryDisk::File> want = {
      {"a/new", {0644, "bytes"}}, {"b/f", {0400, "base"}}, {"b/c/h", {0644, "deep"}}};
  EXPECT_EQ(Tree(*disk_), want);
  Reopen();
  EXPECT_EQ(Tree(*disk_), want);
}

TEST_F(OverlayDiskTest, RenameOfABaseFileCopiesNoData) {
  base_.Put("big", std::string(100000, 'x'));
  ASSERT_TRUE(disk_->Rename("big", "a/big").ok());
  size_t bytes = 0;
  for (const auto& [path, file] : upper_.Files()) bytes += file.bytes.size();
  EXPECT_LT(bytes, 100u);
  EXPECT_EQ(disk_->Stat("a/big")->size, 100000u);
}

TEST_F(OverlayDiskTest, RefusesWhatADiskRefuses) {
  EXPECT_EQ(disk_->Rename("a/f", "a/g").code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(disk_->Rename("none", "x").code(), StatusCode::kNotFound);
  EXPECT_EQ(disk_->Create("a/f", 0644).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(disk_->Create("none/f", 0644).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(disk_->Remove("a").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(disk_->Rename("b", "b/c/d").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(disk_->Remove("../x").code(), StatusCode::kInvalidArgument);
}

TEST_F(OverlayDiskTest, RecordCutOffByAKillIsIgnored) {
  ASSERT_TRUE(disk_->Remove("a/f").ok());
  ASSERT_TRUE(disk_->Remove("a/g").ok());
  auto log = upper_.Files().at("log.0");
  log.bytes.pop_back();
  upper_.Put("log.0", log.bytes);
  Reopen();
  EXPECT_FALSE(IsPresent(*disk_, "a/f").value());
  EXPECT_TRUE(IsPresent(*disk_, "a/g").value());
  ASSERT_TRUE(disk_->Remove("a/g").ok());
  Reopen();
  EXPECT_FALSE(IsPresent(*disk_, "a/g").value());
}

// Any sequence of effects leaves an overlay, reopened at any time, as it leaves a plain disk.
TEST(OverlayDiskProperty, BehavesAsAPlainDisk) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    MemoryDisk base, upper, plain;
    for (MemoryDisk* disk : {&base, &plain}) {
      disk->Put("d/a", "1");
      disk->Put("d/e/b", "2", 0444);
      disk->Put("f/c", "3");
    }
    auto overlay = OverlayDisk::Open(base, upper);
    ASSERT_TRUE(overlay.ok());
    const std::vector<std::string> names = {"d",   "d/a", "d/e", "d/e/b", "f",
                                            "f/c", "x",   "x/y", "d/e/z", "f/d"};
    auto any = [&] { return names[random() % names.size()]; };
    for (int step = 0; step < 40; ++step) {
      const unsigned op = random() % 6;
      const std::string p = any(), q = any();
      auto apply = [&](Disk& disk) -> Status {
        switch (op) {
          case 0:
            return disk.MakeDir(p);
          case 1:
            return WriteFileDurably(disk, p, fmt::format("{}", step), 0644);
          case 2:
          case 3:
            if (p == q || q.starts_with(p + "/")) return OkStatus();
            return disk.Rename(p, q);
          case 4:
            return disk.Remove(p);
          default:
            if (!disk.Stat(p).ok() || disk.Stat(p)->kind != FileKind::kRegular) return OkStatus();
            return disk.SetMode(p, step % 2 == 0 ? 0444 : 0640);
        }
      };
      const Status want = apply(plain);
      const Status got = apply(**overlay);
      ASSERT_EQ(got.code(), want.code()) << "seed " << seed << " step " << step << " op " << op
                                         << " " << p << " " << q << ": " << got << " / " << want;
      if (random() % 5 == 0) {
        overlay = OverlayDisk::Open(base, upper);
        ASSERT_TRUE(overlay.ok());
      }
      ASSERT_EQ(Tree(**overlay), Tree(plain)) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace pdr

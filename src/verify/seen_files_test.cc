// What the walk over Tier-2 could not see, or saw too early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verify/cluster_verifier.h"
#include "verify/testing/judged_cluster.h"

namespace pdr {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

class SeenFilesTest : public JudgedCluster {
 protected:
  bool chunked() const { return GetParam() == Layout::kChunked; }
  std::string SealedChunk() const {
    return chunked() ? LastChunkOf(kSealed, 0) : std::string(kSealed) + "$offset.0";
  }

  Status JudgeStatus() {
    Tier1 tier1 = cluster_.tier1.Open();
    const VerifyOptions options{.layout = GetParam(), .container_count = 1};
    return VerifyCluster(cluster_.disk, tier1, options, Progress::Silent()).status();
  }

  // The findings when these files come into being between the walk and the judgement.
  std::vector<std::string> JudgeWithLate(const std::vector<std::string>& paths) {
    std::map<std::string, MemoryDisk::File> late;
    for (const std::string& path : paths) {
      late[path] = cluster_.disk.Files().at(path);
      cluster_.disk.Drop(path);
    }
    Tier1 tier1 = cluster_.tier1.Open();
    const VerifyOptions options{.layout = GetParam(), .container_count = 1};
    const auto verifier = verify::ClusterVerifier::Open(cluster_.disk, tier1, options);
    EXPECT_TRUE(verifier.ok());
    for (const auto& [path, file] : late) cluster_.disk.Put(path, file.bytes, file.mode);
    const auto outcome = verifier->Judge(0, 4);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return CodesOf(outcome->report.findings);
  }
};

INSTANTIATE_TEST_SUITE_P(Layouts, SeenFilesTest,
                         ::testing::Values(Layout::kRolling, Layout::kChunked), LayoutLabel());

// Whatever it holds could be missed.
TEST_P(SeenFilesTest, ADirectoryThatCannotBeListedIsAnErrorAndNoFinding) {
  cluster_.Build();
  cluster_.disk.Put("other/file", "x");
  cluster_.disk.FailReads("other", PermissionDenied("listing 'other': not allowed"));
  const Status status = JudgeStatus();
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(Message(status), testing::HasSubstr("listing 'other': not allowed"));
}

TEST_P(SeenFilesTest, AFileThatNobodyNeedsMayBeUnreadable) {
  cluster_.Build();
  cluster_.disk.Put("other/file", "x");
  cluster_.disk.FailReads("other/file", Unavailable("input/output error"));
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_P(SeenFilesTest, AChunkThatCannotBeLookedAtIsNoMissingChunk) {
  cluster_.Build();
  ASSERT_TRUE(cluster_.disk.Files().contains(SealedChunk()));
  cluster_.disk.FailReads(SealedChunk(), Unavailable("input/output error"));
  EXPECT_EQ(JudgeStatus().code(), StatusCode::kUnavailable);
}

// A link in the place of a directory hides what is below it.
TEST_P(SeenFilesTest, AChunkBelowALinkIsNoMissingChunk) {
  cluster_.Build();
  const std::string needed = chunked() ? SealedChunk() : std::string(kSealed) + "$header";
  cluster_.disk.Drop("s/stream");
  cluster_.disk.PutSpecial("s/stream", FileKind::kSymlink);
  cluster_.disk.FailReads(needed, Unavailable("too many levels of symbolic links"));
  EXPECT_EQ(JudgeStatus().code(), StatusCode::kUnavailable);
}

// It is not as if there were none.
TEST_P(SeenFilesTest, AnUnreadableFileKeepsItsName) {
  cluster_.Build();
  std::string unreadable = "s/unregistered/0.#epoch.0$header";
  cluster_.disk.Put(unreadable, "x");
  if (chunked()) {
    for (const auto& [path, file] : cluster_.disk.Files()) {
      if (path.find("_sysjournal") != std::string::npos) unreadable = path;
    }
  }
  cluster_.disk.FailReads(unreadable, Unavailable("input/output error"));
  EXPECT_EQ(JudgeStatus().code(), StatusCode::kUnavailable);
}

TEST_P(SeenFilesTest, AFileThatIsMadeAfterTheWalkCountsWhereProductionWrites) {
  cluster_.later_operations = {
      {12, MapOperation{11, kStream, 0, 100, false, {{kSegmentType, 0}}, false}}};
  cluster_.Build();
  EXPECT_THAT(JudgeWithLate({SealedChunk()}), IsEmpty());
}

TEST_P(SeenFilesTest, NobodyMakesFilesInAContainerThatWasJustRecovered) {
  cluster_.Build();
  EXPECT_THAT(JudgeWithLate({SealedChunk()}), Contains("chunk-missing"));
}

}  // namespace
}  // namespace pdr

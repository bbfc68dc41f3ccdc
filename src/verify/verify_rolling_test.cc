// One test per finding that only the rolling layout has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/rolling_header.h"

#include "verify/testing/judged_cluster.h"

namespace pdr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RollingVerifyTest : public ::testing::Test {
 protected:
  std::vector<std::string> Judge() {
    cluster_.Build();
    return cluster_.Codes();
  }
  SmallCluster cluster_{Layout::kRolling};
};

TEST_F(RollingVerifyTest, HeaderUnreadable) {
  cluster_.Build();
  cluster_.disk.Put(HeaderName(kStream), "maxsize=1&nonsense");
  EXPECT_THAT(cluster_.Codes(), ElementsAre("header-unreadable", "length-mismatch"));
}

TEST_F(RollingVerifyTest, LastChunkMissing) {
  cluster_.Build();
  cluster_.disk.Drop(RollingChunkName(kStream, 20));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-missing", "length-mismatch"));
}

TEST_F(RollingVerifyTest, FirstChunkMissingThoughStillReadable) {
  cluster_.Build();
  cluster_.disk.Drop(RollingChunkName(kStream, 0));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("start-offset-below-data", "chunk-missing"));
}

TEST_F(RollingVerifyTest, TruncatedChunksMayBeGone) {
  cluster_.segments.at(kStream).record.start_offset = 25;
  cluster_.Build();
  cluster_.disk.Drop(RollingChunkName(kStream, 0));
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_F(RollingVerifyTest, FullChunkShort) {
  cluster_.Build();
  cluster_.disk.Put(RollingChunkName(kStream, 0), "short", 0444);
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-short"));
}

TEST_F(RollingVerifyTest, LongOrWritableFullChunksAreNotes) {
  cluster_.Build();
  cluster_.disk.Put(RollingChunkName(kStream, 0), std::string(21, 'e'), 0444);
  cluster_.disk.Put(RollingChunkName(kTable, 0), cluster_.segments.at(kTable).data.substr(0, 20),
                    0644);
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(CodesOf(report.notes), ElementsAre("chunk-not-sealed", "chunk-long"));
}

TEST_F(RollingVerifyTest, ChunkShared) {
  cluster_.Build();
  cluster_.disk.Put(HeaderName(kEmpty),
                    fmt::format("maxsize=9&0={}&", RollingChunkName(kSealed, 0)));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-shared", "length-mismatch"));
}

TEST_F(RollingVerifyTest, RootPointerInvalid) {
  cluster_.segments.at(kStream).record.attributes[kIndexRootPointer] = 5000;
  EXPECT_THAT(Judge(), ElementsAre("root-pointer-invalid"));
}

TEST_F(RollingVerifyTest, RootPointerToNoFooter) {
  cluster_.segments.at(kStream).record.attributes[kIndexRootPointer] = 3;
  EXPECT_THAT(Judge(), ElementsAre("index-unreadable"));
}

TEST_F(RollingVerifyTest, HeaderlessSegmentIsOpened) {
  cluster_.segments.at(kEmpty).record.length = 4;
  cluster_.Build();
  cluster_.disk.Put(kEmpty, "data");
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_F(RollingVerifyTest, UnreferencedChunkIsANote) {
  cluster_.Build();
  cluster_.disk.Put(RollingChunkName(kEmpty, 0), "orphan");
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(CodesOf(report.notes), ElementsAre("unreferenced-chunk"));
}

}  // namespace
}  // namespace pdr

// One test per finding that only the chunked layout has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verify/testing/judged_cluster.h"

namespace pdr {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class ChunkedVerifyTest : public ::testing::Test {
 protected:
  std::vector<std::string> Judge() {
    cluster_.Build();
    return cluster_.Codes();
  }
  SmallCluster cluster_{Layout::kChunked};
};

TEST_F(ChunkedVerifyTest, StaleJournal) {
  cluster_.Build();
  cluster_.disk.Put(JournalName(0, 6, 1), "");
  EXPECT_THAT(cluster_.Codes(), ElementsAre("stale-journal"));
}

TEST_F(ChunkedVerifyTest, StaleSnapshot) {
  cluster_.Build();
  cluster_.disk.Put(SnapshotName(0, 9, 1), "");
  EXPECT_THAT(cluster_.Codes(), ElementsAre("stale-journal"));
}

TEST_F(ChunkedVerifyTest, SnapshotMissing) {
  cluster_.Build();
  cluster_.disk.Drop(SnapshotName(0, 5, 1));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("snapshot-unreadable"));
}

TEST_F(ChunkedVerifyTest, SnapshotPointerAbsent) {
  cluster_.change_checkpoint = [](MetadataCheckpoint& c) {
    c.segments[0].attributes.erase(kSnapshotId);
  };
  // The system segments start empty, so the metadata is longer than what is in Tier-2.
  EXPECT_THAT(Judge(), Contains("length-mismatch"));
}

TEST_F(ChunkedVerifyTest, SystemJournalBroken) {
  cluster_.Build();
  cluster_.disk.Put(
      JournalName(0, 5, 1),
      EncodeJournalBatch({AppendRecord{MetadataSegmentName(0), "no such chunk", 0, 1}}));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("system-journal-broken"));
}

TEST_F(ChunkedVerifyTest, OwnerEpochTooHigh) {
  cluster_.change_storage = [](auto& s) { SegmentIn(s, kStream).owner_epoch = 7; };
  EXPECT_THAT(Judge(), ElementsAre("owner-epoch-too-high"));
}

TEST_F(ChunkedVerifyTest, StorageMetadataUnregistered) {
  cluster_.Add(StorageMetadataSegmentName(0), "", {}).registered = false;
  EXPECT_THAT(Judge(), ElementsAre("storage-metadata-unregistered"));
}

TEST_F(ChunkedVerifyTest, StorageRecordUnreadable) {
  cluster_.change_storage = [](auto& s) { s["scrap"] = {1, "another key", std::nullopt}; };
  EXPECT_THAT(Judge(), ElementsAre("storage-record-unreadable"));
}

TEST_F(ChunkedVerifyTest, SegmentInvariantBroken) {
  cluster_.change_storage = [](auto& s) { SegmentIn(s, kSealed).first_chunk_start_offset = 5; };
  EXPECT_THAT(Judge(), Contains("segment-invariant-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkRecordMissing) {
  cluster_.change_storage = [](auto& s) { s.erase(LastChunkOf(kStream, 20)); };
  EXPECT_THAT(Judge(), Each(std::string("chunk-list-broken")));
  EXPECT_THAT(cluster_.Codes(), Not(IsEmpty()));
}

TEST_F(ChunkedVerifyTest, ChunkLengthsDoNotAddUp) {
  cluster_.change_storage = [](auto& s) { --ChunkIn(s, LastChunkOf(kStream, 20)).length; };
  EXPECT_THAT(Judge(), ElementsAre("chunk-list-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkListInACircle) {
  cluster_.change_storage = [](auto& s) {
    ChunkIn(s, LastChunkOf(kStream, 20)).next_chunk = LastChunkOf(kStream, 20);
  };
  EXPECT_THAT(Judge(), ElementsAre("chunk-list-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkInactive) {
  cluster_.change_storage = [](auto& s) { ChunkIn(s, LastChunkOf(kSealed, 0)).status = 0; };
  EXPECT_THAT(Judge(), Contains("chunk-list-broken"));
}

TEST_F(ChunkedVerifyTest, ChunkShared) {
  cluster_.Add("s/twin/0.#epoch.0", "0123456789", {{kSegmentType, 0}});
  cluster_.change_storage = [](auto& s) {
    SegmentMetadata& twin = SegmentIn(s, "s/twin/0.#epoch.0");
    twin.first_chunk = twin.last_chunk = LastChunkOf(kSealed, 0);
    s.erase(BlockName("s/twin/0.#epoch.0", 0));
  };
  EXPECT_THAT(Judge(), ElementsAre("chunk-shared"));
}

TEST_F(ChunkedVerifyTest, BlockRecordWrong) {
  cluster_.change_storage = [](auto& s) {
    std::get<ReadIndexBlockMetadata>(*s.at(BlockName(kStream, 0)).value).start_offset = 20;
  };
  EXPECT_THAT(Judge(), ElementsAre("block-record-wrong"));
}

TEST_F(ChunkedVerifyTest, ChunkMissing) {
  cluster_.Build();
  cluster_.disk.Drop(LastChunkOf(kStream, 20));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-missing"));
}

TEST_F(ChunkedVerifyTest, ChunkShort) {
  cluster_.Build();
  cluster_.disk.Put(LastChunkOf(kStream, 20), std::string(79, 'e'));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-short"));
}

TEST_F(ChunkedVerifyTest, SurplusBytesDoNotCount) {
  cluster_.Build();
  cluster_.disk.Put(LastChunkOf(kStream, 20), std::string(90, 'e'));
  EXPECT_THAT(cluster_.Codes(), IsEmpty());
}

TEST_F(ChunkedVerifyTest, SystemChunkMissing) {
  cluster_.Build();
  const std::string index = AttributeIndexName(MetadataSegmentName(0));
  cluster_.disk.Drop(ChunkName(index, 5, 0, NameUuid(index)));
  EXPECT_THAT(cluster_.Codes(), ElementsAre("chunk-missing", "index-unreadable"));
}

TEST_F(ChunkedVerifyTest, StartOffsetBelowData) {
  cluster_.change_storage = [](auto& s) { SegmentIn(s, kStream).start_offset = 10; };
  EXPECT_THAT(Judge(), ElementsAre("start-offset-below-data"));
}

TEST_F(ChunkedVerifyTest, UnreferencedChunkIsANote) {
  cluster_.Build();
  cluster_.disk.Put(ChunkName(kStream, 2, 300, NameUuid("x")), "orphan");
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(CodesOf(report.notes), ElementsAre("unreferenced-chunk"));
}

TEST_F(ChunkedVerifyTest, OwnDirectoryIsNotLookedAt) {
  cluster_.Build();
  cluster_.disk.Put(".pravega-dr/run/" + JournalName(0, 9, 1), "");
  cluster_.disk.Put(".pravega-dr/run/" + ChunkName(kStream, 2, 300, NameUuid("x")), "orphan");
  VerifyReport report = cluster_.Verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.notes, IsEmpty());
}

}  // namespace
}  // namespace pdr

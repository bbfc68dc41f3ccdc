// The rolling layout, one test per state a tree can be in. docs/formats/lts-rolling.md section 5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/names.h"
#include "format/rolling_header.h"
#include "format/table_entry.h"
#include "tier2/testing/list_view.h"
#include "tier2/testing/sample_tree.h"
#include "tier2/view.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSegment[] = "s/t/0.#epoch.0";

class RollingTest : public testing::Test {
 protected:
  void SetUp() override { PutRollingMetadata(disk_, 0, {MakeRecord(kSegment)}); }

  StatusOr<Tier2View> TryRead() {
    auto inventory = ScanTier2(disk_, Progress::Silent());
    if (!inventory.ok()) return inventory.status();
    return ReadTier2(disk_, *inventory, 2, Progress::Silent());
  }
  Tier2View Read() {
    auto view = TryRead();
    EXPECT_TRUE(view.ok()) << view.status();
    return view.ok() ? *std::move(view) : Tier2View();
  }
  static std::vector<std::string> Codes(const Tier2View& view) {
    std::vector<std::string> out;
    for (const Anomaly& a : view.AllAnomalies()) out.push_back(a.code);
    return out;
  }
  const StoredSegment& Stored(const Tier2View& view, const std::string& name = kSegment) {
    static const StoredSegment kNone;
    auto it = view.containers[0].stored.find(name);
    EXPECT_NE(it, view.containers[0].stored.end()) << name;
    return it == view.containers[0].stored.end() ? kNone : it->second;
  }
  bool IsStored(const Tier2View& view, const std::string& name = kSegment) {
    return view.containers[0].stored.contains(name);
  }
  void PutThree(bool sealed = false) {
    PutRolling(disk_, kSegment, {{0, "0123456789"}, {10, "abcdefghij"}, {20, "xyz"}}, sealed);
  }

  MemoryDisk disk_;
};

TEST_F(RollingTest, WholeSegment) {
  PutThree();
  const Tier2View view = Read();
  const StoredSegment& s = Stored(view);
  EXPECT_EQ(s.length, 23u);
  EXPECT_EQ(s.start_offset, 0u);
  EXPECT_FALSE(s.sealed);
  EXPECT_EQ(s.max_chunk_bytes, 1000u);
  EXPECT_EQ(*ReadSegment(disk_, s, 8, 14), "89abcdefghijxy");
  EXPECT_THAT(Codes(view), IsEmpty());
  EXPECT_EQ(ReadSegment(disk_, s, 20, 4).status().code(), StatusCode::kOutOfRange);
}

TEST_F(RollingTest, SealedIsTheModeOfTheHeader) {
  PutThree(/*sealed=*/true);
  EXPECT_TRUE(Stored(Read()).sealed);
}

TEST_F(RollingTest, LeadingChunksGoneIsATruncation) {
  PutThree();
  disk_.Drop(RollingChunkName(kSegment, 0));
  const Tier2View view = Read();
  const StoredSegment& s = Stored(view);
  EXPECT_EQ(s.start_offset, 10u);
  EXPECT_EQ(s.length, 23u);
  EXPECT_EQ(s.chunks.size(), 2u);
  EXPECT_THAT(Codes(view), IsEmpty());
  EXPECT_EQ(ReadSegment(disk_, s, 5, 2).status().code(), StatusCode::kOutOfRange);
}

TEST_F(RollingTest, MiddleChunkMissing) {
  PutThree();
  disk_.Drop(RollingChunkName(kSegment, 10));
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-missing"));
  EXPECT_EQ(Stored(view).length, 23u);
  const Status read = ReadSegment(disk_, Stored(view), 0, 23).status();
  EXPECT_EQ(read.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(read)), HasSubstr("$offset.10"));
}

TEST_F(RollingTest, MiddleChunkShort) {
  PutThree();
  disk_.Put(RollingChunkName(kSegment, 10), "abc", 0444);
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-short"));
  EXPECT_EQ(ReadSegment(disk_, Stored(view), 10, 10).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(*ReadSegment(disk_, Stored(view), 10, 3), "abc");
}

TEST_F(RollingTest, MiddleChunkLongKeepsItsSurplusOut) {
  PutThree();
  disk_.Put(RollingChunkName(kSegment, 10), "abcdefghijSURPLUS", 0444);
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-long"));
  EXPECT_EQ(*ReadSegment(disk_, Stored(view), 18, 5), "ijxyz");
}

TEST_F(RollingTest, LastChunkMissing) {
  PutThree();
  disk_.Drop(RollingChunkName(kSegment, 20));
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-missing"));
  EXPECT_EQ(Stored(view).length, 20u);
}

TEST_F(RollingTest, EmptyChunkBeforeTheLast) {
  PutRolling(disk_, kSegment, {{0, "0123456789"}, {10, ""}});
  RollingHeader header{1000,
                       {{0, RollingChunkName(kSegment, 0)},
                        {10, RollingChunkName(kSegment, 10)},
                        {10, RollingChunkName("s/t/x", 0)}},
                       false};
  disk_.Put(HeaderName(kSegment), EncodeRollingHeader(header));
  disk_.Put(RollingChunkName(kSegment, 10), "", 0444);
  disk_.Put(RollingChunkName("s/t/x", 0), "abc");
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-empty"));
  EXPECT_EQ(*ReadSegment(disk_, Stored(view), 8, 5), "89abc");
}

TEST_F(RollingTest, NoneOfTheChunksThere) {
  PutThree();
  for (uint64_t offset : {0, 10, 20}) disk_.Drop(RollingChunkName(kSegment, offset));
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("header-without-chunks"));
  EXPECT_FALSE(IsStored(view));
}

TEST_F(RollingTest, HeaderThatListsNoChunks) {
  disk_.Put(HeaderName(kSegment), "maxsize=10&");
  const Tier2View view = Read();
  EXPECT_EQ(Stored(view).length, 0u);
  EXPECT_THAT(Codes(view), IsEmpty());
}

TEST_F(RollingTest, EmptyHeaderMeansThereIsNoSegment) {
  disk_.Put(HeaderName(kSegment), "");
  disk_.Put(RollingChunkName(kSegment, 0), "data");
  const Tier2View view = Read();
  EXPECT_FALSE(IsStored(view));
  EXPECT_THAT(Codes(view), ElementsAre("header-empty"));
  EXPECT_THAT(view.unreferenced, ElementsAre(RollingChunkName(kSegment, 0)));
}

TEST_F(RollingTest, UnparsableHeaderOnlyLosesItsSegment) {
  disk_.Put(HeaderName(kSegment), "maxsize=10&5=a&3=b&");
  PutRolling(disk_, "s/t/1.#epoch.0", {{0, "x"}});
  const Tier2View view = Read();
  EXPECT_FALSE(IsStored(view));
  EXPECT_TRUE(IsStored(view, "s/t/1.#epoch.0"));
  EXPECT_THAT(Codes(view), ElementsAre("header-damaged"));
}

TEST_F(RollingTest, HeaderThatPointsOutOfTheRoot) {
  disk_.Put(HeaderName(kSegment), "maxsize=10&0=../../etc/passwd&");
  EXPECT_THAT(Codes(Read()), ElementsAre("header-damaged"));
}

TEST_F(RollingTest, UnreadableHeaderIsNamed) {
  PutThree();
  auto inventory = ScanTier2(disk_, Progress::Silent());
  ASSERT_TRUE(inventory.ok());
  disk_.FailReads(HeaderName(kSegment), PermissionDenied("no"));
  auto view = ReadTier2(disk_, *inventory, 1, Progress::Silent());
  ASSERT_TRUE(view.ok());
  EXPECT_THAT(Codes(*view), ElementsAre("header-unreadable"));
}

TEST_F(RollingTest, MergedTransactionKeepsItsNamesInTheParent) {
  const std::string txn = std::string(kSegment) + "#transaction." + std::string(31, '0') + "1";
  disk_.Put(HeaderName(kSegment), fmt::format("maxsize=10&0={0}&concat=2@10&maxsize=7&0={1}&7={2}&",
                                              RollingChunkName(kSegment, 0),
                                              RollingChunkName(txn, 0), RollingChunkName(txn, 7)));
  disk_.Put(RollingChunkName(kSegment, 0), "0123456789", 0444);
  disk_.Put(RollingChunkName(txn, 0), "abcdefg", 0444);
  disk_.Put(RollingChunkName(txn, 7), "hi");
  const Tier2View view = Read();
  EXPECT_EQ(*ReadSegment(disk_, Stored(view), 8, 11), "89abcdefghi");
  EXPECT_THAT(Codes(view), IsEmpty());
  EXPECT_THAT(view.unreferenced, IsEmpty());
  EXPECT_EQ(ListView(view).containers[0].size(), 1u);  // chunk names are no segments
}

TEST_F(RollingTest, InterruptedMergeSharesItsChunks) {
  const std::string txn = std::string(kSegment) + "#transaction." + std::string(31, '0') + "1";
  PutRolling(disk_, txn, {{0, "abc"}}, true);
  disk_.Put(HeaderName(kSegment),
            fmt::format("maxsize=10&concat=1@0&maxsize=7&0={}&", RollingChunkName(txn, 0)));
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-shared"));
}

TEST_F(RollingTest, ConcatWithoutItsSource) {
  PutThree();
  auto header = disk_.Files().at(HeaderName(kSegment));
  disk_.Put(HeaderName(kSegment), header.bytes + "concat=2@23&");
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("concat-dangling"));
  EXPECT_EQ(Stored(view).length, 23u);
}

TEST_F(RollingTest, HeaderlessSegmentIsOneFile) {
  disk_.Put(kSegment, "whole", 0444);
  const Tier2View view = Read();
  EXPECT_EQ(*ReadSegment(disk_, Stored(view), 0, 5), "whole");
  EXPECT_TRUE(Stored(view).sealed);
  EXPECT_EQ(Stored(view).max_chunk_bytes, kNoRolling);
}

TEST_F(RollingTest, HeaderHidesAPlainFileUnlessItIsEmpty) {
  PutThree();
  disk_.Put(kSegment, "old");
  EXPECT_THAT(Codes(Read()), ElementsAre("headerless-shadowed"));
  disk_.Put(HeaderName(kSegment), "");
  EXPECT_EQ(Stored(Read()).length, 3u);
}

TEST_F(RollingTest, HeaderThatWasBeingReplacedHidesAPlainFileToo) {
  PutThree();
  disk_.Put(kSegment, "old");
  disk_.Put(HeaderName(kSegment) + ".replace.tmp", disk_.Files().at(HeaderName(kSegment)).bytes);
  disk_.Drop(HeaderName(kSegment));
  const Tier2View view = Read();
  EXPECT_EQ(Stored(view).length, 23u);
  EXPECT_THAT(Codes(view), ElementsAre("header-temp", "headerless-shadowed"));
}

TEST_F(RollingTest, PendingHeaderReplacementIsUsedOnlyAlone) {
  PutThree();
  const auto header = disk_.Files().at(HeaderName(kSegment));
  disk_.Put(HeaderName(kSegment) + ".replace.tmp", "maxsize=1&");
  Tier2View view = Read();
  EXPECT_EQ(Stored(view).length, 23u);
  EXPECT_THAT(Codes(view), ElementsAre("header-temp"));
  disk_.Drop(HeaderName(kSegment));
  disk_.Put(HeaderName(kSegment) + ".replace.tmp", header.bytes);
  view = Read();
  EXPECT_EQ(Stored(view).length, 23u);
  EXPECT_THAT(Codes(view), ElementsAre("header-temp"));
}

TEST_F(RollingTest, LostModesAreNoticed) {
  PutThree();
  disk_.Put(RollingChunkName(kSegment, 0), "0123456789", 0644);
  disk_.Put(RollingChunkName(kSegment, 10), "abcdefghij", 0644);
  EXPECT_THAT(Codes(Read()), ElementsAre("modes-lost"));
}

TEST_F(RollingTest, SegmentOfAContainerThatDoesNotExist) {
  PutRolling(disk_, "_system/containers/event_processor_x_7", {{0, "x"}});
  EXPECT_THAT(Codes(Read()), ElementsAre("container-out-of-range"));
}

TEST_F(RollingTest, RecordWithoutDataIsAnEmptySegment) {
  const Listing listing = ListView(Read());
  const std::vector<SegmentRow>& rows = listing.containers[0];
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].name, kSegment);
  EXPECT_EQ(rows[0].length, 0u);
}

TEST_F(RollingTest, StartOffsetOfTheRecordIsHigherThanTheFirstChunk) {
  PutRollingMetadata(disk_, 0, {MakeRecord(kSegment, 23, 4)});
  PutThree();
  EXPECT_EQ(ListView(Read()).containers[0].at(0).start_offset, 4u);
}

TEST_F(RollingTest, WrongContainerCountIsProvenByNames) {
  PutRollingMetadata(disk_, 0,
                     {MakeRecord("s/t/0.#epoch.0"), MakeRecord("s/t/1.#epoch.0"),
                      MakeRecord("s/t/2.#epoch.0"), MakeRecord("s/t/3.#epoch.0")});
  PutRollingMetadata(disk_, 1, {});
  auto view = TryRead();
  EXPECT_EQ(view.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Message(view.status())), HasSubstr("belongs to container"));
}

TEST_F(RollingTest, MetadataWithoutItsChunkIsAnError) {
  disk_.Drop(RollingChunkName(MetadataSegmentName(0), 0));
  EXPECT_EQ(TryRead().status().code(), StatusCode::kDataLoss);
}

TEST_F(RollingTest, UnparsableMetadataHeaderIsAnError) {
  disk_.Put(HeaderName(MetadataSegmentName(0)), "garbage");
  EXPECT_EQ(TryRead().status().code(), StatusCode::kDataLoss);
}

TEST_F(RollingTest, TornMetadataKeepsItsWholeEntries) {
  const std::string name = RollingChunkName(MetadataSegmentName(0), 0);
  disk_.Put(name, MetadataTable({MakeRecord(kSegment), MakeRecord("s/t/9.#epoch.0")}));
  auto file = disk_.Files().at(name);
  disk_.Put(name, file.bytes.substr(0, file.bytes.size() - 3));
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("table-torn"));
  EXPECT_EQ(view.containers[0].records.size(), 1u);
}

TEST_F(RollingTest, DamagedMetadataKeepsWhatComesBefore) {
  const std::string name = RollingChunkName(MetadataSegmentName(0), 0);
  disk_.Put(name, MetadataTable({MakeRecord(kSegment)}) + std::string(64, '\xff'));
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("table-damaged"));
  EXPECT_EQ(view.containers[0].records.size(), 1u);
}

TEST_F(RollingTest, DamagedRecordIsNamed) {
  std::string table = MetadataTable({MakeRecord(kSegment)});
  AppendTableEntry(table, "s/t/1.#epoch.0", "no record");
  AppendTableEntry(table, "s/t/2.#epoch.0", EncodeSegmentInfo(MakeRecord("s/t/other")));
  disk_.Put(RollingChunkName(MetadataSegmentName(0), 0), table);
  EXPECT_THAT(Codes(Read()), ElementsAre("record-damaged", "record-damaged"));
}

TEST_F(RollingTest, TruncatedMetadataBeginsInsideAnEntry) {
  const std::string table =
      MetadataTable({MakeRecord("s/t/1.#epoch.0"), MakeRecord(kSegment), MakeRecord("s/t/2")});
  const std::string name = MetadataSegmentName(0);
  PutRolling(disk_, name, {{0, table.substr(0, 20)}, {20, table.substr(20)}});
  disk_.Drop(RollingChunkName(name, 0));
  const Tier2View view = Read();
  EXPECT_EQ(view.containers[0].records.size(), 2u);
  EXPECT_THAT(Codes(view), IsEmpty());
}

TEST_F(RollingTest, EmptyMetadataIsNamed) {
  disk_.Put(HeaderName(MetadataSegmentName(0)), "maxsize=10&");
  EXPECT_THAT(Codes(Read()), ElementsAre("metadata-empty"));
}

TEST_F(RollingTest, BackupsOfOtherToolsAreNoSegments) {
  PutRolling(disk_, "_system/containers/metadata_020260101123000", {{0, "x"}});
  const Tier2View view = Read();
  EXPECT_TRUE(view.containers[0].stored.empty());
  EXPECT_THAT(view.unreferenced, IsEmpty());
}

TEST_F(RollingTest, CreationEpochCounts) {
  SegmentInfo record = MakeRecord(kSegment);
  record.attributes[kCreationEpoch] = 17;
  PutRollingMetadata(disk_, 0, {record});
  EXPECT_EQ(Read().max_epoch, 17u);
}

}  // namespace
}  // namespace pdr

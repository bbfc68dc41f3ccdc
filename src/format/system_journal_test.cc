#include "format/system_journal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace pdr {
namespace {

using Batches = std::vector<std::vector<JournalRecord>>;

const std::vector<JournalRecord> kBatch = {ChunkAddedRecord{"s", "b", "a", 64},
                                           AppendRecord{"s", "b", 0, 36}};

TEST(JournalFile, AnEmptyFileHasNoBatches) {
  EXPECT_TRUE(DecodeJournalFile("")->batches.empty());
  EXPECT_TRUE(DecodeJournalFile("")->complete);
}

TEST(JournalFile, BatchesFollowEachOther) {
  const auto file = DecodeJournalFile(EncodeJournalBatch(kBatch) + EncodeJournalBatch({}));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->batches, (Batches{kBatch, {}}));
}

TEST(JournalFile, EveryCutLastBatchEndsTheFile) {
  const std::string bytes = EncodeJournalBatch(kBatch);
  for (size_t n = 1; n < bytes.size(); ++n) {
    const auto file = DecodeJournalFile(bytes + bytes.substr(0, n));
    ASSERT_TRUE(file.ok()) << n << " " << Message(file.status());
    EXPECT_FALSE(file->complete);
    EXPECT_EQ(file->batches, Batches{kBatch});
  }
}

TEST(JournalFile, ATrailingZeroIsIgnoredAndAnyOtherByteIsNot) {
  const std::string bytes = EncodeJournalBatch(kBatch);
  EXPECT_FALSE(DecodeJournalFile(bytes + std::string(1, '\0'))->complete);
  EXPECT_EQ(
      Message(DecodeJournalFile(bytes + "\x07").status()),
      fmt::format("journal batch at byte {}: at byte 1: needs 1 bytes, 0 left", bytes.size()));
  EXPECT_FALSE(DecodeJournalFile(bytes + "\x07" + std::string(20, '\0')).ok());
}

TEST(JournalFile, DamageInsideAWholeBatchIsAnError) {
  std::string bytes = EncodeJournalBatch(kBatch);
  bytes[10] = 4;  // the first record's type id: one that never stands in a batch
  EXPECT_EQ(Message(DecodeJournalFile(bytes).status()),
            "journal batch at byte 0: at byte 46: SystemJournalRecordBatch: at byte 21: "
            "SystemJournalRecord: at byte 0: unknown record type 4");
  bytes = EncodeJournalBatch(kBatch);
  bytes[4] = static_cast<char>(0xff);  // a negative length is an error, not an end
  EXPECT_FALSE(DecodeJournalFile(bytes).ok());
  bytes = EncodeJournalBatch(kBatch);
  bytes[2] = static_cast<char>(0xff);  // negative revision count
  EXPECT_FALSE(DecodeJournalFile(bytes).ok());
}

TEST(JournalFile, HugeCountsAreRefusedWithoutMemory) {
  ByteWriter w;
  w.U8(0).U8(0).U8(1).U8(0).U32(4).U32(0xffffffff);
  EXPECT_FALSE(DecodeJournalFile(w.bytes()).ok());
  EXPECT_FALSE(DecodeSnapshotFile(w.bytes()).ok());
}

SystemSnapshot Snapshot() {
  SegmentSnapshot segment;
  segment.segment = {.name = "s",
                     .length = 300,
                     .chunk_count = 2,
                     .start_offset = 120,
                     .status = kStatusActive | kStatusSystemSegment,
                     .first_chunk = "a",
                     .last_chunk = "b",
                     .first_chunk_start_offset = 100,
                     .last_chunk_start_offset = 200};
  segment.chunks = {{"a", 100, "b", kStatusActive}, {"b", 100, "", kStatusActive}};
  SegmentSnapshot empty;
  empty.segment.name = "empty";
  empty.segment.status = kStatusActive | kStatusSystemSegment;
  return {3, 1, {segment, empty}};
}

TEST(SnapshotFile, GivesBackWhatWasWritten) {
  EXPECT_EQ(*DecodeSnapshotFile(EncodeSnapshotFile(Snapshot())), Snapshot());
}

TEST(SnapshotFile, EveryTruncationIsRefused) {
  const std::string bytes = EncodeSnapshotFile(Snapshot());
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(DecodeSnapshotFile(std::string_view(bytes).substr(0, n)).ok()) << n;
  }
}

TEST(SnapshotFile, AChunkWhereTheSegmentBelongsIsRefused) {
  SystemSnapshot snapshot = Snapshot();
  std::string bytes = EncodeSnapshotFile(snapshot);
  const size_t segment_type = bytes.find(std::string("\0\3\0\1", 4));
  ASSERT_NE(segment_type, std::string::npos);
  bytes[segment_type + 1] = 2;
  EXPECT_FALSE(DecodeSnapshotFile(bytes).ok());
}

template <typename Change>
void ExpectBroken(std::string_view what, Change&& change) {
  SystemSnapshot snapshot = Snapshot();
  change(snapshot.segments[0]);
  EXPECT_EQ(Message(CheckSnapshotInvariants(snapshot)), fmt::format("snapshot of 's': {}", what));
}

TEST(SnapshotInvariants, TheBrokenOneIsNamed) {
  EXPECT_TRUE(CheckSnapshotInvariants(Snapshot()).ok());
  ExpectBroken("it is no system segment", [](SegmentSnapshot& s) { s.segment.status = 1; });
  ExpectBroken("the chunk count is not the number of chunks",
               [](SegmentSnapshot& s) { s.chunks.pop_back(); });
  ExpectBroken("the chunks are longer than the segment",
               [](SegmentSnapshot& s) { s.chunks[1].length = 101; });
  ExpectBroken("the chunks are shorter than the segment",
               [](SegmentSnapshot& s) { s.chunks[0].length = 99; });
  ExpectBroken("the chunk list is not linked in order",
               [](SegmentSnapshot& s) { s.chunks[0].next_chunk = "c"; });
  ExpectBroken("the chunk list is not linked in order",
               [](SegmentSnapshot& s) { s.chunks[1].next_chunk = "a"; });
  ExpectBroken("another first chunk than listed",
               [](SegmentSnapshot& s) { s.chunks[0].name = "c"; });
  ExpectBroken("another last chunk than listed", [](SegmentSnapshot& s) {
    s.chunks[0].next_chunk = "c";
    s.chunks[1].name = "c";
  });
  ExpectBroken("the last chunk does not end at the length", [](SegmentSnapshot& s) {
    s.chunks[0].length = 90;
    s.chunks[1].length = 110;
  });
  SystemSnapshot snapshot = Snapshot();
  snapshot.segments[1].segment.start_offset = 1;
  EXPECT_FALSE(CheckSnapshotInvariants(snapshot).ok());
}

rc::Gen<JournalRecord> AnyRecord() {
  return rc::gen::map(rc::gen::arbitrary<std::tuple<uint8_t, std::string, uint32_t, uint32_t>>(),
                      [](const auto& t) -> JournalRecord {
                        const auto& [kind, raw, x, y] = t;
                        std::string name;  // standard UTF-8
                        for (char c : raw) name += static_cast<char>(c & 0x7f);
                        switch (kind % 4) {
                          case 0:
                            return ChunkAddedRecord{name, name + "n", "", x};
                          case 1:
                            return JournalTruncationRecord{name, x, name + "f", y};
                          case 2:
                            return AppendRecord{name, name + "c", x, y};
                          default: {
                            SystemSnapshot snapshot = Snapshot();
                            snapshot.epoch = x;
                            snapshot.file_index = y >> 2;
                            snapshot.segments[0].chunks[0].name = name;
                            return snapshot;
                          }
                        }
                      });
}

RC_GTEST_PROP(JournalFile, GivesBackWhatWasWritten, ()) {
  const auto records = rc::gen::container<std::vector<JournalRecord>>(AnyRecord());
  Batches batches;
  std::string bytes;
  for (int i = 0; i < 3; ++i) {
    batches.push_back(*records);
    bytes += EncodeJournalBatch(batches.back());
  }
  const auto file = DecodeJournalFile(bytes);
  RC_ASSERT(file.ok());
  RC_ASSERT(file->complete);
  RC_ASSERT(file->batches == batches);
}

}  // namespace
}  // namespace pdr

#include "recovery/tail.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "recovery/holes.h"
#include "tier2/testing/memory_disk.h"
#include "tier2/testing/slow_disk.h"

namespace pdr {
namespace {

std::string Event(size_t payload) {
  ByteWriter w;
  w.I32(0).I32(static_cast<int32_t>(payload)).Put(std::string(payload, 'e'));
  return w.Take();
}

// A segment cut into chunks of `chunk` bytes: chunk boundaries are no event boundaries.
class TailTest : public testing::Test {
 protected:
  StoredSegment Store(const std::string& bytes, size_t chunk = 1000) {
    StoredSegment segment;
    segment.name = "s/t/0.#epoch.0";
    segment.length = bytes.size();
    for (size_t at = 0; at < bytes.size(); at += chunk) {
      StoredChunk c;
      c.path = fmt::format("c{}", at);
      c.start_offset = at;
      c.length = c.file_size = std::min(chunk, bytes.size() - at);
      disk_.Put(c.path, bytes.substr(at, chunk));
      segment.chunks.push_back(c);
    }
    return segment;
  }
  TailFact Walk(const StoredSegment& segment, uint64_t from = 0) {
    auto fact = WalkEvents(disk_, segment, from);
    EXPECT_TRUE(fact.ok()) << fact.status();
    return *fact;
  }
  MemoryDisk disk_;
};

TEST_F(TailTest, WholeEvents) {
  TailFact fact = Walk(Store(Event(10) + Event(5000) + Event(0)));
  EXPECT_EQ(fact.kind, TailKind::kWhole);
  EXPECT_EQ(fact.units, 3u);
  EXPECT_TRUE(fact.proven);
}

TEST_F(TailTest, OfLargeEventsOnlyTheHeadersAreRead) {
  const std::string large = Event(3 << 20);
  const std::string bytes = Event(10) + large + large + large + large;
  const StoredSegment segment = Store(bytes, 5 << 20);
  SlowDisk disk(disk_, std::chrono::microseconds(0), 1);
  auto fact = WalkEvents(disk, segment, 0);
  ASSERT_TRUE(fact.ok());
  EXPECT_EQ(fact->units, 5u);
  EXPECT_EQ(fact->kind, TailKind::kWhole);
  EXPECT_LT(disk.bytes_read(), 64u << 10);
}

TEST_F(TailTest, SmallEventsAreReadInEverLargerPieces) {
  std::string bytes;
  for (int i = 0; i < 20000; ++i) bytes += Event(100);
  SlowDisk disk(disk_, std::chrono::microseconds(0), 1);
  auto fact = WalkEvents(disk, Store(bytes, bytes.size()), 0);
  ASSERT_TRUE(fact.ok());
  EXPECT_EQ(fact->units, 20000u);
  EXPECT_LT(disk.calls(), 16u);  // one opens the file
}

TEST_F(TailTest, H1TornAtEveryByteIsCutToTheEventBefore) {
  const std::string whole = Event(10) + Event(20);
  const std::string bytes = whole + Event(30);
  for (size_t n = whole.size() + 1; n < bytes.size(); ++n) {
    TailFact fact = Walk(Store(bytes.substr(0, n), 13));
    EXPECT_EQ(fact.kind, TailKind::kTorn) << n;
    EXPECT_EQ(fact.end, whole.size()) << n;
    EXPECT_EQ(fact.torn_bytes, n - whole.size());
    EXPECT_EQ(fact.missing_bytes, n < whole.size() + 8 ? 0 : bytes.size() - n);
  }
}

TEST_F(TailTest, H2ByteStreamIsLeftWhole) {
  EXPECT_EQ(Walk(Store("just some text, no framing")).kind, TailKind::kUnframed);
  EXPECT_EQ(Walk(Store("hello")).kind, TailKind::kUnframed);
  EXPECT_EQ(Walk(Store(std::string(4, '\0') + std::string(40, '\xff'))).kind, TailKind::kUnframed);
}

TEST_F(TailTest, AnOnlyEventThatIsTorn) {
  TailFact fact = Walk(Store(Event(100).substr(0, 50)));
  EXPECT_EQ(fact.kind, TailKind::kTorn);
  EXPECT_EQ(fact.end, 0u);
  EXPECT_EQ(fact.missing_bytes, 58u);
}

TEST_F(TailTest, DamageFarFromTheTailIsNoTear) {
  TailFact fact = Walk(Store(Event(10) + std::string(100, 'x') + Event(10)));
  EXPECT_EQ(fact.kind, TailKind::kDamaged);
  EXPECT_EQ(fact.end, 18u);
}

// Empty events are zeros: many in a row are a hole in the file, and are not walked through.
TEST_F(TailTest, AHoleIsDamageAndNotManyEmptyEvents) {
  const std::string hole(8 << 20, '\0');
  SlowDisk disk(disk_, std::chrono::microseconds(0), 1);
  const StoredSegment segment = Store(Event(10) + hole, Event(10).size() + hole.size());
  auto fact = WalkEvents(disk, segment, 0);
  ASSERT_TRUE(fact.ok());
  EXPECT_EQ(fact->kind, TailKind::kDamaged);
  EXPECT_EQ(fact->end, Event(10).size());
  EXPECT_EQ(fact->units, 1u);
  EXPECT_LT(disk.bytes_read(), 1u << 20);
  EXPECT_EQ(Walk(Store(Event(10) + std::string(8 * 8192, '\0'))).kind, TailKind::kWhole);
}

TEST_F(TailTest, FromALaterBoundaryTheCutIsInferred) {
  const std::string bytes = Event(10) + Event(20) + Event(30).substr(0, 9);
  TailFact fact = Walk(Store(bytes), Event(10).size());
  EXPECT_EQ(fact.kind, TailKind::kTorn);
  EXPECT_EQ(fact.end, Event(10).size() + Event(20).size());
  EXPECT_FALSE(fact.proven);
}

TEST_F(TailTest, LargePayloadsAreSkippedNotRead) {
  StoredSegment segment = Store(Event(4 << 20) + Event(3), 6 << 20);
  TailFact fact = Walk(segment);
  EXPECT_EQ(fact.kind, TailKind::kWhole);
  EXPECT_EQ(fact.units, 2u);
}

TEST_F(TailTest, AMissingChunkIsAnErrorHereAndAHoleBefore) {
  StoredSegment segment = Store(std::string(3000, '\0'));
  segment.chunks[1].exists = false;
  disk_.Drop(segment.chunks[1].path);
  EXPECT_FALSE(WalkEvents(disk_, segment, 0).ok());
  auto hole = CloseHoles(segment);
  ASSERT_TRUE(hole);
  EXPECT_EQ(hole->cut_at, 1000u);
  EXPECT_EQ(hole->lost_tail_bytes, 2000u);
  EXPECT_EQ(segment.length, 1000u);
  EXPECT_EQ(segment.chunks.size(), 1u);
}

TEST_F(TailTest, H29MissingHeadMovesTheStart) {
  StoredSegment segment = Store(std::string(3000, '\0'));
  segment.chunks[0].exists = false;
  auto hole = CloseHoles(segment);
  ASSERT_TRUE(hole);
  EXPECT_EQ(hole->lost_head_bytes, 1000u);
  EXPECT_EQ(segment.start_offset, 1000u);
  EXPECT_EQ(segment.length, 3000u);
}

TEST_F(TailTest, H29ShortLastChunkEndsTheSegment) {
  StoredSegment segment = Store(std::string(3000, '\0'));
  segment.chunks[2].file_size = 400;
  auto hole = CloseHoles(segment);
  ASSERT_TRUE(hole);
  EXPECT_EQ(segment.length, 2400u);
  EXPECT_EQ(segment.chunks.back().length, 400u);
}

TEST_F(TailTest, H29AHoleFromTheStartOffsetOnLeavesNoChunk) {
  StoredSegment segment = Store(std::string(3000, '\0'));
  segment.start_offset = 1050;
  segment.chunks[1].file_size = 0;
  auto hole = CloseHoles(segment);
  ASSERT_TRUE(hole);
  EXPECT_EQ(segment.length, 1050u);
  EXPECT_EQ(segment.start_offset, 1050u);
  EXPECT_TRUE(segment.chunks.empty());
  EXPECT_EQ(hole->lost_tail_bytes, 1950u);
}

TEST_F(TailTest, ACompleteSegmentHasNoHole) {
  StoredSegment segment = Store(std::string(3000, '\0'));
  EXPECT_FALSE(CloseHoles(segment));
}

}  // namespace
}  // namespace pdr

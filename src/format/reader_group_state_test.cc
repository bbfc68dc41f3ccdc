#include "format/reader_group_state.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

constexpr char kSegment0[] = "s/str/0.#epoch.0";
constexpr char kSegment1[] = "s/str/1.#epoch.0";
constexpr char kSegment2[] = "s/str/2.#epoch.1";

std::string Event(const std::string& name) {
  static const Json vectors = LoadVectors("controller_records.json");
  return FromHex(vectors["records"][name]);
}

std::string Framed(const std::string& payload) {
  ByteWriter w;
  w.U32(0).U32(payload.size()).Put(payload);
  return w.Take();
}

// The first `count` events of the vectors' history, from the initial state on.
std::string History(int count) {
  std::string bytes = Framed(Event("rg_event_0_init"));
  for (int i = 1; i < count; ++i) bytes += Framed(Event(fmt::format("rg_event_{}", i)));
  return bytes;
}

ReaderGroupState StateAfter(const std::string& bytes) {
  const ReaderGroupReplay replay = ReplayReaderGroup(bytes);
  EXPECT_TRUE(replay.damage.ok()) << Message(replay.damage);
  EXPECT_EQ(replay.end, bytes.size());
  return replay.state;
}

TEST(ReaderGroupState, InitialStateAssignsNothing) {
  const ReaderGroupState state = StateAfter(History(1));
  EXPECT_TRUE(state.initialized);
  EXPECT_EQ(state.unassigned, (SegmentPositions{{kSegment0, 5}, {kSegment1, 6}}));
  EXPECT_EQ(state.end_segments, (SegmentPositions{{kSegment0, 999}}));
  EXPECT_TRUE(state.readers.empty());
}

TEST(ReaderGroupState, ReadersAcquireSegments) {
  const ReaderGroupState state = StateAfter(History(4));
  EXPECT_EQ(state.readers.at("r1"), (SegmentPositions{{kSegment0, 5}}));
  EXPECT_EQ(state.readers.at("r2"), (SegmentPositions{{kSegment1, 6}}));
  EXPECT_TRUE(state.unassigned.empty());
}

TEST(ReaderGroupState, CheckpointsMoveTheAssignedPositions) {
  const ReaderGroupState state = StateAfter(History(7));
  EXPECT_EQ(state.readers.at("r1"), (SegmentPositions{{kSegment0, 100}}));
  EXPECT_EQ(state.readers.at("r2"), (SegmentPositions{{kSegment1, 200}}));
  EXPECT_EQ(state.checkpoints.at("cp1"), (SegmentPositions{{kSegment0, 100}, {kSegment1, 200}}));
}

TEST(ReaderGroupState, LastReadPositionsAreFartherThanAssignedOnes) {
  const ReaderGroupState state = StateAfter(History(8));
  EXPECT_EQ(state.last_read, (SegmentPositions{{kSegment0, 150}, {kSegment1, 6}}));
  EXPECT_EQ(state.FarthestPositions(), (SegmentPositions{{kSegment0, 150}, {kSegment1, 200}}));
}

TEST(ReaderGroupState, WholeHistoryAgreesWithTheClient) {
  const ReaderGroupState state = StateAfter(History(12));
  EXPECT_EQ(state.readers.size(), 1u);
  EXPECT_EQ(state.readers.at("r1"), (SegmentPositions{{kSegment1, 250}}));
  EXPECT_EQ(state.future.at(kSegment2), (std::set<int64_t>{1}));
  EXPECT_TRUE(state.unassigned.empty());
}

TEST(ReaderGroupState, CompactedStateIsTheSameState) {
  const ReaderGroupState replayed = StateAfter(History(12));
  ReaderGroupState compacted = StateAfter(Framed(Event("rg_compacted")));
  EXPECT_EQ(compacted.last_checkpoint, replayed.checkpoints.at("cp1"));
  compacted.last_checkpoint.clear();
  EXPECT_EQ(compacted, replayed);
}

TEST(ReaderGroupState, SuccessorsFollowWhenAllPredecessorsEnd) {
  const ReaderGroupState state =
      StateAfter(Framed(Event("rg_compacted")) + Framed(Event("rg_after")));
  EXPECT_TRUE(state.readers.empty());
  EXPECT_TRUE(state.future.empty());
  EXPECT_EQ(state.unassigned, (SegmentPositions{{kSegment2, 77}}));
}

TEST(ReaderGroupState, UpdatesBeforeTheFirstStateAreSkipped) {
  const std::string compacted = Framed(Event("rg_compacted"));
  EXPECT_EQ(StateAfter(Framed(Event("rg_event_2")) + compacted), StateAfter(compacted));
  EXPECT_FALSE(StateAfter(Framed(Event("rg_event_2"))).initialized);
}

TEST(ReaderGroupState, TornTailEndsTheReplayWithoutDamage) {
  const std::string whole = History(3);
  const std::string torn = History(4).substr(0, whole.size() + 11);
  const ReaderGroupReplay replay = ReplayReaderGroup(torn);
  EXPECT_TRUE(replay.damage.ok());
  EXPECT_EQ(replay.end, whole.size());
  EXPECT_EQ(replay.state, StateAfter(whole));
}

TEST(ReaderGroupState, DamagedEventStopsTheReplayAndIsNamed) {
  const std::string before = History(2);
  const ReaderGroupReplay replay =
      ReplayReaderGroup(before + Framed("garbage") + Framed(Event("rg_event_2")));
  EXPECT_FALSE(replay.damage.ok());
  EXPECT_NE(Message(replay.damage).find(fmt::format("event at {}", before.size())),
            std::string_view::npos);
  EXPECT_EQ(replay.state, StateAfter(before));
}

TEST(ReaderGroupState, TruncatedEventsAreRefusedAndFlippedBitsDoNoHarm) {
  const ReaderGroupState state = StateAfter(History(8));
  for (const char* name : {"rg_event_0_init", "rg_compacted", "rg_after", "rg_event_5",
                           "rg_event_7", "rg_event_10", "rg_event_11"}) {
    const std::string event = Event(name);
    for (size_t n = 0; n < event.size(); ++n) {
      ReaderGroupState cut_state = state;
      const bool applied = ApplyReaderGroupEvent(event.substr(0, n), cut_state).ok();
      // Kind 2 alone is a list of no updates; this event has several, to cut between.
      if (n != 4 && std::string_view(name) != "rg_after") {
        EXPECT_FALSE(applied) << name << " cut to " << n;
      }
    }
    for (size_t bit = 0; bit < event.size() * 8; ++bit) {
      std::string flipped = event;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      ReaderGroupState flipped_state = state;
      ApplyReaderGroupEvent(flipped, flipped_state).IgnoreError();
    }
  }
}

}  // namespace
}  // namespace pdr

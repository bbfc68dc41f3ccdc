#include "container/log_replay.h"

#include <gmock/gmock.h>

#include "format/data_frame.h"
#include "format/testing/vectors.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Ledgers = std::vector<std::vector<std::string>>;

StatusOr<ReplayedContainer> Replay(int container, const Ledgers& ledgers) {
  LogReplay replay(container);
  for (size_t l = 0; l < ledgers.size(); ++l) {
    for (size_t e = 0; e < ledgers[l].size(); ++e) {
      const LogAddress address{(l + 1) << 32 | e, static_cast<int64_t>(l)};
      RETURN_IF_ERROR(replay.Feed(ledgers[l][e], address));
    }
  }
  return replay.Finish();
}

Ledgers HandWritten(const Json& log) {
  Ledgers ledgers;
  for (const Json& ledger : log["ledgers"]) {
    auto& frames = ledgers.emplace_back();
    for (const Json& frame : ledger) frames.push_back(FromHex(frame));
  }
  return ledgers;
}

// Operations in one frame each, numbered from 1.
StatusOr<ReplayedContainer> Replay(const std::vector<OperationBody>& bodies) {
  Ledgers ledgers(1);
  int64_t sequence_number = 0;
  for (const OperationBody& body : bodies) {
    const auto frames = BuildDataFrames({EncodeOperation({++sequence_number, body})});
    ledgers[0].insert(ledgers[0].end(), frames.begin(), frames.end());
  }
  return Replay(0, ledgers);
}

CheckpointSegment Listed(int64_t id, const std::string& name, int64_t length = 0,
                         int64_t storage_length = 0) {
  CheckpointSegment segment;
  segment.segment_id = id;
  segment.name = name;
  segment.length = length;
  segment.storage_length = storage_length;
  return segment;
}
OperationBody Checkpoint(std::vector<CheckpointSegment> segments, int container = 0) {
  return MetadataCheckpointOperation{EncodeMetadataCheckpoint({container, std::move(segments)})};
}
OperationBody StorageCheckpoint(std::vector<StorageCheckpointSegment> segments) {
  return StorageMetadataCheckpointOperation{EncodeStorageMetadataCheckpoint(segments)};
}
OperationBody Map(int64_t id, const std::string& name, int64_t length = 0) {
  return MapOperation{id, name, 0, length, false, {}, false};
}
OperationBody Append(int64_t id, int64_t offset, const std::string& data) {
  return AppendOperation{id, offset, data, {}, {}};
}

// Every hand-written log was fed to a real container; `accepted` is what happened.
TEST(LogReplayTest, AgreesWithProductionOnEveryHandWrittenLog) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  ASSERT_THAT(vectors["handWrittenLogs"], SizeIs(31));
  for (const Json& log : vectors["handWrittenLogs"]) {
    SCOPED_TRACE(log["name"].get<std::string>() + ": " + log["description"].get<std::string>());
    auto result = Replay(0, HandWritten(log));
    EXPECT_EQ(result.ok(), log["accepted"].get<bool>()) << result.status();
    if (!result.ok()) {
      EXPECT_EQ(result.status().code(), StatusCode::kDataLoss);
    } else if (log.contains("readSegment")) {
      int found = 0;
      for (const auto& [id, segment] : result->segments) {
        if (segment.name != log["readSegment"]) continue;
        EXPECT_EQ(segment.length, log["readLength"]);
        ++found;
      }
      EXPECT_EQ(found, 1);
    }
  }
}

Ledgers Recorded(const Json& state) {
  Ledgers ledgers;
  for (const Json& ledger : state["ledgers"]) {
    auto& frames = ledgers.emplace_back();
    for (const Json& entry : ledger["entries"]) {
      if (entry["hex"].is_string()) frames.push_back(FromHex(entry["hex"]));
    }
  }
  return ledgers;
}

TEST(LogReplayTest, FreshBoot) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  auto result = Replay(0, Recorded(vectors["freshBoot"]));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->operations, 6u);
  EXPECT_EQ(result->last_sequence_number, 6);
  ASSERT_THAT(result->segments, SizeIs(3));
  const ReplayedSegment& metadata = result->segments.at(1);
  EXPECT_EQ(metadata.name, "_system/containers/metadata_0");
  EXPECT_EQ(metadata.length, 171 + 185);
  EXPECT_EQ(metadata.storage_length, 0);
  EXPECT_TRUE(metadata.pinned);
  EXPECT_EQ(metadata.attributes.at(kSegmentType), kTypeSystemTable);
  EXPECT_EQ(metadata.attributes.at(kRolloverSize), 16777216);
  EXPECT_EQ(result->segments.at(5).name, "_system/containers/event_processor_GC.failed.queue.0_0");
}

// With real checkpoints in the middle of the log; up to the first entry the vectors leave out.
TEST(LogReplayTest, RunningContainer) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  LogReplay replay(0);
  uint64_t fed = 0;
  for (const Json& entry : vectors["runningContainer"]["ledgers"][0]["entries"]) {
    if (!entry["hex"].is_string()) break;
    const Status status = replay.Feed(FromHex(entry["hex"]), {(uint64_t{1} << 32) + fed++, 0});
    ASSERT_TRUE(status.ok()) << status;
  }
  EXPECT_GT(fed, 10u);
  EXPECT_TRUE(replay.Finish().ok());
}

// The frames and operations of the logs production wrote, byte for byte where the bytes are
// determined: a Java map has no order, and the older forms of operations are not written any more.
TEST(LogReplayTest, EveryRecordedOperationReadsAndWrites) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  std::vector<std::pair<std::string, Ledgers>> logs = {
      {"freshBoot", Recorded(vectors["freshBoot"])},
      {"runningContainer", Recorded(vectors["runningContainer"])}};
  for (const Json& log : vectors["handWrittenLogs"]) {
    if (log["accepted"]) logs.emplace_back(log["name"], HandWritten(log));
  }
  int same_bytes = 0;
  std::vector<std::string> different;
  for (const auto& [name, ledgers] : logs) {
    SCOPED_TRACE(name);
    DataFrameReader reader;
    uint64_t sequence = 1;
    for (const auto& frames : ledgers) {
      for (const std::string& frame : frames) {
        auto records = reader.Feed(frame, {++sequence, 0});
        ASSERT_TRUE(records.ok()) << records.status();
        for (const auto& record : *records) {
          auto operation = DecodeOperation(record.bytes);
          ASSERT_TRUE(operation.ok()) << operation.status();
          const std::string again = EncodeOperation(*operation);
          EXPECT_EQ(*DecodeOperation(again), *operation);
          if (again == record.bytes) {
            ++same_bytes;
          } else if (again.size() == record.bytes.size()) {
            EXPECT_TRUE(std::holds_alternative<MapOperation>(operation->body));
          } else {
            different.push_back(name);
          }
        }
      }
    }
  }
  EXPECT_GT(same_bytes, 100);
  EXPECT_THAT(different,
              ElementsAre("K-append09", "U-merge-one-revision", "Z-update-attr-one-revision"));
}

TEST(LogReplayTest, NothingRecoveredFromAnEmptyLog) {
  auto result = Replay(0, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->operations, 0u);
  EXPECT_THAT(result->segments, IsEmpty());
}

TEST(LogReplayTest, MapSetsTheStorageLength) {
  auto result =
      Replay({Checkpoint({}), MapOperation{7, "s", 30, 20, true, {{kEventCount, 3}}, true},
              UpdateAttributesOperation{7, {{kEventCount, 1, 4, 0}}, {}}});
  ASSERT_TRUE(result.ok()) << result.status();
  const ReplayedSegment expected{.name = "s",
                                 .length = 20,
                                 .storage_length = 20,
                                 .start_offset = 20,
                                 .sealed = true,
                                 .pinned = true,
                                 .attributes = {{kEventCount, 4}, {kSegmentType, 0}}};
  EXPECT_EQ(result->segments.at(7), expected);
}

TEST(LogReplayTest, ALaterCheckpointTakesOverTheStorageState) {
  CheckpointSegment listed = Listed(7, "ignored", 99, 4);
  listed.sealed_in_storage = true;
  auto result = Replay({Checkpoint({}), Map(7, "s"), Append(7, 0, "data"), Checkpoint({listed})});
  ASSERT_TRUE(result.ok()) << result.status();
  const ReplayedSegment& segment = result->segments.at(7);
  EXPECT_EQ(segment.name, "s");
  EXPECT_EQ(segment.length, 4);
  EXPECT_EQ(segment.storage_length, 4);
  EXPECT_TRUE(segment.sealed);
  EXPECT_TRUE(segment.sealed_in_storage);
}

TEST(LogReplayTest, ALaterCheckpointKeepsWhatIsNotFlushed) {
  auto result =
      Replay({Checkpoint({}), Map(7, "s"), Append(7, 0, "data"), Map(8, "t"), Checkpoint({})});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->segments.contains(7));
  EXPECT_FALSE(result->segments.contains(8));
}

TEST(LogReplayTest, AnEvictedNameCanBeMappedAgain) {
  auto result = Replay({Checkpoint({}), Map(7, "s", 5), Checkpoint({}), Map(9, "s", 5)});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->segments.at(9).name, "s");
}

TEST(LogReplayTest, StorageCheckpointSetsTheStorageState) {
  auto result = Replay({Checkpoint({}), Map(7, "s"), Append(7, 0, "data"),
                        StorageCheckpoint({{7, 3, false, false, false}})});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->segments.at(7).storage_length, 3);
}

void ExpectViolation(const std::vector<OperationBody>& bodies, const std::string& why) {
  auto result = Replay(bodies);
  ASSERT_FALSE(result.ok()) << why;
  EXPECT_EQ(result.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(Message(result.status())), HasSubstr(why));
}

TEST(LogReplayTest, RefusesImpossibleMerges) {
  const std::vector<OperationBody> base = {Checkpoint({}), Map(1, "t"), Map(2, "s"),
                                           Append(2, 0, "data")};
  auto with = [&](std::vector<OperationBody> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return more;
  };
  const MergeOperation merge{1, 2, 4, 0, {}};
  EXPECT_TRUE(Replay(with({SealOperation{2, 4}, merge})).ok());
  ExpectViolation(with({merge}), "not sealed");
  ExpectViolation(with({SealOperation{2, 4}, merge, merge}), "is merged");
  ExpectViolation(with({TruncateOperation{2, 1}, SealOperation{2, 4}, merge}), "truncated");
  ExpectViolation(with({SealOperation{1, 0}, SealOperation{2, 4}, merge}), "target t is sealed");
  ExpectViolation(with({SealOperation{2, 4}, MergeOperation{1, 2, 3, 0, {}}}), "merge of 3 bytes");
  ExpectViolation(with({SealOperation{2, 4}, MergeOperation{1, 2, 4, 9, {}}}), "merge of 4 bytes");
  ExpectViolation(with({SealOperation{2, 4}, MergeOperation{1, 3, 4, 0, {}}}), "not mapped");
}

TEST(LogReplayTest, RefusesToSealTwice) {
  ExpectViolation({Checkpoint({}), Map(1, "s"), SealOperation{1, 0}, SealOperation{1, 0}},
                  "sealed");
}

TEST(LogReplayTest, RefusesTruncationBelowTheStart) {
  ExpectViolation(
      {Checkpoint({}), Map(1, "s", 9), TruncateOperation{1, 5}, TruncateOperation{1, 4}},
      "truncated at 4");
}

TEST(LogReplayTest, RefusesTwoIdsForANameInACheckpoint) {
  ExpectViolation({Checkpoint({Listed(1, "s"), Listed(2, "s")})}, "two ids");
}

TEST(LogReplayTest, RefusesAnIdTwiceInALaterCheckpoint) {
  ExpectViolation({Checkpoint({}), Checkpoint({Listed(1, "s"), Listed(1, "t")})}, "listed twice");
}

TEST(LogReplayTest, RefusesImpossibleLengths) {
  ExpectViolation({Checkpoint({Listed(1, "s", -1)})}, "length -1");
  ExpectViolation({Checkpoint({Listed(1, "s", 0, -1)})}, "storage -1");
  CheckpointSegment truncated = Listed(1, "s", 4);
  truncated.start_offset = 5;
  ExpectViolation({Checkpoint({truncated})}, "start 5");
}

TEST(LogReplayTest, RefusesACheckpointThatDoesNotParse) {
  ExpectViolation({MetadataCheckpointOperation{"garbage"}}, "metadata checkpoint");
}

TEST(LogReplayTest, TheFirstErrorIsFinal) {
  LogReplay replay(0);
  EXPECT_FALSE(replay.Feed("", {1, 0}).ok());
  const auto frames = BuildDataFrames({EncodeOperation({1, Checkpoint({})})});
  EXPECT_FALSE(replay.Feed(frames[0], {2, 0}).ok());
  EXPECT_FALSE(replay.Finish().ok());
}

// Section 2 of durable-log.md: duplicates.
TEST(LogReplayTest, DiscardsHarmlessDuplicates) {
  const auto one = BuildDataFrames({EncodeOperation({1, Checkpoint({})})})[0];
  const auto two = BuildDataFrames({EncodeOperation({2, Map(7, "s")})})[0];
  const auto other = BuildDataFrames({EncodeOperation({2, Map(7, "longer")})})[0];
  auto same = Replay(0, {{one, two, two, one}});
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->operations, 2u);
  EXPECT_FALSE(Replay(0, {{one, two, other}}).ok());
}

TEST(LogReplayTest, ReplaysADurableLog) {
  FakeCluster cluster;
  Tier1 tier1 = cluster.Open();
  DurableLog log(tier1, 3);
  EXPECT_EQ(ReplayLog(log).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(log.Initialize().ok());
  const auto frames = BuildDataFrames({EncodeOperation({1, Checkpoint({}, 3)})});
  ASSERT_TRUE(log.Append(frames[0]).ok());
  auto result = ReplayLog(log);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->operations, 1u);
}

}  // namespace
}  // namespace pdr

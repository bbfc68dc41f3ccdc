// The controller's tables of real clusters, flushed, killed and torn, in both layouts.
#include <gtest/gtest.h>

#include <algorithm>

#include "format/names.h"
#include "format/reader_group_state.h"
#include "recovery/controller_evidence.h"
#include "recovery/salvage.h"
#include "tier2/inventory.h"
#include "tier2/posix_disk.h"
#include "tier2/table_scan.h"
#include "tier2/testing/tar_fixture.h"
#include "tier2/view.h"

namespace pdr {
namespace {

constexpr size_t kThreads = 2;

class ControllerFixture : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto root = ExtractFixture("testdata", GetParam(), directory_.path());
    ASSERT_TRUE(root.ok()) << Message(root.status());
    auto disk = OpenPosixDisk(*root, DiskAccess::kReadOnly);
    ASSERT_TRUE(disk.ok()) << Message(disk.status());
    disk_ = *std::move(disk);
    auto inventory = ScanTier2(*disk_, Progress::Silent());
    ASSERT_TRUE(inventory.ok()) << Message(inventory.status());
    auto view = ReadTier2(*disk_, *inventory, kThreads, Progress::Silent());
    ASSERT_TRUE(view.ok()) << Message(view.status());
    view_ = *std::move(view);
    // Tables too have chunks that the storage metadata does not know yet.
    std::vector<OrphanChunks> orphans = FindOrphans(*inventory, view_);
    for (size_t c = 0; c < orphans.size(); ++c) {
      GatheredContainer container{std::move(view_.containers[c]), {}};
      if (view_.layout == Layout::kChunked) SalvageChunks(std::move(orphans[c]), container);
      view_.containers[c] = std::move(container.view);
    }
    evidence_ = GatherControllerEvidence(
        [this](const std::string& table) { return ReadTable(table); }, kThreads);
  }

  bool Flushed() const { return GetParam().ends_with("-flushed"); }

  const ContainerView& Owner(const std::string& segment) const {
    const int count = static_cast<int>(view_.containers.size());
    return view_.containers[static_cast<size_t>(ContainerOf(segment, count))];
  }
  const StoredSegment* Stored(const std::string& segment) const {
    const auto found = Owner(segment).stored.find(segment);
    return found == Owner(segment).stored.end() ? nullptr : &found->second;
  }

  StatusOr<TableValues> ReadTable(const std::string& name) const {
    TableValues values;
    const StoredSegment* segment = Stored(name);
    if (segment == nullptr) {
      if (Owner(name).records.contains(name)) return values;
      return NotFound("{}", name);
    }
    ASSIGN_OR_RETURN(TableScan scan, ScanTable(*disk_, *segment));
    for (const LiveTableEntry& entry : scan.live) values.emplace(entry.key, entry.value);
    return values;
  }

  const StreamEvidence& Stream(const std::string& name) const {
    const StreamEvidence* stream = evidence_.FindStream("dr", name);
    if (stream == nullptr) ADD_FAILURE() << name << " is not listed";
    static const StreamEvidence none;
    return stream == nullptr ? none : *stream;
  }

  void EveryTableParses() const;
  void StatesAndActiveSegments() const;
  void SealedStreamSealsItsSegments() const;
  void ScaledStreamHasTwoEpochsAndASealedSize() const;
  void TruncationCutIsWhereTheSegmentsStart() const;
  void TransactionsAreCompleted() const;
  void DeletedStreamIsGone() const;
  void KeyValueTable() const;
  void FlushedContainersHoldWhatTheControllerExpects() const;
  void ControllerReaderGroups() const;

  TempDir directory_;
  std::unique_ptr<Disk> disk_;
  Tier2View view_;
  ControllerEvidence evidence_;
};

void ControllerFixture::EveryTableParses() const {
  for (const ControllerProblem& problem : evidence_.problems) {
    ADD_FAILURE() << problem.code << " " << problem.subject << ": " << problem.message;
  }
  EXPECT_TRUE(evidence_.scopes_known && evidence_.completed_known);
  ASSERT_EQ(evidence_.scopes.size(), 2u);
  EXPECT_EQ(evidence_.scopes.at("dr").streams.size(), 32u);  // 16 streams and their mark streams
  EXPECT_EQ(evidence_.scopes.at("_system").streams.size(), 16u);
  for (const auto& [scope_name, scope] : evidence_.scopes) {
    EXPECT_TRUE(scope.streams_known && scope.kv_tables_known);
    for (const auto& [name, stream] : scope.streams) {
      EXPECT_TRUE(stream.complete) << scope_name << "/" << name;
      EXPECT_TRUE(stream.configuration) << scope_name << "/" << name;
      EXPECT_GT(stream.creation_time, 0) << scope_name << "/" << name;
    }
  }
}

void ControllerFixture::StatesAndActiveSegments() const {
  EXPECT_EQ(Stream("plain").state, StreamState::kActive);
  EXPECT_EQ(Stream("single").ActiveSegments(), (std::vector<SegmentId>{{0, 0}}));
  EXPECT_EQ(Stream("empty").state, StreamState::kActive);
  EXPECT_EQ(evidence_.StandingOf("dr/single/0.#epoch.0"), SegmentStanding::kActive);
  EXPECT_EQ(evidence_.StandingOf("dr/single/1.#epoch.0"), SegmentStanding::kUnknown);
  EXPECT_EQ(evidence_.StandingOf("dr/_MARKsingle/0.#epoch.0"), SegmentStanding::kActive);
}

void ControllerFixture::SealedStreamSealsItsSegments() const {
  EXPECT_EQ(Stream("sealed").state, StreamState::kSealed);
  EXPECT_EQ(evidence_.StandingOf("dr/sealed/0.#epoch.0"), SegmentStanding::kSealed);
  EXPECT_EQ(evidence_.StandingOf("dr/sealed/1.#epoch.0"), SegmentStanding::kSealed);
}

void ControllerFixture::ScaledStreamHasTwoEpochsAndASealedSize() const {
  const StreamEvidence& scaled = Stream("scaled");
  EXPECT_EQ(scaled.current_epoch, 1);
  EXPECT_EQ(scaled.epochs.size(), 2u);
  const std::string parent = "dr/scaled/0.#epoch.0";
  EXPECT_EQ(evidence_.StandingOf(parent), SegmentStanding::kSealed);
  EXPECT_EQ(evidence_.StandingOf("dr/scaled/1.#epoch.1"), SegmentStanding::kActive);
  EXPECT_EQ(evidence_.StandingOf("dr/scaled/2.#epoch.1"), SegmentStanding::kActive);
  EXPECT_EQ(evidence_.StandingOf("dr/scaled/1.#epoch.0"), SegmentStanding::kUnknown);
  const auto size = evidence_.SealedSize(parent);
  ASSERT_TRUE(size);
  EXPECT_EQ(evidence_.KnownLength(parent), size);
  const StoredSegment* stored = Stored(parent);
  const auto length = stored == nullptr ? 0 : static_cast<int64_t>(stored->length);
  EXPECT_LE(length, *size);
  if (Flushed()) {
    EXPECT_EQ(length, *size);
  }
}

void ControllerFixture::TruncationCutIsWhereTheSegmentsStart() const {
  for (const char* segment : {"dr/truncated/0.#epoch.0", "dr/truncated/1.#epoch.0"}) {
    const auto cut = evidence_.TruncationOffset(segment);
    ASSERT_TRUE(cut) << segment;
    EXPECT_GT(*cut, 0);
    if (Flushed()) {
      EXPECT_EQ(Owner(segment).records.at(segment).start_offset, *cut);
    }
  }
  EXPECT_FALSE(Stream("truncated").truncation.updating);
  EXPECT_FALSE(evidence_.TruncationOffset("dr/plain/0.#epoch.0"));
}

void ControllerFixture::TransactionsAreCompleted() const {
  const StreamEvidence& stream = Stream("transactions");
  std::map<TransactionStatus, int> by_status;
  for (const auto& [id, transaction] : stream.transactions) {
    EXPECT_TRUE(transaction.completed);
    ++by_status[transaction.status];
  }
  EXPECT_EQ(by_status, (std::map<TransactionStatus, int>{{TransactionStatus::kCommitted, 4},
                                                         {TransactionStatus::kAborted, 2}}));
  EXPECT_EQ(evidence_.highest_counter, (TransactionCounter{0, 6}));
  const std::string parent = "dr/transactions/0.#epoch.0#transaction.";
  EXPECT_EQ(evidence_.StandingOf(parent + "00000000000000000000000000000001"),
            SegmentStanding::kTransactionCommitted);
  EXPECT_EQ(evidence_.StandingOf(parent + "00000000000000000000000000000003"),
            SegmentStanding::kTransactionAborted);
  EXPECT_EQ(evidence_.StandingOf(parent + "00000000000000000000000000000007"),
            SegmentStanding::kTransactionUnknown);
}

void ControllerFixture::DeletedStreamIsGone() const {
  EXPECT_EQ(evidence_.FindStream("dr", "deleted"), nullptr);
  EXPECT_TRUE(evidence_.deleted_streams.contains("dr/deleted"));
  EXPECT_EQ(evidence_.StandingOf("dr/deleted/0.#epoch.0"), SegmentStanding::kUnknown);
}

void ControllerFixture::KeyValueTable() const {
  const KvTableEvidence* table = evidence_.FindKvTable("dr", "table");
  ASSERT_NE(table, nullptr);
  EXPECT_TRUE(table->complete);
  EXPECT_EQ(table->state, LifeState::kActive);
  ASSERT_TRUE(table->configuration);
  EXPECT_EQ(table->configuration->primary_key_length, 8);
  EXPECT_EQ(table->epochs.at(0).segments.size(), 3u);
  EXPECT_EQ(evidence_.StandingOf("dr/table_kvtable/2.#epoch.0"), SegmentStanding::kKvTable);
  EXPECT_EQ(evidence_.StandingOf("dr/table_kvtable/3.#epoch.0"), SegmentStanding::kUnknown);
  EXPECT_EQ(evidence_.StandingOf("dr/table/0.#epoch.0"), SegmentStanding::kUnknown);
}

// Where everything was flushed, the controller and the containers know the same segments.
void ControllerFixture::FlushedContainersHoldWhatTheControllerExpects() const {
  if (!Flushed()) return;  // records lag behind
  for (const std::string& segment : evidence_.ExpectedSegments()) {
    EXPECT_TRUE(Owner(segment).records.contains(segment)) << segment;
  }
  for (const ContainerView& container : view_.containers) {
    for (const auto& [segment, record] : container.records) {
      const SegmentStanding standing = evidence_.StandingOf(segment);
      EXPECT_NE(standing, SegmentStanding::kUndecided) << segment;
      EXPECT_NE(standing, SegmentStanding::kUnknown) << segment;
      if (standing == SegmentStanding::kActive) {
        EXPECT_FALSE(record.sealed) << segment;
      }
      if (standing == SegmentStanding::kSealed) {
        EXPECT_TRUE(record.sealed) << segment;
      }
    }
  }
}

// Each of the controller's groups has one reader, which holds all segments of its request stream.
void ControllerFixture::ControllerReaderGroups() const {
  const std::map<std::string, std::string> request_streams = {
      {"scaleGroup", "_requeststream"},
      {"commitStreamReaders", "_commitStream"},
      {"abortStreamReaders", "_abortStream"},
      {"kvtStreamReaders", "_kvTableStream"}};
  const auto& groups = evidence_.scopes.at("_system").reader_groups;
  EXPECT_EQ(groups.size(), request_streams.size());
  for (const auto& [group, stream] : request_streams) {
    ASSERT_TRUE(groups.contains(group));
    EXPECT_EQ(groups.at(group).state, LifeState::kActive);
    const std::string name = "_system/_RG" + group + "/0.#epoch.0";
    const StoredSegment* stored = Stored(name);
    ASSERT_NE(stored, nullptr);
    const auto bytes =
        ReadSegment(*disk_, *stored, stored->start_offset, stored->length - stored->start_offset);
    ASSERT_TRUE(bytes.ok()) << Message(bytes.status());
    const ReaderGroupReplay replay = ReplayReaderGroup(*bytes);
    EXPECT_TRUE(replay.damage.ok()) << Message(replay.damage);
    EXPECT_TRUE(replay.state.initialized);
    const StreamEvidence* requests = evidence_.FindStream("_system", stream);
    ASSERT_NE(requests, nullptr);
    ASSERT_EQ(replay.state.readers.size(), 1u);
    const SegmentPositions& assigned = replay.state.readers.begin()->second;
    EXPECT_EQ(assigned.size(), requests->ActiveSegments().size());
    for (const auto& [segment, offset] : replay.state.FarthestPositions()) {
      EXPECT_EQ(evidence_.StandingOf(segment), SegmentStanding::kActive);
    }
  }
}

// One test per cluster: unpacking it takes longer than all questions to it.
TEST_P(ControllerFixture, SaysWhatTheClusterWas) {
  EveryTableParses();
  StatesAndActiveSegments();
  SealedStreamSealsItsSegments();
  ScaledStreamHasTwoEpochsAndASealedSize();
  TruncationCutIsWhereTheSegmentsStart();
  TransactionsAreCompleted();
  DeletedStreamIsGone();
  KeyValueTable();
  FlushedContainersHoldWhatTheControllerExpects();
  ControllerReaderGroups();
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ControllerFixture,
                         testing::Values("chunked-flushed", "chunked-killed", "chunked-torn",
                                         "rolling-flushed", "rolling-killed", "rolling-torn"),
                         [](const auto& fixture) {
                           std::string name = fixture.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace pdr

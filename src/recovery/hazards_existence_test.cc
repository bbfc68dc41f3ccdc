// Hazards H14 to H21 and H28 of docs/formats/recovery-semantics.md: which segments exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/names.h"
#include "recovery/testing/sample_cluster.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kEvents = SampleEvents({"an event"});

class ExistenceHazards : public testing::TestWithParam<Layout> {
 protected:
  ExistenceHazards() : cluster_(GetParam()) { cluster_.controller.streams["x"]; }

  // Plans, recovers, and holds what is left of a segment's files against what must be.
  SampleCluster::Planned Recover(const std::string& segment, const std::string& stored) {
    cluster_.Build();
    SampleCluster::Planned planned = cluster_.MakePlan();
    cluster_.ExpectRecovers();
    EXPECT_EQ(cluster_.StoredBytes(segment), stored);
    return planned;
  }
  SampleCluster cluster_;
};

TEST_P(ExistenceHazards, H14EmptySegmentsAreRegistered) {
  cluster_.Stream(kSampleSegment, "");
  const auto planned = Recover(kSampleSegment, "(none)");
  ASSERT_NE(planned.Find(kSampleSegment), nullptr);
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length, 0);
  EXPECT_THAT(planned.Codes(kSampleSegment), IsEmpty());
}

TEST_P(ExistenceHazards, H14ARecordWithALengthAndNoDataIsRegisteredEmptyAndLost) {
  cluster_.Stream(kSampleSegment, "").record.length = 70;
  const auto planned = Recover(kSampleSegment, "(none)");
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length, 0);
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("data-missing"));
  ASSERT_NE(planned.FindLoss(kSampleSegment, "bytes"), nullptr);
  EXPECT_EQ(planned.FindLoss(kSampleSegment, "bytes")->amount, 70u);
}

TEST_P(ExistenceHazards, H15LeftoversOfADeletedStreamAreSetAside) {
  const std::string gone = "s/gone/0.#epoch.0";
  cluster_.controller.deleted_streams = {"s/gone"};
  cluster_.Stream(gone, kEvents).index = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  const auto planned = Recover(gone, "(none)");
  EXPECT_EQ(planned.Find(gone), nullptr);
  EXPECT_THAT(planned.Codes(gone), ElementsAre("deleted-leftover"));
  EXPECT_EQ(cluster_.StoredBytes(AttributeIndexName(gone)), "(none)");
}

TEST_P(ExistenceHazards, H15DataThatNobodyKnowsIsSetAside) {
  const std::string gone = "s/gone/0.#epoch.0";
  cluster_.Stream(gone, kEvents).registered = false;
  EXPECT_THAT(Recover(gone, "(none)").Codes(gone), ElementsAre("leftover"));
}

TEST_P(ExistenceHazards, H15ATruncatedAwaySegmentIsSetAside) {
  cluster_.controller.streams["x"].epoch = 1;
  cluster_.controller.streams["x"].epochs[1] = {{1, 1}};
  cluster_.controller.streams["x"].deleted = {{0, 0}};
  cluster_.Stream(kSampleSegment, kEvents);
  EXPECT_THAT(Recover(kSampleSegment, "(none)").Codes(kSampleSegment),
              ElementsAre("truncated-away"));
}

TEST_P(ExistenceHazards, H16DataWithoutARecordIsRegisteredWithDefaults) {
  cluster_.Stream(kSampleSegment, kEvents).registered = false;
  const auto planned = Recover(kSampleSegment, kEvents);
  EXPECT_THAT(planned.Codes(kSampleSegment), ElementsAre("record-missing"));
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length, static_cast<int64_t>(kEvents.size()));
}

TEST_P(ExistenceHazards, H18TransientSegmentsAreSetAside) {
  const std::string transient = "s/x/0.#epoch.0#transient.00000000000000000000000000000007";
  cluster_.Stream(transient, kEvents);
  const auto planned = Recover(transient, "(none)");
  EXPECT_EQ(planned.Find(transient), nullptr);
  EXPECT_THAT(planned.Codes(transient), ElementsAre("transient"));
}

TEST_P(ExistenceHazards, H20ASegmentOnlyTheControllerKnowsIsCreatedEmpty) {
  cluster_.controller.streams["x"].epoch = 1;
  cluster_.controller.streams["x"].epochs[1] = {{1, 1}};
  const auto planned = Recover(kSampleSegment, "(none)");
  EXPECT_THAT(planned.Codes(kSampleSegment),
              testing::UnorderedElementsAre("segment-missing", "seal-missing"));
  EXPECT_TRUE(planned.Find(kSampleSegment)->info.sealed);
  EXPECT_FALSE(planned.Find("s/x/1.#epoch.1")->info.sealed);
}

TEST_P(ExistenceHazards, H21ASegmentTheControllerDoesNotKnowIsKeptWhenItHasARecord) {
  const std::string lagging = "s/new/0.#epoch.0";
  cluster_.Stream(lagging, kEvents);
  EXPECT_THAT(Recover(lagging, kEvents).Codes(lagging), ElementsAre("unknown-to-controller"));
}

// Listed in its scope, but its own table has not reached Tier-2 yet: clients cannot find the
// stream.
TEST_P(ExistenceHazards, H23AStreamWithoutRecordsIsNamed) {
  cluster_.controller.streams["x"].recorded = false;
  cluster_.Stream(kSampleSegment, kEvents);
  const auto planned = Recover(kSampleSegment, kEvents);
  EXPECT_THAT(planned.Codes("s/x"),
              testing::IsSupersetOf({"controller-record-missing", "stream-unrecorded"}));
  EXPECT_THAT(
      planned.Message("s/x", "stream-unrecorded"),
      testing::HasSubstr(fmt::format("with 1 segments or more, and the {} bytes", kEvents.size())));
}

// A stream that is created again takes its segments over as they are: they must be open.
TEST_P(ExistenceHazards, H23ASealedSegmentOfAStreamWithoutRecordsIsUnsealed) {
  cluster_.controller.streams["x"].recorded = false;
  cluster_.Stream("s/x/4.#epoch.0", kEvents).sealed_in_storage = true;
  cluster_.Stream("s/x/5.#epoch.1", kEvents);
  const auto planned = Recover("s/x/4.#epoch.0", kEvents);
  EXPECT_FALSE(planned.Find("s/x/4.#epoch.0")->info.sealed);
  EXPECT_THAT(planned.Codes("s/x/4.#epoch.0"), ElementsAre("seal-ahead"));
  EXPECT_THAT(planned.Message("s/x", "stream-unrecorded"),
              testing::AllOf(testing::HasSubstr("with 5 segments"),
                             testing::HasSubstr("segments that scaling made")));
}

TEST_P(ExistenceHazards, H23AStreamOfWhichNothingCameBackIsNotToBeCreatedAgain) {
  cluster_.controller.streams["x"].recorded = false;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes("s/x"),
              testing::Not(testing::Contains("stream-unrecorded")));
}

TEST_P(ExistenceHazards, H28GarbageCollectionStartsWithAnEmptyQueue) {
  const std::string queue = "_system/containers/event_processor_GC.queue.0_0";
  cluster_.Stream(queue, kEvents);
  const auto planned = Recover(queue, "(none)");
  EXPECT_EQ(planned.Find(queue), nullptr);
}

TEST_P(ExistenceHazards, H45TheControllersOwnReaderGroupsAreEmptied) {
  const std::string group = "_system/_RGscaleGroup/0.#epoch.0";
  cluster_.Stream(group, kEvents);
  const auto planned = Recover(group, "(none)");
  EXPECT_THAT(planned.plan.controller.emptied_reader_groups, ElementsAre(group));
  EXPECT_EQ(planned.Find(group)->info.length, 0);
  EXPECT_THAT(planned.plan.losses, IsEmpty());
}

// H23: the scope's list of streams had reached Tier-2 with the stream, and without its mark stream.
TEST_P(ExistenceHazards, H23AStreamWhoseMarkStreamIsNotListedHasToBeCreatedAgain) {
  TestSegment& segment = cluster_.Stream(kSampleSegment, kEvents);
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes("s/x"), IsEmpty());  // from before there were watermarks
  cluster_.Stream("s/_MARKx/0.#epoch.0", "");
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes("s/x"), ElementsAre("creation-unfinished"));
  cluster_.controller.streams["x"].state = 8;  // sealed
  segment.record.sealed = segment.sealed_in_storage = true;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Message("s/x", "creation-unfinished"),
              testing::HasSubstr("and seal it"));
  cluster_.ExpectRecovers();
}

// H23: neither the list of streams nor anything else of the mark stream had reached Tier-2. That it
// had one is told by a stream that is older, and has one.
TEST_P(ExistenceHazards, H23AStreamOfWhoseMarkStreamNothingCameBackHasToBeCreatedAgain) {
  cluster_.Stream(kSampleSegment, kEvents);
  cluster_.controller.streams["first"].creation_time = kSampleTime - 1;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes("s/x"), IsEmpty());
  cluster_.controller.streams["_MARKfirst"];
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes("s/x"), ElementsAre("creation-unfinished"));
  EXPECT_THAT(cluster_.MakePlan().Codes("s/first"),
              testing::Not(testing::Contains("creation-unfinished")));
  // One from before has none, and needs none.
  cluster_.controller.streams["x"].creation_time = kSampleTime - 2;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes("s/x"), IsEmpty());
  cluster_.ExpectRecovers();
}

// H20: the table of an epoch's transactions, made with the epoch, had not reached Tier-2.
TEST_P(ExistenceHazards, H20ATableThatTheControllerDoesNotMakeAgainIsMade) {
  cluster_.Stream(kSampleSegment, kEvents);
  cluster_.controller.streams["x"].transaction_tables = false;
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  const auto is_table = [](const SegmentDecision& s) {
    return s.info.name.find("/x/transactionsInEpoch-0.#.") != std::string::npos;
  };
  size_t tables = 0;
  for (const ContainerPlan& container : planned.containers) {
    tables += static_cast<size_t>(
        std::count_if(container.segments.begin(), container.segments.end(), is_table));
  }
  EXPECT_EQ(tables, 1u);
  cluster_.ExpectRecovers();
}

INSTANTIATE_TEST_SUITE_P(Both, ExistenceHazards,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& p) { return std::string(LayoutName(p.param)); });

}  // namespace
}  // namespace pdr

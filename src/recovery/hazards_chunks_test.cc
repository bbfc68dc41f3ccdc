// Hazards H27, H29 and H30 of docs/formats/recovery-semantics.md: chunk files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "format/names.h"
#include "recovery/testing/sample_cluster.h"
#include "tier2/testing/sample_tree.h"

namespace pdr {
namespace {

using testing::Contains;

const std::string kFiveEvents = SampleEvents({"0123", "4567", "89ab", "cdef", "ghij"});  // 12 each

TEST(ChunkHazards, H29AMissingRollingChunkEndsTheSegmentBeforeIt) {
  SampleCluster cluster(Layout::kRolling);
  cluster.controller.streams["x"];
  cluster.Stream(kSampleSegment, "").record.length = 0;
  PutRolling(cluster.disk(), kSampleSegment,
             {{0, kFiveEvents.substr(0, 30)},
              {30, kFiveEvents.substr(30, 10)},
              {40, kFiveEvents.substr(40)}});
  cluster.Build();
  cluster.disk().Drop(RollingChunkName(kSampleSegment, 30));
  const auto planned = cluster.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), Contains("data-hole"));
  cluster.ExpectRecovers();
  EXPECT_EQ(cluster.StoredBytes(kSampleSegment), kFiveEvents.substr(0, 24));
}

// A truncation of all of it leaves one empty chunk, whose name says where the segment goes on.
TEST(ChunkHazards, H29ARollingSegmentThatWasTruncatedWhollyStaysAsItIs) {
  SampleCluster cluster(Layout::kRolling);
  cluster.controller.streams["x"].truncation = {{{0, 0}, 60}};
  TestSegment& segment = cluster.Stream(kSampleSegment, "");
  segment.record.length = segment.record.start_offset = 60;
  PutRolling(cluster.disk(), kSampleSegment, {{60, ""}});
  cluster.Build();
  const auto planned = cluster.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), testing::IsEmpty());
  EXPECT_EQ(planned.Find(kSampleSegment)->info.start_offset, 60);
  EXPECT_FALSE(planned.IsSetAside(kSampleSegment));
  cluster.ExpectRecovers();
}

TEST(ChunkHazards, AChunkOfAContainerThatThereIsNotIsSaidAndLeftAlone) {
  SampleCluster cluster(Layout::kChunked);
  cluster.controller.streams["x"];
  cluster.Stream(kSampleSegment, kFiveEvents);
  cluster.Build();
  const std::string strange =
      ChunkName("_system/containers/event_processor_GC.queue.9_9", 1, 0, NameUuid("strange"));
  cluster.disk().Put(strange, "bytes");
  const auto planned = cluster.MakePlan();
  EXPECT_THAT(planned.Codes(strange), testing::ElementsAre("container-out-of-range"));
  EXPECT_FALSE(planned.IsSetAside(strange));
  cluster.ExpectRecovers();
}

class OrphanHazards : public testing::Test {
 protected:
  OrphanHazards() : cluster_(Layout::kChunked) {
    cluster_.controller.streams["x"];
    cluster_.Stream(kSampleSegment, kFiveEvents.substr(0, 24)).record.length = 0;
    cluster_.Build();
  }
  void PutOrphan(uint64_t epoch, uint64_t offset, const std::string& bytes) {
    cluster_.disk().Put(
        ChunkName(kSampleSegment, epoch, offset, NameUuid(fmt::format("{}.{}", epoch, offset))),
        bytes);
  }
  void ExpectStored(const std::string& bytes) {
    EXPECT_THAT(cluster_.MakePlan().Codes(kSampleSegment), Contains("salvaged"));
    cluster_.ExpectRecovers();
    EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), bytes);
  }
  SampleCluster cluster_;
};

TEST_F(OrphanHazards, H27AnOrphanThatContinuesTheSegmentIsAdopted) {
  PutOrphan(3, 24, kFiveEvents.substr(24, 12));
  PutOrphan(4, 36, kFiveEvents.substr(36));
  ExpectStored(kFiveEvents);
}

// The records of a new segment and of its first chunk are one batch, which a loss may tear apart.
TEST_F(OrphanHazards, H27AChunkWhoseRecordWasTornOffItsBatchIsAdopted) {
  cluster_.tree().change_storage = [](auto& records) {
    std::erase_if(records, [](const auto& r) {
      return r.first.starts_with(kSampleSegment) && r.first.find(".E-") != std::string::npos;
    });
  };
  cluster_.Stream(kSampleSegment, kFiveEvents.substr(0, 24));
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), Contains("salvaged"));
  EXPECT_THAT(planned.Codes(kSampleSegment), testing::Not(Contains("list-broken")));
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length, 24);
}

TEST_F(OrphanHazards, H27OfASealedSegmentToo) {
  cluster_.tree().change_storage = [](auto& records) {
    std::erase_if(records, [](const auto& r) {
      return r.first.starts_with(kSampleSegment) && r.first.find(".E-") != std::string::npos;
    });
  };
  TestSegment& segment = cluster_.Stream(kSampleSegment, kFiveEvents.substr(0, 24));
  segment.record.sealed = segment.sealed_in_storage = true;
  cluster_.controller.streams["x"].state = 8;
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kSampleSegment), testing::ElementsAre("salvaged"));
  EXPECT_EQ(planned.Find(kSampleSegment)->info.length, 24);
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), kFiveEvents.substr(0, 24));
}

TEST_F(OrphanHazards, H27ATransactionWhoseChunksAMergeGaveUpIsNoBrokenList) {
  const std::string merged =
      std::string(kSampleSegment) + "#transaction.00000000000000000000000000000007";
  cluster_.tree().change_storage = [&](auto& records) {
    for (auto& [key, data] : records) {
      if (key.starts_with(merged) && key.find(".E-") != std::string::npos) data.value.reset();
    }
  };
  cluster_.Stream(merged, kFiveEvents.substr(0, 24)).sealed_in_storage = true;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(merged), testing::Not(Contains("list-broken")));
}

TEST_F(OrphanHazards, H27OfALeftoverABrokenListDoesNotMatter) {
  const std::string gone = "s/gone/0.#epoch.0";
  cluster_.tree().change_storage = [&](auto& records) {
    std::erase_if(records, [&](const auto& r) {
      return r.first.starts_with(gone) && r.first.find(".E-") != std::string::npos;
    });
  };
  cluster_.Stream(gone, kFiveEvents.substr(0, 24)).registered = false;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(gone), testing::ElementsAre("leftover"));
}

TEST_F(OrphanHazards, H30TheHighestEpochWins) {
  PutOrphan(3, 24, SampleEvents({"zombie of epoch 3"}));
  PutOrphan(4, 24, kFiveEvents.substr(24));
  ExpectStored(kFiveEvents);
}

TEST_F(OrphanHazards, H30AChunkInsideTheSurplusOfAFailedWriteEndsTheOlderFile) {
  const std::string old = cluster_.FileNamed(std::string(kSampleSegment) + ".E-");
  cluster_.disk().Put(old, kFiveEvents.substr(0, 36) + "failed write");
  PutOrphan(4, 36, kFiveEvents.substr(36));
  ExpectStored(kFiveEvents);
}

TEST_F(OrphanHazards, H30AnOlderOwnersChunkIsNotAdopted) {
  PutOrphan(2, 24, kFiveEvents.substr(24));  // the segment is owned by epoch 3
  EXPECT_THAT(cluster_.MakePlan().Codes(kSampleSegment), testing::IsEmpty());
  cluster_.ExpectRecovers();
  EXPECT_EQ(cluster_.StoredBytes(kSampleSegment), kFiveEvents.substr(0, 24));
}

}  // namespace
}  // namespace pdr

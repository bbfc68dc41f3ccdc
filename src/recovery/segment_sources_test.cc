// What a plan remembers of its sources: small, and true to the files of real clusters.
#include "recovery/segment_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/controller_names.h"
#include "format/names.h"
#include "recovery/recover.h"
#include "recovery/testing/aside.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

StoredSegment WithChunks(const std::vector<std::string>& paths) {
  StoredSegment segment;
  for (const std::string& path : paths) segment.chunks.push_back({.path = path});
  return segment;
}

TEST(SourceFilesTest, NamesComeBackAsTheyWere) {
  const std::string uuid = "00112233-4455-6677-8899-aabbccddeeff";
  const StoredSegment data = WithChunks({"s/x/0.E-1-O-0." + uuid, "other", "s/x/0.odd"});
  const StoredSegment index = WithChunks({"elsewhere/" + uuid});
  const SourceFiles files("s/x/0", &data, &index);
  const auto names = SourceFiles::FromPacked(files.packed()).For("s/x/0");
  EXPECT_EQ(names.first, data.chunks.front().path);
  EXPECT_EQ(names.last, "s/x/0.odd");
  EXPECT_EQ(names.index, "elsewhere/" + uuid);
  EXPECT_EQ(SourceFiles("s/x/0", nullptr, nullptr).packed(), "");
  EXPECT_EQ(SourceFiles("s/x/0", nullptr, nullptr).For("s/x/0").first, "");
}

TEST(SourceFilesTest, DamagedBytesGiveNoNames) {
  for (const char* bytes : {"\xff\xff", "x", "\0\1"}) {
    EXPECT_EQ(SourceFiles::FromPacked(bytes).For("s").first, "");
  }
}

class RealSources : public testing::TestWithParam<std::string> {};

TEST_P(RealSources, AreSmallAndNameFilesAndTablesThatExist) {
  MemoryDisk disk;
  ASSERT_TRUE(LoadFixture("testdata", GetParam(), disk).ok());
  auto run = PlanRun(disk, "c", RecoverOptions(), Progress::Silent());
  ASSERT_TRUE(run.ok()) << run.status();
  std::set<std::string> segments;
  const std::vector<ContainerPlan> plans = PlansOf(run->plan);
  for (const ContainerPlan& c : plans) {
    for (const SegmentDecision& s : c.segments) segments.insert(s.info.name);
  }
  size_t controlled = 0;
  for (const ContainerPlan& c : plans) {
    EXPECT_FALSE(c.table_files.empty());
    for (const auto* list : {&c.segments, &c.not_registered}) {
      for (const SegmentDecision& s : *list) {
        EXPECT_LE(sizeof(SegmentSources) + s.sources.files.packed().capacity(), 200u)
            << s.info.name;
        const auto names = s.sources.files.For(s.info.name);
        for (const std::string& file : {names.first, names.last, names.index}) {
          EXPECT_TRUE(file.empty() || run->inventory.Find(file) != nullptr) << file;
        }
        const ControllerPlace place = PlaceOf(s.sources.controller, s.info.name);
        controlled += place.table.empty() ? 0 : 1;
        EXPECT_TRUE(place.table.empty() || segments.contains(place.table)) << place.table;
      }
    }
  }
  EXPECT_GT(controlled, 70u);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, RealSources,
                         testing::Values("chunked-torn", "rolling-torn", "chunked-control",
                                         "rolling-killed"),
                         [](const auto& fixture) {
                           std::string name = fixture.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ControllerSourceTest, EveryPlaceHasItsTableAndKey) {
  using Where = ControllerSource::Where;
  const Uuid id{1, 2};
  const std::string segment = "s/x/3.#epoch.2";
  const std::string metadata = StreamMetadataTable("s", "x", id);
  const auto at = [&](Where where, int32_t number = 0) {
    const ControllerPlace place = PlaceOf({where, number, id}, segment);
    return place.table + " " + place.key;
  };
  EXPECT_EQ(at(Where::kNowhere), " ");
  EXPECT_EQ(at(Where::kScopes), "_system/_tables/scopes s");
  EXPECT_EQ(at(Where::kStreams), StreamsInScopeTable("s", id) + " x");
  EXPECT_EQ(at(Where::kKvTables), KvTablesInScopeTable("s", id) + " x");
  EXPECT_EQ(at(Where::kMetadata), metadata + " ");
  EXPECT_EQ(at(Where::kEpoch, 2), metadata + " epochRecord-2");
  EXPECT_EQ(at(Where::kState), metadata + " state");
  EXPECT_EQ(at(Where::kTruncation), metadata + " truncation");
  EXPECT_EQ(at(Where::kTransition), metadata + " epochTransition");
  EXPECT_EQ(at(Where::kCommitting), metadata + " committingTxns");
  const std::string transaction = segment + "#transaction." + id.Hex();
  const auto place = PlaceOf({Where::kTransactions, 2, id}, transaction);
  EXPECT_EQ(place.table, TransactionsInEpochTable("s", "x", 2, id));
  EXPECT_EQ(place.key, id.Text());
  const auto completed = PlaceOf({Where::kCompleted, 7, id}, transaction);
  EXPECT_EQ(completed.table, "_system/_tables/completedTransactionsBatch-7");
  EXPECT_TRUE(ParseCompletedTransactionKey(completed.key)) << completed.key;
}

}  // namespace
}  // namespace pdr

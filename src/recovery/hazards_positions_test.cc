// Hazards H47 and H48 of docs/formats/recovery-semantics.md, with the real client's bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/testing/vectors.h"
#include "recovery/testing/sample_cluster.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The group read 0.#epoch.0 up to 150 and 1.#epoch.0 up to 200.
constexpr char kGroup[] = "s/_RGreaders/0.#epoch.0";
constexpr char kFirstSegment[] = "s/str/0.#epoch.0";
constexpr char kSecondSegment[] = "s/str/1.#epoch.0";

std::string VectorEvents(const std::vector<std::string>& names) {
  const Json vectors = LoadVectors("controller_records.json");
  std::vector<std::string> payloads;
  for (const std::string& name : names) payloads.push_back(FromHex(vectors["records"][name]));
  return SampleEvents(payloads);
}

std::string GroupHistory(int count = 8) {
  std::vector<std::string> names = {"rg_event_0_init"};
  for (int i = 1; i < count; ++i) names.push_back(fmt::format("rg_event_{}", i));
  return VectorEvents(names);
}

class PositionHazards : public testing::TestWithParam<Layout> {
 protected:
  PositionHazards() : cluster_(GetParam()) {
    cluster_.controller.streams["str"].epochs[0] = {{0, 0}, {1, 0}};
    cluster_.Stream(kSecondSegment, SampleEvents({std::string(300, 'x')}));
  }
  SampleCluster cluster_;
};

TEST_P(PositionHazards, H47AReaderGroupBeyondTheEndIsNamedWithWhereToReset) {
  cluster_.controller.streams["_RGreaders"];
  cluster_.Stream(kGroup, GroupHistory());
  cluster_.Stream(kFirstSegment, SampleEvents({"short"}));  // 13 bytes
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kGroup), ElementsAre("reader-position-beyond-end"));
  EXPECT_THAT(planned.Message(kGroup, "reader-position-beyond-end"),
              testing::AllOf(HasSubstr("s/str/0.#epoch.0 at 150 (ends at 13)"),
                             HasSubstr("stream cut s/str: 0.#epoch.0:13, 1.#epoch.0:200")));
  const Loss* loss = planned.FindLoss(kFirstSegment, "bytes");
  ASSERT_NE(loss, nullptr);
  EXPECT_EQ(loss->amount, 137u);
  EXPECT_FALSE(loss->exact);
  cluster_.ExpectRecovers();
}

TEST_P(PositionHazards, H47AReaderGroupBehindTheEndIsLeftAlone) {
  cluster_.controller.streams["_RGreaders"];
  cluster_.Stream(kGroup, GroupHistory());
  cluster_.Stream(kFirstSegment, SampleEvents({std::string(200, 'y')}));
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kGroup), IsEmpty());
  EXPECT_THAT(planned.plan.losses, IsEmpty());
}

TEST_P(PositionHazards, H48AWatermarkBeyondTheEndIsNamed) {
  cluster_.controller.streams["_MARKstr"];
  cluster_.controller.streams["str"].epochs[0] = {{0, 0}, {1, 0}, {2, 1}};
  cluster_.Stream("s/_MARKstr/0.#epoch.0", VectorEvents({"watermark"}));
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Message("s/_MARKstr/0.#epoch.0", "reader-position-beyond-end"),
              testing::AllOf(HasSubstr("s/str/2.#epoch.1 at 44 (ends at 0)"),
                             HasSubstr("reset to the stream cut s/str")));
  ASSERT_NE(planned.FindLoss("s/str/2.#epoch.1", "bytes"), nullptr);
}

// The group has left the first segment, and waits for the second to end before it reads what
// follows: it would never see what is written to the first one now.
TEST_P(PositionHazards, H22WhereAReaderGroupHadGoneOnTheSealStays) {
  SampleStream& stream = cluster_.controller.streams["str"];
  stream.state = 4;  // scaling
  stream.scaling = {{0, 0}, {1, 0}};
  stream.scaled_to = {{2, 1}};
  cluster_.controller.streams["_RGreaders"];
  TestSegment& first = cluster_.Stream(kFirstSegment, SampleEvents({std::string(200, 'y')}));
  first.sealed_in_storage = true;
  cluster_.Build();
  EXPECT_THAT(cluster_.MakePlan().Codes(kFirstSegment), ElementsAre("seal-early"));
  cluster_.Stream(kGroup, GroupHistory(12));
  cluster_.Build();
  const auto planned = cluster_.MakePlan();
  EXPECT_THAT(planned.Codes(kFirstSegment), ElementsAre("successors-unknown"));
  EXPECT_THAT(planned.Codes(kGroup), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Both, PositionHazards, testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& p) { return std::string(LayoutName(p.param)); });

}  // namespace
}  // namespace pdr

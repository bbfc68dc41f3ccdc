// The real program's `dr verify --live` against a cluster made from a rehearsed plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/program.h"
#include "format/attributes.h"
#include "live/testing/fake_controller.h"
#include "live/testing/fake_store.h"
#include "recovery/workspace.h"

namespace pdr {
namespace {

using testing::HasSubstr;

class LiveProgram : public ProgramTest {
 protected:
  // The cluster that the plan in `workspace` promises.
  void Promise(const std::string& workspace) {
    const auto opened = Workspace::OpenReadOnly(workspace);
    ASSERT_TRUE(opened.ok()) << opened.status();
    const auto segments = (*opened)->LoadSegments();
    ASSERT_TRUE(segments.ok()) << segments.status();
    for (const RecordedSegment& s : *segments) {
      const SegmentInfo& info = s.decision.info;
      store_.segments[info.name] = {.exists = true,
                                    .sealed = info.sealed,
                                    .length = info.length,
                                    .start_offset = info.start_offset};
      const auto keys = info.attributes.find(kEntryCount);
      store_.tables[info.name] = {.start_offset = info.start_offset,
                                  .length = info.length,
                                  .entries = keys == info.attributes.end() ? 0 : keys->second};
    }
  }
  Result Live(const std::string& more) {
    FakeController controller(store_.endpoint());
    return Run(fmt::format("dr verify --live --wait 0 --controller tcp://{} --workspace '{}' {}",
                           controller.endpoint().ToString(), At("workspace/rehearsal"), more));
  }

  FakeStore store_;
};

TEST_F(LiveProgram, SaysWhetherTheClusterIsWhatThePlanPromised) {
  const std::string root = Fixture("chunked-flushed");
  ASSERT_EQ(Run(fmt::format("dr recover --rehearse {} --workspace {}", root, At("workspace"))).code,
            0);
  ASSERT_NO_FATAL_FAILURE(Promise(At("workspace/rehearsal")));
  Result r = Live("");
  EXPECT_EQ(r.code, 0) << r.err << r.out;
  EXPECT_THAT(r.out, HasSubstr("Live         1 segment store with 4 containers online, "
                               "336 segments compared, 264 tables with "));
  EXPECT_THAT(r.out, HasSubstr("Verdict      the cluster is what the plan promised\n"));

  store_.segments.erase("dr/plain/0.#epoch.0");
  r = Live("");
  EXPECT_EQ(r.code, 8) << r.err;
  EXPECT_THAT(r.out, HasSubstr("FINDING      live-missing container 3 dr/plain/0.#epoch.0: "));
  EXPECT_THAT(r.out, HasSubstr("NOT what the plan promised: 1 finding\n"));
  r = Live("--format json");
  EXPECT_EQ(r.code, 8) << r.err;
  EXPECT_THAT(r.out, HasSubstr(R"({"type":"live","as_planned":false,"stores":1,"containers":4,)"));
}

TEST_F(LiveProgram, WithoutAClusterOrAPlan) {
  const std::string live = "dr verify --live --wait 1 --controller tcp://127.0.0.1:1 --workspace ";
  Result r = Run(live + At("workspace"));
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("no run in"));
  const std::string root = Fixture("chunked-flushed");
  ASSERT_EQ(Run(fmt::format("dr plan {} --workspace {}", root, At("workspace"))).code, 0);
  r = Run(live + At("workspace"));
  EXPECT_EQ(r.code, 6);
  EXPECT_THAT(r.err, HasSubstr("is not complete (planned)"));
  ASSERT_EQ(Run(fmt::format("dr recover --rehearse {} --workspace {}", root, At("workspace"))).code,
            0);
  r = Run(live + At("workspace/rehearsal"));
  EXPECT_EQ(r.code, 10);
  EXPECT_THAT(r.err, HasSubstr("waiting for the cluster: controller 127.0.0.1:1: connecting"));
  EXPECT_THAT(r.err, HasSubstr("the cluster is not up: controller 127.0.0.1:1"));
}

TEST_F(LiveProgram, LiveAndControllerGoTogether) {
  EXPECT_EQ(Run("dr verify --live").code, 2);
  EXPECT_EQ(Run("dr verify --controller tcp://127.0.0.1:1").code, 2);
  EXPECT_EQ(Run("dr verify /mnt/tier2 --live --controller tcp://127.0.0.1:1").code, 2);
  EXPECT_EQ(Run("dr verify --live --controller 127.0.0.1:1").code, 2);
  EXPECT_EQ(Run("dr verify /mnt/tier2 --wait 1").code, 2);
  EXPECT_EQ(Run("dr verify --live --rehearse --controller tcp://127.0.0.1:1").code, 2);
}

TEST_F(LiveProgram, WithoutLiveTheRootIsNeeded) {
  const Result r = Run("dr verify --workspace " + At("workspace"));
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("root"));
}

}  // namespace
}  // namespace pdr

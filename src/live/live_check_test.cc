#include "live/live_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "format/attributes.h"
#include "format/names.h"
#include "live/testing/fake_controller.h"
#include "live/testing/fake_store.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kContainers = 4;
constexpr const char* kOpen = "s/open/0.#epoch.0";
constexpr const char* kSealed = "s/sealed/0.#epoch.0";
constexpr const char* kTable = "_system/_tables/t";
constexpr const char* kTransaction =
    "s/open/0.#epoch.0#transaction.000000020000000000000000000000ab";

PlannedSegment Planned(const std::string& name, int64_t length, int64_t start, bool sealed) {
  PlannedSegment planned{ContainerOf(name, kContainers), {}};
  planned.info.name = name;
  planned.info.length = length;
  planned.info.start_offset = start;
  planned.info.sealed = sealed;
  return planned;
}

// Time passes only while somebody sleeps.
class LeapingClock : public Clock {
 public:
  int64_t NowMillis() const override { return now_; }
  void SleepMillis(int64_t millis) const override { now_ += millis; }

 private:
  mutable int64_t now_ = 0;
};

class NotedProgress : public Progress {
 public:
  void Begin(const PhaseInfo&) override {}
  void Advance(uint64_t) override {}
  void Note(std::string_view message) override { notes.emplace_back(message); }
  std::vector<std::string> notes;
};

// A cluster that is exactly as planned.
class LiveCheck : public testing::Test {
 protected:
  LiveCheck() {
    plan_ = {Planned(kOpen, 100, 10, false), Planned(kSealed, 50, 0, true),
             Planned(kTable, 70, 0, false)};
    plan_[2].info.attributes = {{kSegmentType, kTypeTable}, {kEntryCount, 5}};
    store_.segments[kOpen] = {.exists = true, .length = 100, .start_offset = 10};
    store_.segments[kSealed] = {.exists = true, .sealed = true, .length = 50};
    store_.segments[kTable] = {.exists = true, .length = 70};
    store_.tables[kTable] = {.length = 70, .entries = 5};
  }

  StatusOr<LiveReport> Check() {
    FakeController controller(store_.endpoint());
    return Check(controller);
  }
  StatusOr<LiveReport> Check(const FakeController& controller) {
    LiveOptions options;
    options.controllers = {controller.endpoint()};
    options.container_count = kContainers;
    options.patience = patience_;
    options.clock = &clock_;
    return CheckLiveCluster(plan_, options, notes_);
  }

  // By a check that is patient.
  void ExpectAsPlannedAfter(int64_t millis) {
    patience_ = std::chrono::seconds(60);
    const LiveReport report = Check().value();
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(report.containers, 4u);
    EXPECT_EQ(report.segments, 3u);
    EXPECT_EQ(clock_.NowMillis(), millis);
  }

  // The one finding of a check.
  void ExpectFinding(const std::string& code, const std::string& segment) {
    const StatusOr<LiveReport> report = Check();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->findings,
                ElementsAre(testing::AllOf(Field(&LiveFinding::code, code),
                                           Field(&LiveFinding::segment, segment))));
  }

  std::vector<PlannedSegment> plan_;
  FakeStore store_;
  std::chrono::seconds patience_{0};
  LeapingClock clock_;
  NotedProgress notes_;
};

TEST_F(LiveCheck, AsPlanned) {
  const LiveReport report = Check().value();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.stores, 1u);
  EXPECT_EQ(report.containers, 4u);
  EXPECT_EQ(report.segments, 3u);
  EXPECT_EQ(report.tables, 1u);
  EXPECT_EQ(report.keys, 5u);
  EXPECT_EQ(report.grown + report.sealed + report.truncated + report.ended, 0u);
}

TEST_F(LiveCheck, ProductionHasGoneOn) {
  store_.segments[kOpen] = {.exists = true, .sealed = true, .length = 200, .start_offset = 150};
  store_.segments[kTable].length = 90;
  store_.tables[kTable] = {.length = 90, .entries = 3};
  plan_.push_back(Planned(kTransaction, 30, 0, false));  // committed or aborted since
  const LiveReport report = Check().value();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.grown, 2u);
  EXPECT_EQ(report.sealed, 1u);
  EXPECT_EQ(report.truncated, 1u);
  EXPECT_EQ(report.ended, 1u);
}

TEST_F(LiveCheck, Missing) {
  store_.segments.erase(kOpen);
  ExpectFinding("live-missing", kOpen);
  store_.segments[kOpen] = {.exists = true, .deleted = true, .length = 100, .start_offset = 10};
  ExpectFinding("live-missing", kOpen);
}

TEST_F(LiveCheck, MissingTable) {
  store_.segments.erase(kTable);
  ExpectFinding("live-missing", kTable);
}

TEST_F(LiveCheck, Shorter) {
  store_.segments[kOpen].length = 99;
  ExpectFinding("live-length", kOpen);
}

TEST_F(LiveCheck, SealedAndLonger) {
  store_.segments[kSealed].length = 51;
  ExpectFinding("live-length", kSealed);
}

TEST_F(LiveCheck, BeginsEarlier) {
  store_.segments[kOpen].start_offset = 9;
  ExpectFinding("live-start", kOpen);
}

TEST_F(LiveCheck, SealLost) {
  store_.segments[kSealed].sealed = false;
  ExpectFinding("live-seal", kSealed);
}

TEST_F(LiveCheck, KeysLost) {
  store_.tables[kTable].entries = 4;
  ExpectFinding("live-keys", kTable);
  plan_[2].info.attributes[kSegmentType] = kTypeFixedKeyTable;  // whose record has no count
  EXPECT_THAT(Check()->findings, IsEmpty());
}

TEST_F(LiveCheck, OwnSegmentsNeedNoAnswer) {
  plan_.push_back(Planned(MetadataSegmentName(2), 0, 0, false));
  plan_.push_back(Planned(MetadataSegmentName(3), 0, 0, false));
  store_.segments[MetadataSegmentName(3)] = {.exists = true, .length = 1000};
  const LiveReport report = Check().value();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.own, 1u);
  EXPECT_EQ(report.unanswered, 1u);
  EXPECT_EQ(report.grown, 0u);
}

TEST_F(LiveCheck, ARefusalIsAFinding) {
  store_.script = [](const StoreRequest& request) {
    const bool asked = request.segment == kOpen;
    return RefusalReply(request, asked ? WireType::kErrorMessage : WireType::kNoSuchSegment);
  };
  plan_.resize(1);
  ExpectFinding("live-unreadable", kOpen);
}

TEST_F(LiveCheck, AContainerThatIsNotServed) {
  store_.script = [](const StoreRequest& request) {
    return RefusalReply(request, WireType::kWrongHost);
  };
  const Status status = Check().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(Message(status)), HasSubstr("starting or moving"));
  EXPECT_THAT(notes_.notes, IsEmpty());
  EXPECT_EQ(clock_.NowMillis(), 0);
}

// As a store does whose containers come online one after the other: it hangs up, then does not
// serve all of them, then does.
TEST_F(LiveCheck, AClusterThatIsStartingIsWaitedFor) {
  std::atomic<int> asked = 0;
  store_.script = [this, &asked](const StoreRequest& request) -> std::string {
    const int n = ++asked;
    if (n <= 3) return "";
    if (n == 4) return RefusalReply(request, WireType::kWrongHost);
    return store_.FromTable(request);
  };
  ExpectAsPlannedAfter(4000);
  EXPECT_THAT(notes_.notes, ElementsAre(HasSubstr("waiting for the cluster: a container may not be "
                                                  "online: segment store"),
                                        HasSubstr("starting or moving")));
}

TEST_F(LiveCheck, AControllerThatIsStartingIsWaitedFor) {
  std::atomic<int> asked = 0;
  FakeController controller([this, &asked](const std::string&) {
    return ++asked <= 2 ? GrpcAnswer{"13", ""} : NamesStore(store_.endpoint());
  });
  patience_ = std::chrono::seconds(60);
  EXPECT_THAT(Check(controller).value().findings, IsEmpty());
  EXPECT_EQ(clock_.NowMillis(), 2000);
}

TEST_F(LiveCheck, PatienceEnds) {
  store_.script = [](const StoreRequest&) { return ""; };
  patience_ = std::chrono::seconds(7);
  const Status status = Check().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(Message(status)),
              HasSubstr("not up: a container may not be online: segment"));
  EXPECT_EQ(clock_.NowMillis(), 7000);
}

// Waiting would not help.
TEST_F(LiveCheck, AStoreThatWantsATokenIsNotWaitedFor) {
  store_.script = [](const StoreRequest& request) {
    return RefusalReply(request, WireType::kAuthTokenCheckFailed);
  };
  patience_ = std::chrono::seconds(60);
  const Status status = Check().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(clock_.NowMillis(), 0);
}

// As one does that is given to another store: what was heard before does not count.
TEST_F(LiveCheck, AContainerThatMovesWhileItIsAskedIsAskedAnew) {
  int asked = 0;
  store_.script = [this, &asked](const StoreRequest& request) {
    const bool moves = request.segment == kSealed && ++asked == 1;
    return moves ? RefusalReply(request, WireType::kWrongHost) : store_.FromTable(request);
  };
  ExpectAsPlannedAfter(1000);
}

}  // namespace
}  // namespace pdr

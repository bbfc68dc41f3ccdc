// Shared recoveries in memory: whatever hosts take part, they do what a recovery alone does.
#include "recovery/share_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "recovery/testing/share_world.h"

namespace pdr {
namespace {

TEST_P(ShareRunTest, OneHostDoesWhatARecoveryAloneDoes) {
  const FinalState want = RecoveredAlone(Tree());
  ShareWorld world(Tree());
  {
    ShareHost host(world, "a");
    StatusOr<RecoverResult> result = host.Recover();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->outcome, RecoverOutcome::kDone);
    EXPECT_EQ(result->verify.containers, 4u);
    EXPECT_GE(result->verify.segments, 336u);
  }
  ExpectIs(world, want, "one host");
  EXPECT_TRUE(GatheringIsGone(world));
  EXPECT_EQ(world.cluster.ledgers.size(), 4u);
}

// Trees in which the controller left work: tables get entries that no file has yet.
using ShareRunControl = ShareRunTest;

TEST_P(ShareRunControl, WhatIsAddedForTheControllerIsBuiltFromTheRecordsToo) {
  const FinalState want = RecoveredAlone(Tree());
  ShareWorld world(Tree());
  {
    ShareHost host(world, "a");
    ASSERT_TRUE(Done(host.Recover()));
  }
  ExpectIs(world, want, "control");
}

TEST_P(ShareRunTest, WhoComesWhenAllIsDoneFindsThat) {
  ShareWorld world(Tree());
  ShareHost first(world, "a");
  ASSERT_TRUE(first.Recover().ok());
  const Files files = world.disk.Files();
  ShareHost late(world, "b");
  StatusOr<RecoverResult> result = late.Recover();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, RecoverOutcome::kAlreadyDone);
  EXPECT_TRUE(world.disk.Files() == files);
}

TEST_P(ShareRunTest, HostsAtOnceShareTheWorkAndReportTheSame) {
  const FinalState want = RecoveredAlone(Tree());
  ShareWorld world(Tree());
  std::vector<std::unique_ptr<ShareHost>> hosts;
  for (const char* name : {"a", "b", "c"})
    hosts.push_back(std::make_unique<ShareHost>(world, name));
  std::vector<StatusOr<RecoverResult>> results(hosts.size(), Internal("did not run"));
  {
    std::vector<std::jthread> threads;
    threads.reserve(hosts.size());
    for (size_t i = 0; i < hosts.size(); ++i) {
      threads.emplace_back([&, i] { results[i] = hosts[i]->Recover(2); });
    }
  }
  hosts.clear();
  for (const auto& result : results) {
    ASSERT_TRUE(Done(result)) << result.status();
    if (result->outcome == RecoverOutcome::kDone) {
      EXPECT_EQ(result->verify.segments, results[0]->verify.segments);
    }
  }
  ExpectIs(world, want, "three hosts");
  EXPECT_EQ(world.cluster.ledgers.size(), 4u);
}

TEST_P(ShareRunTest, WhoHoldsWhatIsToldByName) {
  ShareWorld world(Tree());
  std::map<std::string, std::string> seen;
  std::unique_ptr<ShareHost> host;
  host = std::make_unique<ShareHost>(world, "host-7", nullptr, [&](int64_t) -> Status {
    Tier1 session = world.cluster.Open();
    ASSIGN_OR_RETURN(const auto holders, ShareClaims(session, "", world.sleeping).Holders());
    seen.insert(holders.begin(), holders.end());
    return OkStatus();
  });
  ASSERT_TRUE(Done(host->Recover()));
  EXPECT_THAT(seen, testing::Contains(testing::Pair("lead", "host-7")));
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_THAT(seen, testing::Contains(testing::Pair(ContainerClaim(c), "host-7")));
  }
}

INSTANTIATE_TEST_SUITE_P(Flushed, ShareRunTest,
                         testing::Values("chunked-flushed", "rolling-flushed"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

INSTANTIATE_TEST_SUITE_P(Control, ShareRunControl,
                         testing::Values("chunked-control", "rolling-control"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

}  // namespace
}  // namespace pdr

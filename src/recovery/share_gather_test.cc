// Hosts that gather together: each opens only the files of containers that it holds, and what is
// planned from what they exchange is what one host alone plans.
#include "recovery/share_gather.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <thread>

#include "format/names.h"
#include "recovery/share_run.h"
#include "recovery/testing/share_world.h"

namespace pdr {
namespace {

using ShareGatherTest = ShareRunTest;
using ShareGatherDamaged = ShareRunDamaged;

// Calls `then` once, when a file of this name has been exchanged.
HookedDisk::Hook When(ShareWorld& world, const std::string& name, std::function<Status()> then) {
  return [&world, name, then = std::move(then), called = false](int64_t) mutable -> Status {
    for (const auto& [path, file] : world.disk.Files()) {
      if (called || !path.ends_with("/share/" + name)) continue;
      called = true;
      return then();
    }
    return OkStatus();
  };
}

// Runs a host that dies when a file of this name has been exchanged; the path of that file.
std::string DieAt(ShareWorld& world, const std::string& name) {
  {
    bool dead = false;
    const HookedDisk::Hook when = When(world, name, [&] {
      dead = true;
      return OkStatus();
    });
    ShareHost dying(world, "dying", nullptr, [&](int64_t effect) {
      when(effect).IgnoreError();
      return dead ? Unavailable("died") : OkStatus();
    });
    EXPECT_FALSE(dying.Recover().ok());
    EXPECT_TRUE(dead);
  }
  for (const auto& [path, file] : world.disk.Files()) {
    if (path.ends_with("/share/" + name)) return path;
  }
  ADD_FAILURE() << "no " << name;
  return "";
}

// What was gathered before a file came is not planned from.
TEST_P(ShareGatherTest, ATier2ThatChangesWhileItIsGatheredIsLookedAtAnew) {
  ShareWorld world(Tree());
  {
    ShareHost host(world, "a", nullptr, When(world, "judged.0", [&] {
                     world.disk.Put("dr/newcomer", "x");
                     return OkStatus();
                   }));
    ASSERT_TRUE(Done(host.Recover()));
  }
  EXPECT_TRUE(GatheringIsGone(world));
  EXPECT_TRUE(world.Namespace().contains("dr/newcomer"));
}

TEST_P(ShareGatherTest, WhatIsGatheredIsKeptUntilAPlanIsConfirmed) {
  ShareWorld world(Tree());
  StatusOr<PlannedRun> first = Internal("none");
  {
    ShareHost host(world, "a");
    first = host.Plan();
    ASSERT_TRUE(first.ok()) << first.status();
  }
  EXPECT_FALSE(GatheringIsGone(world));
  int opened = 0;
  const HookedDisk::OpenHook count = [&](const std::string& path) {
    opened += path.starts_with(".pravega-dr/") ? 0 : 1;
  };
  {
    ShareHost other(world, "b", nullptr, nullptr, count);
    const StatusOr<PlannedRun> again = other.Plan();
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->identity.plan_digest, first->identity.plan_digest);
    EXPECT_EQ(opened, 0);
  }
  // Unless it is to be looked at in another way.
  world.options.gather.tail_check = TailCheck::kFull;
  ShareHost other(world, "c", nullptr, nullptr, count);
  EXPECT_TRUE(other.Plan().ok());
  EXPECT_GT(opened, 0);
}

// Of hosts that all died, at any point of it.
TEST_P(ShareGatherDamaged, WhatWasLeftDamagedIsGatheredAnew) {
  const FinalState want = RecoveredAlone(Tree());
  for (const char* name : {"gather", "view.0", "tables.0", "judged.0", "gathered.0"}) {
    for (const bool gone : {false, true}) {
      ShareWorld world(Tree());
      const std::string path = DieAt(world, name);
      MemoryDisk::File file = world.disk.Files().at(path);
      file.bytes[file.bytes.size() / 2] ^= 1;
      ASSERT_TRUE(world.disk.Remove(path).ok());
      if (!gone) world.disk.Put(path, file.bytes, file.mode);
      {
        ShareHost other(world, "b");
        const StatusOr<RecoverResult> result = other.Recover();
        ASSERT_TRUE(Done(result)) << path << ": " << result.status();
      }
      ExpectIs(world, want, path);
      EXPECT_TRUE(GatheringIsGone(world)) << path;
    }
  }
}

// It may be this host that has another Tier-2 mounted.
TEST_P(ShareGatherTest, WhoFindsNothingOfWhatTheOthersGatheredMustNotBeginAnew) {
  ShareWorld world(Tree());
  const std::string path = DieAt(world, "gather");
  ASSERT_TRUE(world.disk.Remove(path).ok());
  Tier1 session = world.cluster.Open();
  ShareClaims claims(session, "busy", world.sleeping);
  const auto member = claims.Join();
  ASSERT_TRUE(member.ok());
  const Files files = world.disk.Files();
  ShareHost other(world, "b");
  // Whoever led has the board in ZooKeeper by now.
  ASSERT_TRUE(ShareBoard(session)
                  .Create({path.substr(12, path.find("/share") - 12), ShareStage::kTables, "nnnn"})
                  .ok());
  const StatusOr<RecoverResult> result = other.Recover();
  EXPECT_EQ(result.status().code(), StatusCode::kDataLoss) << result.status();
  EXPECT_THAT(std::string(Message(result.status())), testing::HasSubstr("Mount the same Tier-2"));
  EXPECT_TRUE(world.disk.Files() == files);
  const auto board = ShareBoard(session).Load();
  ASSERT_TRUE(board.ok() && board->has_value());
  EXPECT_EQ((*board)->stage, ShareStage::kTables);
}

// The segment of a data file; nothing for what says how containers as a whole are: container
// metadata, journals and headers, which the host that leads reads.
std::optional<std::string> SegmentOf(const std::string& path) {
  if (path.starts_with(".pravega-dr/") || path.starts_with("_system/containers/")) return {};
  if (auto chunk = ParseChunkName(path)) return std::string(chunk->segment);
  if (auto chunk = ParseRollingChunkName(path)) return std::string(chunk->segment);
  return {};
}

// Who opened a file of a segment, how often, and whether without the claim to its container.
struct Opened {
  std::mutex mutex;
  std::map<std::string, std::map<std::string, int>> by_host;  // host -> file -> how often
  std::vector<std::string> unclaimed;

  size_t Files(const std::string& host) {
    const std::lock_guard lock(mutex);
    return by_host[host].size();
  }
  void Note(ShareWorld& world, const std::string& host, const std::string& path) {
    const auto segment = SegmentOf(path);
    if (!segment) return;
    Tier1 session = world.cluster.Open();
    const auto holders = ShareClaims(session, "", world.sleeping).Holders();
    const std::string claim = ContainerClaim(static_cast<size_t>(ContainerOf(*segment, 4)));
    const std::lock_guard lock(mutex);
    ++by_host[host][path];
    if (!holders.ok() || !holders->contains(claim) || holders->at(claim) != host) {
      unclaimed.push_back(fmt::format("{} opened {} without {}", host, path, claim));
    }
  }
};

TEST_P(ShareGatherTest, EachHostOpensOnlyFilesOfContainersItHolds) {
  std::map<std::string, int> alone;
  {
    ShareWorld world(Tree());
    ShareHost host(world, "alone", nullptr, nullptr, [&](const std::string& path) {
      if (SegmentOf(path)) ++alone[path];
    });
    ASSERT_TRUE(Done(host.RecoverAlone()));
  }
  ShareWorld world(Tree());
  Opened opened;
  std::vector<std::unique_ptr<ShareHost>> hosts;
  std::vector<StatusOr<RecoverResult>> results(2, Internal("did not run"));
  {
    std::vector<std::jthread> threads;
    for (const std::string name : {"a", "b"}) {
      const std::string other = name == "a" ? "b" : "a";
      // Holds its first container until the other one has one as well.
      hosts.push_back(std::make_unique<ShareHost>(
          world, name, nullptr, nullptr, [&, name, other](const std::string& path) {
            opened.Note(world, name, path);
            for (int i = 0; i < 20000 && opened.Files(name) > 0 && opened.Files(other) == 0; ++i) {
              std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
          }));
      threads.emplace_back(
          [&, i = hosts.size() - 1, host = hosts.back().get()] { results[i] = host->Recover(); });
    }
  }
  for (const auto& result : results) ASSERT_TRUE(Done(result)) << result.status();
  EXPECT_THAT(opened.unclaimed, testing::IsEmpty());
  std::map<std::string, int> together;
  for (const auto& [host, files] : opened.by_host) {
    EXPECT_GT(files.size(), 0u) << host;
    for (const auto& [path, times] : files) together[path] += times;
  }
  EXPECT_EQ(together.size(), alone.size());
  for (const auto& [path, times] : together) EXPECT_EQ(times, alone[path]) << path;
}

INSTANTIATE_TEST_SUITE_P(Flushed, ShareGatherTest,
                         testing::Values("chunked-flushed", "rolling-flushed"),
                         [](const auto& fixture) { return fixture.param.substr(0, 7); });

INSTANTIATE_TEST_SUITE_P(Layouts, ShareGatherDamaged,
                         testing::Values(Layout::kChunked, Layout::kRolling),
                         [](const auto& layout) { return std::string(LayoutName(layout.param)); });

}  // namespace
}  // namespace pdr

// Hosts that share a recovery in memory. Tests only.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "recovery/recover.h"
#include "recovery/testing/hooked_disk.h"
#include "recovery/testing/recovery_world.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr {

// Stands still but for sleeping, so that all recoveries stamp the same time.
class SleepClock : public Clock {
 public:
  int64_t NowMillis() const override { return now_; }
  void SleepMillis(int64_t millis) const override {
    now_ += millis;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  mutable std::atomic<int64_t> now_ = 1700000000000;
};

struct ShareWorld : RecoveryWorld {
  explicit ShareWorld(const Files& files) : RecoveryWorld(files) {}

  RecoverOptions Options(const std::string& host) const {
    RecoverOptions own = options;
    own.run_id = "run-" + host;
    return own;
  }
  // Nodes and logs; the mark of the run and ledgers that nobody names are no part of it.
  std::map<std::string, std::string> Logs() {
    std::map<std::string, std::string> state = Tier1State();
    state.erase("ledgers");
    state.erase(RunMarkPath(config));
    return state;
  }

  SleepClock sleeping;
};

// One process that takes part: a session, a workspace, and its view of the disk.
class ShareHost {
 public:
  explicit ShareHost(ShareWorld& world, std::string name, FaultHook tier1 = nullptr,
                     HookedDisk::Hook disk = nullptr, HookedDisk::OpenHook opened = nullptr)
      : world_(world),
        name_(std::move(name)),
        disk_(world.disk, std::move(disk), std::move(opened)),
        tier1_(world.cluster.Open(std::move(tier1))) {}

  StatusOr<RecoverResult> Recover(int threads = 1);
  StatusOr<RecoverResult> RecoverAlone();
  // What the user is asked to confirm; nothing is carried out.
  StatusOr<PlannedRun> Plan();
  StatusOr<PlannedRun> PlanAlone();
  Status Undo();
  // As ZooKeeper does with a host it has not heard of for longer than its session lasts.
  void Expire();

 private:
  StatusOr<RecoverResult> Share(int threads, const RecoverRun::Confirm& confirm);
  StatusOr<RecoverResult> DoAlone(const RecoverRun::Confirm& confirm);

  ShareWorld& world_;
  std::string name_;
  TempDir dir_ = TempDir::InMemory();
  HookedDisk disk_;
  Tier1 tier1_;
};

// How a recovery by one host alone ends.
FinalState RecoveredAlone(const Files& files);
void ExpectIs(ShareWorld& world, const FinalState& want, const std::string& where);

// Nothing of what hosts gathered is left.
bool GatheringIsGone(const ShareWorld& world);
bool Done(const StatusOr<RecoverResult>& result);

// Trees of real clusters: four containers, nothing to repair.
class ShareRunTest : public testing::TestWithParam<std::string> {
 protected:
  static const Files& Tree() { return FixtureFiles(GetParam()); }
};

// Small trees in which everything is to be repaired: for interruptions at every effect.
class ShareRunDamaged : public testing::TestWithParam<Layout> {
 protected:
  static const Files& Tree() { return DamagedFiles(GetParam()); }
};

}  // namespace pdr

// One Tier-2, one Tier-1 and one workspace, and runs over them that can be interrupted anywhere.
// Tests only.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "recovery/recover.h"
#include "tier1/testing/fake_tier1.h"
#include "tier2/testing/memory_disk.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {

using Files = std::map<std::string, MemoryDisk::File>;

// A checked-in tree.
const Files& FixtureFiles(const std::string& name);
// A tree of one container in which everything that a commit can have to do is to be done: files to
// set aside, cut, rewrite and chmod, indexes to rebuild.
const Files& DamagedFiles(Layout layout);

// Every look moves it on by a millisecond.
class TickingClock : public Clock {
 public:
  int64_t NowMillis() const override { return now_ += 1; }
  void SleepMillis(int64_t millis) const override { now_ += millis; }

 private:
  mutable int64_t now_ = 1700000000000;
};

class RecoveryWorld {
 public:
  explicit RecoveryWorld(const Files& files);

  // What the next run is given; changed by tests.
  RecoverOptions options;
  Tier1Config config;

  StatusOr<RecoverResult> Recover(FaultHook tier1_fault = nullptr,
                                  Workspace::Hook commit = nullptr);
  Status Undo(FaultHook tier1_fault = nullptr, Workspace::Hook commit = nullptr);
  Phase GetPhase();
  void ForgetWorkspace();  // as if it were lost

  // Everything of Tier-1 that matters: nodes by path, and ledgers by the log that names them.
  std::map<std::string, std::string> Tier1State();
  // The files outside the tool's own directory.
  Files Namespace() const;

  MemoryDisk disk;
  FakeCluster cluster;
  TickingClock clock;
  std::vector<Obstacle> obstacles;  // of the last Recover, which then fails with the gravest
  TempDir dir = TempDir::InMemory();
};

// The state a run ends in.
struct FinalState {
  Files files;
  std::map<std::string, std::string> tier1;
};
// ... when nothing disturbs it; the same for every interruption.
FinalState Undisturbed(const Files& files);
// Runs again and compares; fails the test when anything differs.
void ExpectEndsAs(RecoveryWorld& world, const FinalState& want, const std::string& where);

}  // namespace pdr

// Somebody else looks into the workspace's database while a run uses it. Everything else about the
// workspace is tested with the runs that it belongs to.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <thread>

#include "recovery/sqlite.h"
#include "recovery/workspace.h"
#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

constexpr const char* kAlone = "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE";
constexpr const char* kAgainstWriters = "BEGIN IMMEDIATE";

// Holds a lock of the database for a moment.
class Looker {
 public:
  Looker(const std::string& workspace, const char* lock) {
    EXPECT_EQ(sqlite3_open((workspace + "/run.sqlite").c_str(), &db_), SQLITE_OK);
    EXPECT_TRUE(ExecSql(db_, lock).ok());
    thread_ = std::thread([this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      sqlite3_close(db_);
    });
  }
  ~Looker() { thread_.join(); }

 private:
  sqlite3* db_ = nullptr;
  std::thread thread_;
};

TEST(WorkspaceLookers, ARunWaitsForWhoeverLooks) {
  const TempDir dir;
  auto workspace = Workspace::Open(dir.path()).value();
  const Looker looker(dir.path(), kAgainstWriters);
  const Status set = workspace->SetPhase(Phase::kPlanned, 1);
  EXPECT_TRUE(set.ok()) << set;
}

TEST(WorkspaceLookers, ARunBeginsAlthoughSomebodyLooks) {
  const TempDir dir;
  ASSERT_TRUE(Workspace::Open(dir.path()).ok());
  const Looker looker(dir.path(), kAlone);
  const auto workspace = Workspace::Open(dir.path());
  EXPECT_TRUE(workspace.ok()) << workspace.status();
}

TEST(WorkspaceLookers, StatusWaitsForWhoeverWrites) {
  const TempDir dir;
  ASSERT_TRUE(Workspace::Open(dir.path()).ok());
  const Looker writer(dir.path(), kAlone);
  const auto phase = Workspace::OpenReadOnly(dir.path()).value()->GetPhase();
  ASSERT_TRUE(phase.ok()) << phase.status();
  EXPECT_EQ(*phase, Phase::kEmpty);
}

}  // namespace
}  // namespace pdr

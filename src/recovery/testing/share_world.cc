#include "recovery/testing/share_world.h"

#include <algorithm>

#include "recovery/share_files.h"
#include "recovery/share_run.h"
#include "recovery/testing/aside.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

bool Recorded(Workspace& workspace, const RecoverResult& result) {
  if (result.outcome != RecoverOutcome::kDone) return true;
  auto phase = workspace.GetPhase();
  return phase.ok() && *phase == Phase::kDone;
}

bool Yes(const PlannedRun& /*run*/) { return true; }

// The plan that `recover` asks to confirm.
StatusOr<PlannedRun> Asked(
    const std::function<StatusOr<RecoverResult>(const RecoverRun::Confirm&)>& recover) {
  std::optional<PlannedRun> asked;
  const Status refused = recover([&](const PlannedRun& run) {
                           asked = CopyOf(run);
                           return false;
                         }).status();
  if (asked) return *std::move(asked);
  return refused.ok() ? Internal("nothing was asked") : refused;
}

}  // namespace

StatusOr<RecoverResult> ShareHost::Share(int threads, const RecoverRun::Confirm& confirm) {
  ASSIGN_OR_RETURN(const auto workspace, Workspace::Open(dir_.path()));
  RecoverOptions options = world_.Options(name_);
  options.threads = static_cast<size_t>(threads);
  ShareRun run(disk_, tier1_, *workspace, options, name_, world_.sleeping, Progress::Silent());
  auto result = run.Run(confirm);
  EXPECT_TRUE(!result.ok() || Recorded(*workspace, *result));
  return result;
}

StatusOr<RecoverResult> ShareHost::DoAlone(const RecoverRun::Confirm& confirm) {
  ASSIGN_OR_RETURN(const auto workspace, Workspace::Open(dir_.path()));
  const RecoverOptions options = world_.Options(name_);
  RecoverRun run(disk_, tier1_, *workspace, options, world_.sleeping, Progress::Silent());
  return run.Run(confirm);
}

StatusOr<RecoverResult> ShareHost::Recover(int threads) { return Share(threads, Yes); }
StatusOr<RecoverResult> ShareHost::RecoverAlone() { return DoAlone(Yes); }

StatusOr<PlannedRun> ShareHost::Plan() {
  return Asked([&](const RecoverRun::Confirm& confirm) { return Share(1, confirm); });
}
StatusOr<PlannedRun> ShareHost::PlanAlone() {
  return Asked([&](const RecoverRun::Confirm& confirm) { return DoAlone(confirm); });
}

Status ShareHost::Undo() {
  ASSIGN_OR_RETURN(const auto workspace, Workspace::Open(dir_.path()));
  const RecoverOptions options = world_.Options(name_);
  RecoverRun run(disk_, tier1_, *workspace, options, world_.sleeping, Progress::Silent());
  return run.Undo();
}

void ShareHost::Expire() {
  world_.cluster.ExpireSessions();
  world_.sleeping.SleepMillis(int64_t{2} * tier1_.config.zk_session_timeout_ms);
}

FinalState RecoveredAlone(const Files& files) {
  ShareWorld world(files);
  {
    ShareHost host(world, "alone");
    StatusOr<RecoverResult> result = host.RecoverAlone();
    EXPECT_TRUE(result.ok()) << result.status();
  }
  return {world.Namespace(), world.Logs()};
}

void ExpectIs(ShareWorld& world, const FinalState& want, const std::string& where) {
  ASSERT_TRUE(world.Namespace() == want.files) << where;
  ASSERT_EQ(world.Logs(), want.tier1) << where;
  auto current = CurrentSharedRun(world.disk);
  ASSERT_TRUE(current.ok() && !*current) << where;
}

bool GatheringIsGone(const ShareWorld& world) {
  const Files files = world.disk.Files();
  return std::none_of(files.begin(), files.end(),
                      [](const auto& f) { return f.first.starts_with(".pravega-dr/gather-"); });
}

bool Done(const StatusOr<RecoverResult>& result) {
  return result.ok() && (result->outcome == RecoverOutcome::kDone ||
                         result->outcome == RecoverOutcome::kDoneWithLoss ||
                         result->outcome == RecoverOutcome::kAlreadyDone);
}

}  // namespace pdr

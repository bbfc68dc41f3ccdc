#include "recovery/testing/recovery_world.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "recovery/anomaly_codes.h"
#include "recovery/testing/aside.h"
#include "recovery/testing/sample_cluster.h"
#include "tier1/durable_log.h"

namespace pdr {
namespace {

// Stream s/x, scaled once: its first segment is to be sealed, its second has a torn tail; a table
// that is behind its index, one with a torn entry, and the leftovers of a deleted stream.
Files Damage(Layout layout) {
  SampleCluster cluster(layout);
  SampleStream& stream = cluster.controller.streams["x"];
  stream.epoch = 1;
  stream.epochs[1] = {{1, 1}};
  cluster.controller.deleted_streams = {"s/gone"};
  const std::string tree = BulkLoadBtree({{BtreeKey({1, 2}), 42}}, {});
  cluster.Stream("s/x/0.#epoch.0", SampleEvents({"the first event", "another one"})).index = tree;
  cluster.Stream(
      "s/x/1.#epoch.1",
      SampleEvents({"event", std::string(60, 'e'), "torn"}).substr(0, 5 + 8 + 60 + 8 + 8));
  cluster.Stream("s/gone/0.#epoch.0", SampleEvents({"leftover"}));
  const std::string data = TableData({{"a", "1"}, {"b", "2"}});
  cluster.Table("_system/_tables/behind", data).index =
      BulkLoadBtree(HashIndexOf(TableData({{"a", "1"}})), {});
  cluster.tree().Add("_system/_tables/torn", data + TableData({{"c", "3"}}).substr(0, 18),
                     TableAttributes(data, kTypeTable));
  return cluster.Build().Files();
}

}  // namespace

const Files& FixtureFiles(const std::string& name) {
  static std::map<std::string, Files> loaded;
  auto it = loaded.find(name);
  if (it != loaded.end()) return it->second;
  MemoryDisk disk;
  EXPECT_TRUE(LoadFixture("testdata", name, disk).ok());
  return loaded[name] = disk.Files();
}

const Files& DamagedFiles(Layout layout) {
  static const Files chunked = Damage(Layout::kChunked);
  static const Files rolling = Damage(Layout::kRolling);
  return layout == Layout::kChunked ? chunked : rolling;
}

RecoveryWorld::RecoveryWorld(const Files& files) {
  for (const auto& [path, file] : files) disk.Put(path, file.bytes, file.mode);
  options.root = "/tier2";
  options.run_id = "run";
  options.threads = options.gather.threads = 1;
  options.gather.scratch = AllAside();
  options.gather.mixed_segments = 2;
  for (const AnomalyCode& code : AnomalyCodes()) options.allow.insert(std::string(code.code));
}

StatusOr<RecoverResult> RecoveryWorld::Recover(FaultHook tier1_fault, Workspace::Hook commit) {
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::Open(dir.path(), commit));
  Tier1 tier1 = cluster.Open(std::move(tier1_fault), config);
  RecoverRun run(disk, tier1, *workspace, options, clock, Progress::Silent());
  ASSIGN_OR_RETURN(RecoverResult result, run.Run([](const PlannedRun&) { return true; }));
  obstacles = result.obstacles;
  RETURN_IF_ERROR(GravestOf(obstacles));
  return result;
}

Status RecoveryWorld::Undo(FaultHook tier1_fault, Workspace::Hook commit) {
  ASSIGN_OR_RETURN(std::unique_ptr<Workspace> workspace, Workspace::Open(dir.path(), commit));
  Tier1 tier1 = cluster.Open(std::move(tier1_fault), config);
  RecoverRun run(disk, tier1, *workspace, options, clock, Progress::Silent());
  return run.Undo();
}

void RecoveryWorld::ForgetWorkspace() {
  for (const auto& file : std::filesystem::directory_iterator(dir.path())) {
    std::filesystem::remove_all(file);
  }
}

Phase RecoveryWorld::GetPhase() {
  StatusOr<std::unique_ptr<Workspace>> workspace = Workspace::OpenReadOnly(dir.path());
  EXPECT_TRUE(workspace.ok()) << workspace.status();
  return workspace.ok() ? (*workspace)->GetPhase().value_or(Phase::kEmpty) : Phase::kEmpty;
}

std::map<std::string, std::string> RecoveryWorld::Tier1State() {
  std::map<std::string, std::string> state;
  Tier1 tier1 = cluster.Open();
  for (const auto& [path, node] : cluster.nodes) {
    if (path.find("/segmentstore/") == std::string::npos) state[path] = node.node.data;
  }
  for (int c = 0; c < 4; ++c) {
    DurableLog log(tier1, c);
    auto record = log.Load();
    if (!record.ok() || !*record) continue;
    std::string text =
        fmt::format("enabled {} epoch {}", (*record)->metadata.enabled, (*record)->metadata.epoch);
    for (const LedgerRecord& l : (*record)->metadata.ledgers) {
      for (const std::string& entry : cluster.ledgers.at(l.ledger_id).entries) text += entry;
    }
    state[log.metadata_path()] = text;
  }
  state["ledgers"] = fmt::format("{}", cluster.ledgers.size());
  return state;
}

Files RecoveryWorld::Namespace() const {
  Files files = disk.Files();
  std::erase_if(files, [](const auto& f) { return f.first.starts_with(".pravega-dr/"); });
  return files;
}

FinalState Undisturbed(const Files& files) {
  RecoveryWorld world(files);
  StatusOr<RecoverResult> result = world.Recover();
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(!result.ok() || result->verify.findings.empty());
  return {world.disk.Files(), world.Tier1State()};
}

void ExpectEndsAs(RecoveryWorld& world, const FinalState& want, const std::string& where) {
  StatusOr<RecoverResult> resumed = world.Recover();
  ASSERT_TRUE(resumed.ok()) << where << ": " << resumed.status();
  ASSERT_EQ(world.GetPhase(), Phase::kDone) << where;
  ASSERT_TRUE(world.disk.Files() == want.files) << where;
  ASSERT_EQ(world.Tier1State(), want.tier1) << where;
}

}  // namespace pdr

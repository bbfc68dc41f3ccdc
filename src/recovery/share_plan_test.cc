// What hosts exchange while they gather is all that the planner looks at: the plan is, byte for
// byte, the one that a host alone makes, with every kind of evidence there is.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "format/names.h"
#include "recovery/gather.h"
#include "recovery/share_records.h"
#include "recovery/share_run.h"
#include "recovery/testing/aside.h"
#include "recovery/testing/sample_cluster.h"
#include "recovery/testing/share_world.h"

namespace pdr {
namespace {

// How often each kind of evidence was there.
using Kinds = std::map<std::string, int>;

void CountSegment(const SegmentFacts& facts, Kinds& kinds) {
  kinds["tail of kind " + std::to_string(static_cast<int>(facts.tail.kind))] += 1;
  kinds["guessed start"] += facts.tail.guessed_start ? 1 : 0;
  kinds["inferred tail"] += facts.tail.proven ? 0 : 1;
  kinds["bytes missing at the end"] += facts.tail.missing_bytes > 0 ? 1 : 0;
  kinds["index"] += facts.index.present ? 1 : 0;
  kinds["broken index"] += facts.index.whole ? 0 : 1;
  kinds["lost head"] += facts.hole && facts.hole->lost_head_bytes > 0 ? 1 : 0;
  kinds["lost tail"] += facts.hole && facts.hole->lost_tail_bytes > 0 ? 1 : 0;
  kinds["table"] += facts.table ? 1 : 0;
  if (!facts.table) return;
  kinds["fixed keys"] += facts.table->fixed_key ? 1 : 0;
  kinds["index not in step"] += facts.table->in_step ? 0 : 1;
  kinds["damaged head"] += facts.table->damaged_head > 0 ? 1 : 0;
}

void CountContainer(const GatheredContainer& container, Kinds& kinds) {
  const ContainerView& view = container.view;
  const ContainerEvidence& evidence = container.evidence;
  kinds["records"] += static_cast<int>(view.records.size());
  kinds["inactive"] += static_cast<int>(view.inactive.size());
  kinds["removed"] += static_cast<int>(view.removed.size());
  kinds["anomalies"] += static_cast<int>(view.anomalies.size());
  for (const auto& [name, facts] : evidence.facts) CountSegment(facts, kinds);
  kinds["salvaged"] += static_cast<int>(evidence.salvaged.size());
  kinds["transactions"] += static_cast<int>(evidence.transactions.size());
  for (const auto& [name, fact] : evidence.transactions) {
    kinds["bytes of transactions found"] += fact.found_bytes > 0 ? 1 : 0;
  }
}

void Count(const Evidence& evidence, Kinds& kinds) {
  EXPECT_TRUE(evidence.containers
                  .LookAtAll([&](const GatheredContainer& container) {
                    CountContainer(container, kinds);
                    return OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(evidence.storage_records
                  .LookAtAll([&](const StorageRecords& records) {
                    kinds["storage records"] += static_cast<int>(records.size());
                    return OkStatus();
                  })
                  .ok());
  for (const auto& positions : evidence.positions) {
    kinds["positions"] += static_cast<int>(positions.size());
  }
  kinds["unreferenced"] += static_cast<int>(evidence.view.unreferenced.size());
  kinds["modes lost"] += evidence.modes_lost ? 1 : 0;
  kinds["epoch"] += evidence.view.max_epoch > 0 ? 1 : 0;
  kinds["transaction numbers"] += evidence.highest_transaction_high > 0 ? 1 : 0;
  const ControllerEvidence& controller = evidence.controller;
  kinds["problems of the controller"] += static_cast<int>(controller.problems.size());
  kinds["requests"] += static_cast<int>(controller.requests.segments.size());
  kinds["requests to create"] += static_cast<int>(controller.requests.created.size());
  kinds["requests to delete"] += static_cast<int>(controller.requests.deleted_streams.size());
  for (const auto& [name, scope] : controller.scopes) {
    for (const auto& [table, about] : scope.kv_tables) {
      kinds["tables with segments"] += about.has_segments ? 1 : 0;
    }
  }
}

// The first chunk of every segment that has several.
std::set<std::string> Heads(const Files& files) {
  std::map<std::string, std::map<uint64_t, std::string>> by_segment;
  for (const auto& [path, file] : files) {
    if (path.starts_with("_system/containers/")) continue;
    const auto add = [&by_segment](const auto& chunk, const std::string& file_path) {
      if (chunk) by_segment[std::string(chunk->segment)][chunk->offset] = file_path;
    };
    add(ParseChunkName(path), path);
    add(ParseRollingChunkName(path), path);
  }
  std::set<std::string> heads;
  for (const auto& [segment, chunks] : by_segment) {
    if (chunks.size() > 1) heads.insert(chunks.begin()->second);
  }
  return heads;
}

// Every file whose turn it is loses its second half, is gone, or has lost its mode.
Files Harmed(const Files& files, size_t turn) {
  Files harmed;
  const std::set<std::string> heads = Heads(files);
  size_t n = turn;
  for (const auto& [path, file] : files) {
    const bool data = !path.starts_with("_system/containers/");
    ++n;
    if (data && n % 13 == 0) continue;
    if (turn == 2 && heads.contains(path)) continue;
    MemoryDisk::File& kept = harmed[path] = file;
    if (data && n % 13 == 5) kept.bytes.resize(kept.bytes.size() / 2);
    if (turn % 2 == 1) kept.mode = 0644;
  }
  // The name of a transaction whose number is above all others.
  MemoryDisk::File& late =
      harmed["dr/late/0.#epoch.0#transaction.00000000000000070000000000000001"];
  late = harmed.begin()->second;
  late.bytes = "x";
  return harmed;
}

// A transaction that is merged and still there, and a stream without its beginning.
Files Merged(Layout layout) {
  SampleCluster cluster(layout);
  const Uuid id{7, 1};
  cluster.controller.streams["x"].completed[id] = TransactionStatus::kCommitted;
  cluster.controller.streams["y"] = {};
  const std::string events = SampleEvents({std::string(31, 'a'), std::string(60, 'b'), "c"});
  const std::string target = "s/x/0.#epoch.0";
  cluster.Stream(target, SampleEvents({"own"}) + events);
  cluster.Stream(fmt::format("{}{}{}", target, kTransactionDelimiter, id.Hex()), events)
      .sealed_in_storage = true;
  cluster.Stream("s/y/0.#epoch.0", events);
  Files files = cluster.Build().Files();
  for (const std::string& head : Heads(files)) {
    if (head.starts_with("s/y/")) files.erase(head);
  }
  return files;
}

void ExpectPlannedAlike(const Files& files, Kinds& kinds, const std::string& where) {
  StatusOr<PlannedRun> alone = Internal("none");
  StatusOr<PlannedRun> together = Internal("none");
  {
    ShareWorld world(files);
    ShareHost host(world, "alone");
    alone = host.PlanAlone();
    const auto inventory = ScanTier2(world.disk, Progress::Silent());
    ASSERT_TRUE(inventory.ok()) << where;
    const auto evidence = Gather(world.disk, *inventory, world.options.gather, Progress::Silent());
    if (evidence.ok()) Count(*evidence, kinds);
  }
  ShareWorld world(files);
  bool gathered = false;
  ShareHost host(world, "a", [&](std::string_view) {
    gathered = gathered || !GatheringIsGone(world);
    return Fault{};
  });
  together = host.Plan();
  ASSERT_EQ(together.status(), alone.status()) << where;
  if (!alone.ok()) return;
  EXPECT_TRUE(gathered) << where;
  ExpectSamePlan(*together, *alone, where);
}

TEST(SharePlan, IsTheOneOfAHostAloneWithEveryKindOfEvidence) {
  Kinds kinds;
  std::map<std::string, Files> trees;
  for (const char* name : {"chunked-control", "chunked-flushed", "chunked-killed", "chunked-torn",
                           "rolling-control", "rolling-flushed", "rolling-killed"}) {
    trees[name] = FixtureFiles(name);
  }
  for (const char* name : {"chunked-control", "chunked-killed", "rolling-killed"}) {
    trees[fmt::format("{}, harmed", name)] = Harmed(FixtureFiles(name), 0);
  }
  trees["rolling-flushed, harmed"] = Harmed(FixtureFiles("rolling-flushed"), 1);
  for (const Layout layout : {Layout::kChunked, Layout::kRolling}) {
    const std::string name = fmt::format("{} sample", LayoutName(layout));
    trees[name] = DamagedFiles(layout);
    trees[name + ", merged"] = Merged(layout);
    for (size_t turn : {2, 3}) {
      trees[fmt::format("{}, harmed {}", name, turn)] = Harmed(DamagedFiles(layout), turn);
    }
  }
  for (const auto& [name, files] : trees) ExpectPlannedAlike(files, kinds, name);
  for (const auto& [kind, times] : kinds) EXPECT_GT(times, 0) << kind;
}

}  // namespace
}  // namespace pdr

// The logs that a real container was booted from, and what it did with them.
#include "verify/log_boot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/log_metadata.h"
#include "format/testing/vectors.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr::verify {
namespace {

struct Booted {
  std::optional<LogState> state;
  std::vector<Finding> findings;
};

Booted Boot(const std::vector<std::vector<std::string>>& ledgers) {
  FakeCluster cluster;
  LogMetadata metadata;
  metadata.enabled = true;
  metadata.epoch = 1;
  for (size_t i = 0; i < ledgers.size(); ++i) {
    const int64_t id = static_cast<int64_t>(i) + 40;
    metadata.ledgers.push_back({id, static_cast<uint32_t>(i) + 1, LedgerStatus::kUnknown});
    FakeCluster::FakeLedger& ledger = cluster.ledgers[id];
    ledger.entries = ledgers[i];
    ledger.acknowledged = static_cast<int64_t>(ledgers[i].size()) - 1;
    ledger.closed = true;
  }
  Tier1 tier1 = cluster.Open();
  const std::string path =
      tier1.config.LogMetadataRoot() + LogMetadataPath(0, tier1.config.zk_metadata_depth);
  cluster.nodes[path].node.data = EncodeLogMetadata(metadata);
  VerifyReport report;
  Findings findings(report, 0);
  auto state = BootLog(tier1, 0, false, findings);
  EXPECT_TRUE(state.ok()) << Message(state.status());
  return {std::move(*state), report.findings};
}

std::vector<std::vector<std::string>> LedgersFrom(const Json& log) {
  std::vector<std::vector<std::string>> ledgers;
  for (const Json& ledger : log["ledgers"]) {
    ledgers.emplace_back();
    for (const Json& entry : ledger) ledgers.back().push_back(FromHex(entry));
  }
  return ledgers;
}

TEST(LogBoot, DecidesAsProductionDidOnEveryHandWrittenLog) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  ASSERT_EQ(vectors["handWrittenLogs"].size(), 31u);
  for (const Json& log : vectors["handWrittenLogs"]) {
    SCOPED_TRACE(log["name"].get<std::string>());
    Booted booted = Boot(LedgersFrom(log));
    if (log["name"] == "C-no-checkpoint") {
      // Production boots as if the log were empty; after a recovery that is a loss.
      ASSERT_EQ(booted.findings.size(), 1u);
      EXPECT_EQ(booted.findings[0].code, "log-without-checkpoint");
      continue;
    }
    EXPECT_EQ(booted.state.has_value(), log["accepted"].get<bool>())
        << (booted.findings.empty() ? "" : booted.findings[0].message);
    if (!booted.state.has_value()) {
      ASSERT_EQ(booted.findings.size(), 1u);
      EXPECT_EQ(booted.findings[0].code, "log-corrupt");
      continue;
    }
    EXPECT_EQ(booted.state->epoch, 2u);
    if (!log.contains("readSegment")) continue;
    auto segment = booted.state->segments.find(log["readSegment"].get<std::string>());
    ASSERT_NE(segment, booted.state->segments.end());
    EXPECT_EQ(segment->second.state.length, log["readLength"].get<int64_t>());
    EXPECT_TRUE(booted.state->written);
  }
}

TEST(LogBoot, FollowsARealContainer) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  std::vector<std::vector<std::string>> ledgers(1);
  for (const Json& entry : vectors["freshBoot"]["ledgers"][0]["entries"]) {
    ledgers[0].push_back(FromHex(entry["hex"]));
  }
  Booted booted = Boot(ledgers);
  ASSERT_TRUE(booted.state.has_value());
  EXPECT_THAT(booted.findings, testing::IsEmpty());
  ASSERT_EQ(booted.state->segments.size(), 3u);
  const LogSegment& metadata = booted.state->segments.at("_system/containers/metadata_0");
  EXPECT_EQ(metadata.state.length, 171 + 185);
  EXPECT_EQ(metadata.appends.size(), 2u);
  EXPECT_EQ(booted.state->last_sequence_number, 6);
}

TEST(LogBoot, ForgivesARepeatedFrame) {
  const Json vectors = LoadVectors("tier1-container-boot.json");
  for (const Json& log : vectors["handWrittenLogs"]) {
    if (log["name"] != "D-split-two-ledgers") continue;
    auto ledgers = LedgersFrom(log);
    const std::string checkpoint =
        FromHex("0000000021000000001c0300080001000000001300000000000000010a00000100000000020000");
    ledgers.insert(ledgers.begin(), {checkpoint, checkpoint});
    Booted booted = Boot({{checkpoint, checkpoint}});
    EXPECT_TRUE(booted.state.has_value());
    EXPECT_FALSE(booted.state->written);
  }
}

}  // namespace
}  // namespace pdr::verify

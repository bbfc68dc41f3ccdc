// The real program: dr explain says of every fact where it came from, on trees of real clusters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing/program.h"

namespace pdr {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

class ExplainProgram : public ProgramTest {
 protected:
  void PlanFixture(const std::string& name) {
    const Result r = Dr("plan " + Fixture(name));
    ASSERT_THAT(r.code, testing::AnyOf(0, 3)) << r.err;
  }
  Result Dr(const std::string& arguments) {
    return Run(fmt::format("dr {} --workspace '{}'", arguments, At("workspace")));
  }
  std::string Text(const std::string& segment) {
    const Result r = Dr("explain '" + segment + "'");
    EXPECT_EQ(r.code, 0) << r.err;
    return r.out;
  }
  json Record(const std::string& segment) {
    const Result r = Dr("explain --format json '" + segment + "'");
    EXPECT_EQ(r.code, 0) << r.err;
    return json::parse(r.out, nullptr, false);
  }
  // The source of one fact; its value must be `value`.
  static json Source(const json& record, const std::string& fact, const json& value) {
    for (const json& f : record["facts"]) {
      if (f["fact"] != fact) continue;
      EXPECT_EQ(f["value"], value) << fact;
      return f["source"];
    }
    ADD_FAILURE() << "no fact " << fact << " in " << record;
    return {};
  }
  static std::string Kind(const json& record, const std::string& fact, const json& value) {
    return Source(record, fact, value).value("kind", "");
  }
};

TEST_F(ExplainProgram, RollingNamesTableHeaderChunksAndController) {
  PlanFixture("rolling-flushed");
  const json record = Record("dr/single/0.#epoch.0");
  EXPECT_EQ(record["registered"], true);
  const json recorded = Source(record, "recorded_length", 6822);
  EXPECT_EQ(recorded["kind"], "container-metadata");
  const std::string table =
      fmt::format("_system/containers/metadata_{}", record["container"].get<int>());
  EXPECT_EQ(recorded["table"], table);
  EXPECT_THAT(recorded["files"][0].get<std::string>(), HasSubstr(table + "$offset."));
  EXPECT_GE(recorded["entry_at"], 0);
  const json standing = Source(record, "standing", "active");
  EXPECT_EQ(standing["kind"], "controller-table");
  EXPECT_THAT(standing["table"].get<std::string>(),
              testing::StartsWith("_system/_tables/dr/single/metadata.#."));
  EXPECT_EQ(standing["key"], "epochRecord-0");
  EXPECT_EQ(Source(record, "length", 6822)["files"], json({"dr/single/0.#epoch.0$offset.0"}));
  EXPECT_EQ(Kind(record, "length", 6822), "chunk-files");
  EXPECT_EQ(Source(record, "sealed", false)["files"], json({"dr/single/0.#epoch.0$header"}));
  EXPECT_EQ(Kind(record, "sealed", false), "header-mode");
  EXPECT_EQ(Kind(record, "tail", "whole"), "data");
  EXPECT_EQ(Kind(record, "index", "whole"), "attribute-index");
}

TEST_F(ExplainProgram, ChunkedNamesTheStorageMetadata) {
  PlanFixture("chunked-flushed");
  const json record = Record("dr/sealed/0.#epoch.0");
  const json sealed = Source(record, "sealed", true);
  EXPECT_EQ(sealed["kind"], "storage-metadata");
  EXPECT_THAT(sealed["table"].get<std::string>(), HasSubstr("storage_metadata_"));
  EXPECT_EQ(sealed["key"], "dr/sealed/0.#epoch.0");
  EXPECT_THAT(sealed["files"][0].get<std::string>(), HasSubstr("storage_metadata_"));
  const json start = Source(record, "start_offset", 0);
  EXPECT_EQ(start["kind"], "storage-metadata");
  // Chunk files carry a random part in their names, which must come back whole.
  const std::string chunk = Source(record, "length", record["length"])["files"][0];
  EXPECT_TRUE(fs::exists(Fixture("chunked-flushed") + "/" + chunk)) << chunk;
}

TEST_F(ExplainProgram, ATruncationIsTheControllers) {
  PlanFixture("rolling-killed");
  const json record = Record("dr/truncated/0.#epoch.0");
  EXPECT_GT(record["start_offset"], 0);
  const json source = Source(record, "start_offset", record["start_offset"]);
  EXPECT_EQ(source["kind"], "controller-table");
  EXPECT_THAT(source["table"].get<std::string>(),
              testing::StartsWith("_system/_tables/dr/truncated/metadata.#."));
  EXPECT_EQ(source["key"], "truncation");
}

TEST_F(ExplainProgram, ACutSaysWhereAndHowCertain) {
  const std::string root = Fixture("rolling-flushed");
  const std::string segment = "dr/single/0.#epoch.0";
  std::ofstream(root + "/" + segment + "$offset.0", std::ios::app | std::ios::binary)
      << std::string("\0\0\0\0\0\0\1\0half an event", 21);
  const std::vector<std::pair<std::string, std::string>> checks = {{"fast", "inferred"},
                                                                   {"full", "proven"}};
  for (const auto& [check, certainty] : checks) {
    const Result plan = Dr(fmt::format("plan --format json --tail-check {} {}", check, root));
    ASSERT_EQ(plan.code, 3) << plan.err;
    std::vector<json> cuts;
    for (const std::string& line : Lines(plan.out)) {
      json record = json::parse(line, nullptr, false);
      if (record["type"] == "cut") cuts.push_back(record);
    }
    ASSERT_EQ(cuts.size(), 1u) << plan.out;
    EXPECT_EQ(cuts[0]["segment"], segment);
    EXPECT_EQ(cuts[0]["at"], 6822);
    EXPECT_EQ(cuts[0]["bytes"], 21);
    EXPECT_EQ(cuts[0]["certainty"], certainty);
    EXPECT_EQ(cuts[0]["walked_from"], certainty == "proven" ? 0 : 6822);
    const json record = Record(segment);
    EXPECT_EQ(record["length"], 6822);
    EXPECT_EQ(record["tail"]["kind"], "torn");
    EXPECT_EQ(record["tail"]["certainty"], certainty);
    EXPECT_EQ(record["tail"]["torn_bytes"], 21);
  }
}

TEST_F(ExplainProgram, AWrongNameIsAnsweredWithNearOnes) {
  PlanFixture("rolling-flushed");
  const auto refusal = [this](const std::string& segment) {
    const Result r = Dr("explain '" + segment + "'");
    EXPECT_EQ(r.code, 2) << r.err;
    return r.err;
  };
  const std::string hint = "storage list-segments has the names; with ";
  EXPECT_THAT(refusal("dr/single"), HasSubstr(hint + "dr/single begin: dr/single/0.#epoch.0"));
  EXPECT_THAT(refusal("dr/single/7.#epoch.0"),
              HasSubstr(hint + "dr/single/ begin: dr/single/0.#epoch.0"));
  EXPECT_THAT(refusal("dr/singel/0.#epoch.0"), HasSubstr(hint + "dr/ begin: dr/"));
  EXPECT_THAT(refusal("nowhere/at/all"), testing::EndsWith("has the names\n"));
}

TEST_F(ExplainProgram, TextSaysTheSame) {
  PlanFixture("rolling-torn");
  const std::string text = Text("dr/single/0.#epoch.0");
  EXPECT_THAT(text, ContainsRegex("recorded_length: [0-9]+, from container metadata table "
                                  "_system/containers/metadata_[0-3], entry at [0-9]+, file "
                                  "_system/containers/metadata_"));
  EXPECT_THAT(text, AllOf(HasSubstr("standing: active, from controller table _system/_tables/dr/"),
                          HasSubstr(", key epochRecord-0\n"),
                          HasSubstr("sealed: no, from mode of file dr/single/0.#epoch.0$header"),
                          HasSubstr("tail: torn, from the bytes in 5 chunk files"),
                          HasSubstr(", which end at "), HasSubstr("torn-tail: ")));
}

}  // namespace
}  // namespace pdr

#include "report/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pdr {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kName[] = "s/t/0.#epoch.0";

StoredSegment Chunk(const std::string& path) {
  StoredSegment segment;
  segment.chunks.push_back({.path = path});
  return segment;
}

RecordedSegment Sample() {
  RecordedSegment segment;
  segment.container = 3;
  segment.decision.info.name = kName;
  segment.decision.info.length = 90;
  segment.decision.info.attributes = {{kEventCount, 17}};
  SegmentSources& s = segment.decision.sources;
  s.data_end = 100;
  s.chunks = 1;
  const StoredSegment data = Chunk(std::string(kName) + "$offset.0");
  s.files = SourceFiles(kName, &data, nullptr);
  return segment;
}

ExplainContext Rolling() {
  ExplainContext context;
  context.layout = Layout::kRolling;
  context.table_files = {{"_system/containers/metadata_3", 0, "early"},
                         {"_system/containers/metadata_3", 1000, "late"},
                         {"_system/containers/storage_metadata_3", 0, "other"}};
  return context;
}

FactSource SourceOf(const std::string& fact, const RecordedSegment& segment,
                    const ExplainContext& context) {
  for (const Fact& f : FactsOf(segment, context)) {
    if (f.name == fact) return f.source;
  }
  ADD_FAILURE() << "no fact " << fact;
  return {};
}

TEST(Explain, ASegmentThatWasTakenOver) {
  const RecordedSegment segment = Sample();
  const std::string text = ExplainText(segment, Rolling());
  EXPECT_THAT(text, AllOf(HasSubstr("taken over as it was found"), HasSubstr("attribute 1 = 17"),
                          HasSubstr("recorded: no, from the lack of it in metadata table"),
                          HasSubstr("attributes: 1, from its name, as it has no record"),
                          HasSubstr("length: 90, from chunk file s/t/0.#epoch.0$offset.0, which "
                                    "end at 100")));
  EXPECT_EQ(ExplainJson(segment, Rolling()).fields["attributes"]["1"], 17);
}

TEST(Explain, ARecordsFileIsTheOneWithItsEntry) {
  RecordedSegment segment = Sample();
  segment.decision.sources.record_at = 999;
  EXPECT_EQ(SourceOf("recorded_length", segment, Rolling()).files[0], "early");
  segment.decision.sources.record_at = 1000;
  EXPECT_EQ(SourceOf("recorded_length", segment, Rolling()).files[0], "late");
}

TEST(Explain, WhereTheStartWasFound) {
  RecordedSegment segment = Sample();
  SegmentSources& s = segment.decision.sources;
  s.record_at = 5;
  s.controller = {ControllerSource::Where::kEpoch, 0, {1, 2}};
  const auto kind = [&](StartSource source, Layout layout) {
    s.start = source;
    ExplainContext context = Rolling();
    context.layout = layout;
    const FactSource found = SourceOf("start_offset", segment, context);
    return found.kind + " " + found.key;
  };
  EXPECT_EQ(kind(StartSource::kStorage, Layout::kRolling), "chunk-files ");
  EXPECT_EQ(kind(StartSource::kStorage, Layout::kChunked),
            std::string("storage-metadata ") + kName);
  EXPECT_EQ(kind(StartSource::kRecord, Layout::kRolling),
            std::string("container-metadata ") + kName);
  EXPECT_EQ(kind(StartSource::kController, Layout::kRolling), "controller-table truncation");
  EXPECT_EQ(kind(StartSource::kData, Layout::kRolling), "data ");
}

TEST(Explain, WhoSealedIt) {
  RecordedSegment segment = Sample();
  SegmentSources& s = segment.decision.sources;
  s.record_at = 5;
  s.standing = SegmentStanding::kSealed;
  s.controller = {ControllerSource::Where::kEpoch, 4, {1, 2}};
  const auto source = [&](SealSource from) {
    s.sealed = from;
    const FactSource found = SourceOf("sealed", segment, Rolling());
    return found.kind + " " + found.key;
  };
  EXPECT_EQ(source(SealSource::kStorage), "header-mode ");
  EXPECT_EQ(source(SealSource::kRecord), std::string("container-metadata ") + kName);
  EXPECT_EQ(source(SealSource::kController), "controller-table epochRecord-4");
  s.files = SourceFiles();  // nothing in Tier-2
  EXPECT_EQ(source(SealSource::kNothing), std::string("container-metadata ") + kName);
}

TEST(Explain, WhatIsNotRegisteredHasItsReason) {
  RecordedSegment segment = Sample();
  segment.registered = false;
  segment.decision.notes = {{"leftover", "neither its container nor the controller knows it"}};
  const std::string text = ExplainText(segment, Rolling());
  EXPECT_THAT(text, AllOf(HasSubstr("not registered; its files are set aside"),
                          HasSubstr("registered: no, from chunk file"), HasSubstr("leftover: "),
                          Not(HasSubstr("length:"))));
  EXPECT_EQ(ExplainJson(segment, Rolling()).fields["registered"], false);
}

TEST(Explain, OtherAnomaliesAreThoseOfItsIndexAndItsStream) {
  RecordedSegment segment = Sample();
  segment.decision.notes = {{"torn-tail", "12 bytes cut"}};
  ExplainContext context = Rolling();
  context.anomalies = {{"torn-tail", 3, kName, "12 bytes cut"},
                       {"chunk-short", 3, std::string(kName) + "$attributes.index", "short"},
                       {"controller-record-missing", -1, "s/t", "state missing"},
                       {"controller-record-missing", -1, "s/u", "of another"}};
  const auto anomalies = ExplainJson(segment, context).fields["anomalies"];
  ASSERT_EQ(anomalies.size(), 2u);
  EXPECT_EQ(anomalies[0]["code"], "chunk-short");
  EXPECT_EQ(anomalies[1]["subject"], "s/t");
  EXPECT_THAT(ExplainText(segment, context), Not(HasSubstr("of another")));
}

TEST(Explain, TheTailSaysHowCertainItIs) {
  RecordedSegment segment = Sample();
  segment.decision.sources.tail = TailKind::kTorn;
  segment.decision.sources.torn_bytes = 10;
  segment.decision.sources.tail_from = 40;
  segment.decision.sources.tail_proven = false;
  EXPECT_EQ(ExplainJson(segment, Rolling()).fields["tail"]["certainty"], "inferred");
  EXPECT_THAT(ExplainText(segment, Rolling()),
              HasSubstr("inferred: looked at from 40 on, 10 bytes left over"));
}

}  // namespace
}  // namespace pdr

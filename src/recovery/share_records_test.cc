// The files that hosts exchange: what was written is read back; what is cut or changed is refused,
// also where the checksum is right.
#include "recovery/share_records.h"

#include <gtest/gtest.h>

#include "recovery/share_codec.h"
#include "recovery/share_gather_record.h"

namespace pdr {
namespace {

ContainerManifest SampleManifest() {
  ContainerManifest manifest;
  manifest.container = 3;
  manifest.steps = {{FileStep::Kind::kSetAside, "a/b", "aside/a/b", 0, 0, 0},
                    {FileStep::Kind::kInstall, "a/b", "new/a/b", 17, 0, 0644}};
  manifest.frames = {"frame", std::string("\0\1", 2)};
  return manifest;
}

GatheredContainer SampleGathered() {
  GatheredContainer part;
  part.view.container = 2;
  part.view.records["s"].name = "s";
  part.view.records["s"].entry_at = 77;
  // As they were read: what means nothing to production counts when a segment is looked at.
  part.view.records["s"].attributes = {{CoreAttribute(9), kNullAttributeValue}, {{1, 2}, 3}};
  part.view.stored["s"] = {"s", 1,  9, true, {{"s.chunk", 1, 8, 8, 0444, true, "new bytes"}},
                           64,  {}, 5};
  part.view.stored["s"].record.name = "s";
  part.view.removed = {"gone"};
  part.view.anomalies = {{"code", 2, "s", "message"}};
  SegmentFacts& facts = part.evidence.facts["s"];
  facts.tail = {TailKind::kTorn, 7, 1, false, 3, 2, 4, 6};
  facts.hole = std::make_shared<const HoleFact>(HoleFact{1, 2, 3, part.view.stored["s"]});
  facts.index = {true, false, 11};
  facts.table = TableFact{true, 8, 9, 10, 11, 12, false, 13, true};
  part.evidence.salvaged["s"] = {5, 4, {"adopted"}};
  part.evidence.transactions["t"] = {"s", 1, 2, 3, false, true};
  part.evidence.positions = {{"holder", "s", 42}};
  RequestEvidence& requests = part.evidence.requests;
  requests.segments["r"] = {100, {{RequestType::kScale, 2}}, 3};
  requests.created = {{RequestType::kCreateTable, Uuid{1, 2}}};
  requests.deleted_streams["s/gone"] = {4, 5};
  return part;
}

std::string SealRecord(ShareRecord kind, std::string_view body) {
  ByteWriter w = BeginRecord(kind);
  w.Put(body);
  return EndRecord(std::move(w));
}

template <typename Decode>
void ExpectRefused(const std::string& sealed, ShareRecord kind, const Decode& decode) {
  const StatusOr<std::string_view> body = OpenRecord(kind, sealed);
  ASSERT_TRUE(body.ok());
  for (size_t n = 0; n < body->size(); ++n) {
    EXPECT_FALSE(decode(SealRecord(kind, body->substr(0, n))).ok()) << "cut at " << n;
  }
  EXPECT_FALSE(decode(SealRecord(kind, fmt::format("{}x", *body))).ok());
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decode(changed).ok()) << "changed at " << i;
    EXPECT_FALSE(decode(sealed.substr(0, i)).ok()) << "cut at " << i;
  }
}

TEST(ShareRecords, ManifestComesBackAndDamageIsRefused) {
  const std::string bytes = EncodeContainerManifest(SampleManifest());
  const auto back = DecodeContainerManifest(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, SampleManifest());
  ExpectRefused(bytes, ShareRecord::kManifest, DecodeContainerManifest);
}

TEST(ShareRecords, WhatWasGatheredComesBackAndDamageIsRefused) {
  const GatheredContainer part = SampleGathered();
  const std::string bytes = GatheredCodec::Encode(part);
  const auto back = GatheredCodec::Decode(bytes, 2);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(GatheredCodec::Encode(*back), bytes);
  EXPECT_EQ(back->view.records.at("s").attributes, part.view.records.at("s").attributes);
  EXPECT_EQ(back->view.stored.at("s").chunks.at(0).fresh, "new bytes");
  const SegmentFacts& facts = back->evidence.facts.at("s");
  EXPECT_EQ(facts.tail.kind, TailKind::kTorn);
  EXPECT_EQ(facts.tail.guessed_start, 4u);
  EXPECT_EQ(facts.tail.missing_bytes, 6u);
  EXPECT_EQ(facts.hole->lost_tail_bytes, 3u);
  EXPECT_EQ(facts.table->index_behind, 12u);
  EXPECT_TRUE(facts.table->removals_unknown);
  EXPECT_EQ(facts.table->damaged_head, 13u);
  EXPECT_EQ(back->evidence.positions.at(0).offset, 42);
  EXPECT_EQ(back->view.records.at("s").entry_at, 77);
  const RequestEvidence& requests = back->evidence.requests;
  EXPECT_EQ(requests.segments, part.evidence.requests.segments);
  EXPECT_EQ(requests.created, part.evidence.requests.created);
  EXPECT_EQ(requests.deleted_streams, part.evidence.requests.deleted_streams);
  ExpectRefused(bytes, ShareRecord::kGathered,
                [](std::string_view b) { return GatheredCodec::Decode(b, 2); });
}

// A record may have a right checksum and still say what cannot be.
TEST(ShareRecords, WhatWasGatheredMustFitTogether) {
  const auto refused = [](const auto& change) {
    GatheredContainer part = SampleGathered();
    change(part);
    return GatheredCodec::Decode(GatheredCodec::Encode(part), 2).status();
  };
  EXPECT_TRUE(refused([](GatheredContainer&) {}).ok());
  EXPECT_FALSE(refused([](GatheredContainer& p) { p.view.container = 1; }).ok());
  EXPECT_FALSE(refused([](GatheredContainer& p) { p.view.anomalies[0].container = 7; }).ok());
  EXPECT_FALSE(refused([](GatheredContainer& p) { p.view.records["s"].name = "other"; }).ok());
  EXPECT_FALSE(refused([](GatheredContainer& p) { p.view.stored["t"].name = "s"; }).ok());
  EXPECT_FALSE(refused([](GatheredContainer& p) {
                 p.view.storage_records.Put({1, "k", std::nullopt});
               }).ok());
  EXPECT_FALSE(
      refused([](GatheredContainer& p) { p.view.stored["s"].chunks[0].fresh = "short"; }).ok());

  const auto start = [](int count, int anomaly) {
    GatherStart s;
    s.container_count = count;
    s.whole.view.anomalies = {{"code", anomaly, "", ""}};
    return DecodeGatherStart(EncodeGatherStart(s));
  };
  EXPECT_TRUE(start(4, -1).ok());
  EXPECT_FALSE(start(4, 4).ok());
  EXPECT_FALSE(start(0, -1).ok());
}

TEST(ShareRecords, ATableThatCouldNotBeReadStaysOne) {
  TableContents tables;
  tables.emplace("a", TableValues{{"key", "value"}});
  tables.emplace("b", StatusOr<TableValues>(DataLoss("damaged at {}", 7)));
  const std::string bytes = EncodeTables(tables);
  const auto back = DecodeTables(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back->at("a"), *tables.at("a"));
  EXPECT_EQ(back->at("b").status(), tables.at("b").status());
  ExpectRefused(bytes, ShareRecord::kTables, DecodeTables);
}

}  // namespace
}  // namespace pdr

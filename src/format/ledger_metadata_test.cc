#include "format/ledger_metadata.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "format/bookie_registration.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

using nlohmann::json;

json LedgerVectors() { return LoadVectors("tier1-ledger-metadata.json"); }

std::string StateName(LedgerState state) {
  if (state == LedgerState::kOpen) return "OPEN";
  return state == LedgerState::kClosed ? "CLOSED" : "IN_RECOVERY";
}

TEST(LedgerMetadata, RecordsOfAllVersions) {
  const json vectors = LedgerVectors();
  for (const json& r : vectors["records"]) {
    SCOPED_TRACE(r["name"].get<std::string>());
    const json& fields = r["fields"];
    StatusOr<LedgerMetadata> m = DecodeLedgerMetadata(FromHex(r["hex"]));
    ASSERT_TRUE(m.ok()) << m.status();
    EXPECT_EQ(m->ensemble_size, fields["ensembleSize"].get<int>());
    EXPECT_EQ(m->write_quorum, fields["writeQuorum"].get<int>());
    EXPECT_EQ(m->ack_quorum, fields["ackQuorum"].get<int>());
    EXPECT_EQ(StateName(m->state), fields["state"].get<std::string>());
    EXPECT_EQ(m->last_entry, fields["lastEntryId"].get<int64_t>());
    EXPECT_EQ(m->length, fields["length"].get<int64_t>());
    ASSERT_EQ(m->ensembles.size(), fields["segments"].size());
    for (const LedgerEnsemble& e : m->ensembles) {
      EXPECT_EQ(json(e.bookies), fields["segments"][std::to_string(e.first_entry)]);
    }
    if (fields.contains("digestType")) {
      EXPECT_EQ(m->digest, static_cast<DigestType>(fields["digestType"].get<int>()));
      EXPECT_EQ(m->password, fields["password"].get<std::string>());
      json custom = json::object();
      for (const auto& [key, value] : m->custom) custom[key] = value;
      EXPECT_EQ(custom, fields["customMetadata"]);
    }
    if (fields.contains("cToken")) {
      EXPECT_EQ(m->creation_token, fields["cToken"].get<int64_t>());
    }
    if (fields["formatVersion"] == 3) {
      EXPECT_EQ(ToHex(EncodeLedgerMetadata(*m)), r["hex"]);
    } else {  // read in the old version, written in the new one, nothing changed
      EXPECT_EQ(DecodeLedgerMetadata(EncodeLedgerMetadata(*m)).value(), *m);
    }
  }
}

void ExpectRoundTrip(const std::string& hex) {
  StatusOr<LedgerMetadata> m = DecodeLedgerMetadata(FromHex(hex));
  ASSERT_TRUE(m.ok()) << m.status();
  EXPECT_EQ(ToHex(EncodeLedgerMetadata(*m)), hex);
}

TEST(LedgerMetadata, LiveRecordsOfARealCluster) {
  json live = LedgerVectors()["live"];
  ASSERT_EQ(live.size(), 17U);
  for (const json& r : live) {
    SCOPED_TRACE(r["step"].get<std::string>());
    ExpectRoundTrip(r["hex"]);
  }
}

TEST(LedgerMetadata, HandWrittenRecordsThatTheRealClientAccepted) {
  ExpectRoundTrip(LedgerVectors()["handWritten"]["before"]);
  ExpectRoundTrip(LedgerVectors()["handWritten"]["after"]);
}

TEST(LedgerMetadata, EnsembleOfAnEntry) {
  LedgerMetadata m;
  m.ensembles = {{0, {"a"}}, {42, {"b"}}};
  EXPECT_EQ(m.EnsembleOf(0).bookies[0], "a");
  EXPECT_EQ(m.EnsembleOf(41).bookies[0], "a");
  EXPECT_EQ(m.EnsembleOf(42).bookies[0], "b");
  EXPECT_EQ(m.EnsembleOf(1000).bookies[0], "b");
}

class DamagedLedgerMetadata : public ::testing::Test {
 protected:
  static StatusCode Decode(const LedgerMetadata& m) {
    return DecodeLedgerMetadata(EncodeLedgerMetadata(m)).status().code();
  }
  LedgerMetadata good_ =
      DecodeLedgerMetadata(FromHex(LedgerVectors()["records"][6]["hex"])).value();
};

TEST_F(DamagedLedgerMetadata, EveryCut) {
  std::string bytes = EncodeLedgerMetadata(good_);
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(DecodeLedgerMetadata(std::string_view(bytes).substr(0, n)).ok()) << n;
  }
}

TEST_F(DamagedLedgerMetadata, EveryFlippedBitIsReadOrRefused) {
  std::string bytes = EncodeLedgerMetadata(good_);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    StatusOr<LedgerMetadata> m = DecodeLedgerMetadata(damaged);
    if (!m.ok()) continue;
    EXPECT_EQ(DecodeLedgerMetadata(EncodeLedgerMetadata(*m)).value(), *m);
  }
}

TEST_F(DamagedLedgerMetadata, TrailingBytes) {
  EXPECT_FALSE(DecodeLedgerMetadata(EncodeLedgerMetadata(good_) + "x").ok());
}

TEST_F(DamagedLedgerMetadata, UnknownVersion) {
  EXPECT_EQ(DecodeLedgerMetadata("BookieMetadataFormatVersion\t4\n").status().code(),
            StatusCode::kUnimplemented);
}

TEST_F(DamagedLedgerMetadata, UnknownDigest) {
  std::string bytes = EncodeLedgerMetadata(good_);
  size_t at = bytes.find("\x38\x03\x42");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 1] = 9;
  EXPECT_EQ(DecodeLedgerMetadata(bytes).status().code(), StatusCode::kUnimplemented);
}

TEST_F(DamagedLedgerMetadata, AckQuorumAboveWriteQuorum) {
  good_.ack_quorum = 4;
  EXPECT_EQ(Decode(good_), StatusCode::kDataLoss);
}

TEST_F(DamagedLedgerMetadata, EnsembleOfTheWrongSize) {
  good_.ensembles[0].bookies.pop_back();
  EXPECT_EQ(Decode(good_), StatusCode::kDataLoss);
}

TEST_F(DamagedLedgerMetadata, EnsemblesOutOfOrder) {
  good_.ensembles[1].first_entry = 0;
  EXPECT_EQ(Decode(good_), StatusCode::kDataLoss);
}

TEST_F(DamagedLedgerMetadata, NoEnsemble) {
  good_.ensembles.clear();
  EXPECT_EQ(Decode(good_), StatusCode::kDataLoss);
}

TEST(LedgerPath, Vectors) {
  const json vectors = LedgerVectors();
  for (const json& v : vectors["paths"]) {
    int64_t id = v["ledgerId"];
    EXPECT_EQ(LedgerPath(LedgerLayout::kHierarchical, id).value(), v["hierarchical"]);
    EXPECT_EQ(LedgerPath(LedgerLayout::kLongHierarchical, id).value(), v["longHierarchical"]);
    EXPECT_EQ(LedgerIdFromPath(LedgerLayout::kHierarchical, v["hierarchical"].get<std::string>()),
              id);
    EXPECT_EQ(
        LedgerIdFromPath(LedgerLayout::kLongHierarchical, v["longHierarchical"].get<std::string>()),
        id);
  }
}

TEST(LedgerPath, LegacyAndFlat) {
  EXPECT_EQ(LedgerPath(LedgerLayout::kLegacyHierarchical, 1234567890).value(), "/12/3456/L7890");
  EXPECT_EQ(LedgerPath(LedgerLayout::kFlat, 777).value(), "/L0000000777");
  EXPECT_EQ(LedgerIdFromPath(LedgerLayout::kFlat, "/L0000000777"), 777);
  EXPECT_FALSE(LedgerPath(LedgerLayout::kFlat, 10000000000).ok());
  EXPECT_FALSE(LedgerPath(LedgerLayout::kHierarchical, -1).ok());
}

TEST(LedgerPath, OtherNodes) {
  for (const char* path : {"/cookies", "/00/0000/X0000", "/00/0000/L000", "/0/00000/L0000", "",
                           "/000/0000/0000/0000/L0001", "/99999999999999999999"}) {
    EXPECT_EQ(LedgerIdFromPath(LedgerLayout::kHierarchical, path), std::nullopt) << path;
  }
}

TEST(LedgerLayout, RealAndOthers) {
  json layout = LoadVectors("tier1-zookeeper.json")["layout"];
  EXPECT_EQ(DecodeLedgerLayout(FromHex(layout["hex"])).value(), LedgerLayout::kHierarchical);
  const std::string package = "org.apache.bookkeeper.meta.";
  EXPECT_EQ(DecodeLedgerLayout("2\n" + package + "LongHierarchicalLedgerManagerFactory:1").value(),
            LedgerLayout::kLongHierarchical);
  EXPECT_EQ(DecodeLedgerLayout("1\n" + package + "FlatLedgerManagerFactory:1").value(),
            LedgerLayout::kFlat);
  EXPECT_EQ(
      DecodeLedgerLayout("2\n" + package + "LegacyHierarchicalLedgerManagerFactory:1").value(),
      LedgerLayout::kLegacyHierarchical);
  EXPECT_FALSE(DecodeLedgerLayout("3\n" + package + "FlatLedgerManagerFactory:1").ok());
  EXPECT_FALSE(DecodeLedgerLayout("2\n" + package + "MSLedgerManagerFactory:1").ok());
  EXPECT_FALSE(DecodeLedgerLayout("").ok());
}

TEST(BookieRegistration, Vectors) {
  const json vectors = LoadVectors("tier1-zookeeper.json");
  for (const json& v : vectors["bookieRegistration"]) {
    std::string id = v["bookieId"];
    StatusOr<BookieAddress> address = DecodeBookieRegistration(id, FromHex(v["hex"]));
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), id);
    EXPECT_EQ(ToHex(EncodeBookieRegistration(id, *address)), v["hex"]);
  }
}

TEST(BookieRegistration, LegacyBookieIsItsId) {
  EXPECT_EQ(DecodeBookieRegistration("bk-1.local:3181", "").value(),
            (BookieAddress{"bk-1.local", 3181}));
  EXPECT_FALSE(DecodeBookieRegistration("bookie-one", "").ok());
  EXPECT_FALSE(DecodeBookieRegistration("h:70000", "").ok());
  EXPECT_FALSE(DecodeBookieRegistration("h:0", "").ok());
}

TEST(BookieRegistration, DamagedOrUseless) {
  EXPECT_FALSE(DecodeBookieRegistration("a:1", "\xff\xff").ok());
  EXPECT_FALSE(DecodeBookieRegistration("a:1", EncodeBookieRegistration("a:1", {"", 1})).ok());
  EXPECT_FALSE(DecodeBookieRegistration("a:1", std::string_view("\x3a\x00", 2)).ok());
}

}  // namespace
}  // namespace pdr

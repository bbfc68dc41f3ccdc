#include "format/log_metadata.h"

#include <gmock/gmock.h>

#include "format/testing/vectors.h"

namespace pdr {
namespace {

using testing::HasSubstr;

LogMetadata FromFields(const Json& fields) {
  LogMetadata m;
  m.enabled = fields["enabled"];
  m.epoch = fields["epoch"];
  m.truncation = {fields["truncationSequence"], fields["truncationLedgerId"]};
  for (const Json& l : fields["ledgers"]) {
    m.ledgers.push_back({l["ledgerId"], l["sequence"], LedgerStatus{l["status"].get<uint8_t>()}});
  }
  return m;
}

TEST(LogMetadataTest, DecodesAndEncodesProductionsRecords) {
  const Json vectors = LoadVectors("tier1-logmetadata.json");
  ASSERT_FALSE(vectors["records"].empty());
  for (const Json& record : vectors["records"]) {
    SCOPED_TRACE(record["name"].get<std::string>());
    const std::string bytes = FromHex(record["hex"]);
    auto decoded = DecodeLogMetadata(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, FromFields(record["fields"]));
    EXPECT_EQ(EncodeLogMetadata(*decoded), bytes);
  }
}

TEST(LogMetadataTest, DecodesTheLiveSequence) {
  const Json vectors = LoadVectors("tier1-logmetadata.json");
  for (const Json& state : vectors["liveSequence"]["states"]) {
    const std::string bytes = FromHex(state["hex"]);
    auto decoded = DecodeLogMetadata(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(EncodeLogMetadata(*decoded), bytes);
  }
}

TEST(LogMetadataTest, PathsAreProductions) {
  const Json vectors = LoadVectors("tier1-logmetadata.json");
  for (const Json& path : vectors["paths"]) {
    EXPECT_EQ(LogMetadataPath(path["containerId"], path["depth"]), path["path"]);
  }
}

LogMetadata TwoLedgers() {
  return {true, 2, {0, 0}, {{7, 1, LedgerStatus::kNotEmpty}, {9, 2, LedgerStatus::kUnknown}}};
}

TEST(LogMetadataTest, EveryTruncationFails) {
  const std::string bytes = EncodeLogMetadata(TwoLedgers());
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(DecodeLogMetadata(std::string_view(bytes).substr(0, n)).ok()) << n;
  }
}

void ExpectRefused(const LogMetadata& metadata, std::string_view why) {
  auto decoded = DecodeLogMetadata(EncodeLogMetadata(metadata));
  ASSERT_FALSE(decoded.ok());
  EXPECT_THAT(std::string(Message(decoded.status())), HasSubstr(std::string(why)));
}

TEST(LogMetadataTest, RefusesWhatProductionCannotUse) {
  LogMetadata m = TwoLedgers();
  m.epoch = 0;
  ExpectRefused(m, "epoch 0");
  m = TwoLedgers();
  m.ledgers[1].ledger_id = 7;
  ExpectRefused(m, "out of order");
  m = TwoLedgers();
  m.ledgers[1].sequence = 1;
  ExpectRefused(m, "out of order");
  m = TwoLedgers();
  m.ledgers[0].sequence = 0;
  ExpectRefused(m, "out of order");
  m = TwoLedgers();
  m.ledgers[1].status = LedgerStatus{3};
  ExpectRefused(m, "status 3");
}

TEST(LogMetadataTest, RefusesACountBeyondTheRecord) {
  std::string bytes = EncodeLogMetadata({true, 1, {0, 0}, {}});
  bytes.back() = 0x7f;
  EXPECT_FALSE(DecodeLogMetadata(bytes).ok());
}

TEST(LogMetadataTest, AddressParts) {
  const LogAddress address{0x0000000300000011, 300};
  EXPECT_EQ(address.ledger_sequence(), 3u);
  EXPECT_EQ(address.entry_id(), 17);
}

}  // namespace
}  // namespace pdr

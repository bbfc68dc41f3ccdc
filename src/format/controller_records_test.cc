#include <gtest/gtest.h>

#include <limits>

#include "format/controller_scope_records.h"
#include "format/controller_stream_records.h"
#include "format/controller_transaction_records.h"
#include "format/testing/vectors.h"
#include "format/watermark.h"

namespace pdr {
namespace {

constexpr SegmentId k0{0, 0};
constexpr SegmentId k1{1, 0};
constexpr SegmentId k2{2, 1};

std::string RecordBytes(const std::string& record) {
  static const Json vectors = LoadVectors("controller_records.json");
  return FromHex(vectors["records"][record]);
}

TEST(ControllerRecords, StreamState) {
  EXPECT_EQ(*DecodeStreamState(RecordBytes("state_committing")),
            StreamState::kCommittingTransactions);
  EXPECT_EQ(EncodeStreamState(StreamState::kCommittingTransactions),
            RecordBytes("state_committing"));
  EXPECT_EQ(StreamStateName(StreamState::kCommittingTransactions), "COMMITTING_TXN");
  EXPECT_EQ(StreamStateName(StreamState::kSealed), "SEALED");
}

TEST(ControllerRecords, Epochs) {
  const EpochRecord zero{0, 0, {{k0, 1000, 0, 0.5}, {k1, 1000, 0.5, 1}}, 1000};
  EXPECT_EQ(*DecodeEpochRecord(RecordBytes("epoch_0")), zero);
  const EpochRecord one{1, 1, {{k2, 2000, 0, 1}}, 2000};
  EXPECT_EQ(*DecodeEpochRecord(RecordBytes("epoch_1")), one);
}

TEST(ControllerRecords, Truncation) {
  EXPECT_EQ(*DecodeTruncationRecord(RecordBytes("truncation_empty")), StreamTruncationRecord());
  const StreamTruncationRecord expected{{{k1, 700}, {k2, 55}}, {k0}, {{9, 0}}, 1234, true};
  EXPECT_EQ(*DecodeTruncationRecord(RecordBytes("truncation")), expected);
}

TEST(ControllerRecords, SealedSizesAndRetentionCut) {
  const SegmentOffsets sizes{{k0, 4096}, {k1, 5000000000}};
  EXPECT_EQ(*DecodeSealedSizes(RecordBytes("sealed_sizes")), sizes);
  const RetentionCut cut{7777, 8888, {{k0, 10}, {k1, 20}}};
  EXPECT_EQ(*DecodeRetentionCut(RecordBytes("retention_cut")), cut);
}

TEST(ControllerRecords, StreamConfiguration) {
  const StreamConfiguration full{"s",
                                 "str",
                                 ScalingPolicy{ScaleType::kByEventsPerSecond, 100, 2, 3},
                                 RetentionPolicy{RetentionType::kSize, 1000, 2000},
                                 true,
                                 1 << 20};
  EXPECT_EQ(*DecodeStreamConfiguration(RecordBytes("configuration")), full);
  const StreamConfiguration plain{"s",          "plain", ScalingPolicy{ScaleType::kFixed, 0, 0, 1},
                                  std::nullopt, false,   0};
  EXPECT_EQ(*DecodeStreamConfiguration(RecordBytes("configuration_plain")), plain);
}

TEST(ControllerRecords, EpochTransition) {
  const EpochTransition scale{0, {k0, k1}, {k2}, {{0, 1}}, 3000};
  EXPECT_EQ(*DecodeEpochTransition(RecordBytes("epoch_transition")), scale);
  EXPECT_TRUE(scale.in_progress());
  const auto empty = DecodeEpochTransition(RecordBytes("epoch_transition_empty"));
  ASSERT_TRUE(empty.ok());
  EXPECT_FALSE(empty->in_progress());
}

TEST(ControllerRecords, ActiveTransactionIsWrittenAsTheControllerDoes) {
  const auto open = DecodeActiveTransaction(RecordBytes("active_transaction_open"));
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(EncodeActiveTransaction(*open), RecordBytes("active_transaction_open"));
}

TEST(ControllerRecords, CommittingTransactions) {
  const auto committing = DecodeCommittingTransactions(RecordBytes("committing"));
  ASSERT_TRUE(committing.ok());
  EXPECT_EQ(committing->epoch, 1);
  EXPECT_EQ(committing->active_epoch, 4);
  ASSERT_EQ(committing->transactions.size(), 2u);
  EXPECT_EQ(committing->transactions[0].Text(), "00000001-0000-0002-0000-00000000000a");
  EXPECT_EQ(TransactionEpoch(committing->transactions[1]), 3);
  EXPECT_EQ(CounterOf(committing->transactions[0]), (TransactionCounter{2, 10}));
  const auto empty = DecodeCommittingTransactions(RecordBytes("committing_empty"));
  ASSERT_TRUE(empty.ok());
  EXPECT_FALSE(empty->in_progress());
  EXPECT_FALSE(empty->active_epoch);
}

TEST(ControllerRecords, Transactions) {
  const ActiveTransactionRecord open{10, 20, 30, TransactionStatus::kOpen, "", {}, {}};
  EXPECT_EQ(*DecodeActiveTransaction(RecordBytes("active_transaction_open")), open);
  const ActiveTransactionRecord committing{10,       20, 30, TransactionStatus::kCommitting,
                                           "writer", 40, 50};
  EXPECT_EQ(*DecodeActiveTransaction(RecordBytes("active_transaction_committing")), committing);
  const CompletedTransactionRecord aborted{99, TransactionStatus::kAborted};
  EXPECT_EQ(*DecodeCompletedTransaction(RecordBytes("completed_transaction")), aborted);
}

TEST(ControllerRecords, KeyValueTables) {
  EXPECT_EQ(*DecodeLifeState(RecordBytes("kvt_state")), LifeState::kActive);
  const KvTableEpochRecord epoch{0, {{k0, 5, 0, 1}}, 5};
  EXPECT_EQ(*DecodeKvTableEpochRecord(RecordBytes("kvt_epoch")), epoch);
  const KvTableConfiguration configuration{"s", "k", 1, 8, 4};
  EXPECT_EQ(*DecodeKvTableConfiguration(RecordBytes("kvt_configuration")), configuration);
}

TEST(ControllerRecords, ReaderGroupConfiguration) {
  const ReaderGroupConfiguration expected{
      1, 2, 3, 1, 4, true, {{"s/str", {{k0, 12}}}}, {{"s/str", {}}}};
  EXPECT_EQ(*DecodeReaderGroupConfiguration(RecordBytes("reader_group_configuration")), expected);
}

TEST(ControllerRecords, Watermark) {
  const Watermark expected{1, 2, {{k0, 33}, {k2, 44}}};
  EXPECT_EQ(*DecodeWatermark(RecordBytes("watermark")), expected);
}

TEST(ControllerRecords, BareValues) {
  EXPECT_EQ(*DecodeInt(FromHex("ffffffff")), -1);
  EXPECT_EQ(*DecodeLong(FromHex("0000000000000102")), 258);
  const auto id = DecodeUuid(FromHex("1dbeb0745114428e9749a71423c44919"));
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(id->Text(), "1dbeb074-5114-428e-9749-a71423c44919");
  EXPECT_EQ(ParseUuidText(id->Text()), *id);
  EXPECT_EQ(ParseUuidHex(id->Hex()), *id);
  EXPECT_FALSE(DecodeInt(FromHex("ffffff")).ok());
  EXPECT_FALSE(DecodeInt(FromHex("ffffffff00")).ok());
}

TEST(ControllerRecords, UnknownStatesAndVersionsAreRefused) {
  ByteWriter state;
  WriteObject(state, [](ByteWriter& w) { WriteCompactInt(w, 9); });
  EXPECT_FALSE(DecodeStreamState(state.bytes()).ok());
  EXPECT_FALSE(DecodeLifeState(state.bytes()).ok());
  std::string newer = RecordBytes("epoch_0");
  newer[1] = 1;
  EXPECT_FALSE(DecodeEpochRecord(newer).ok());
}

TEST(ControllerRecords, CountsBeyondTheBytesAreRefused) {
  ByteWriter w;
  WriteObject(w, [](ByteWriter& body) { WriteCompactInt(body, 0x3fffffff); });
  EXPECT_FALSE(DecodeSealedSizes(w.bytes()).ok());
}

// Every decoder, by the prefix of the vectors it is for; true when it accepted the bytes.
bool Decodes(const std::string& name, std::string_view bytes) {
  if (name.starts_with("state_")) return DecodeStreamState(bytes).ok();
  if (name.starts_with("epoch_transition")) return DecodeEpochTransition(bytes).ok();
  if (name.starts_with("epoch_")) return DecodeEpochRecord(bytes).ok();
  if (name.starts_with("truncation")) return DecodeTruncationRecord(bytes).ok();
  if (name == "sealed_sizes") return DecodeSealedSizes(bytes).ok();
  if (name == "retention_cut") return DecodeRetentionCut(bytes).ok();
  if (name.starts_with("configuration")) return DecodeStreamConfiguration(bytes).ok();
  if (name.starts_with("committing")) return DecodeCommittingTransactions(bytes).ok();
  if (name.starts_with("active_")) return DecodeActiveTransaction(bytes).ok();
  if (name.starts_with("completed_")) return DecodeCompletedTransaction(bytes).ok();
  if (name == "kvt_state") return DecodeLifeState(bytes).ok();
  if (name == "kvt_epoch") return DecodeKvTableEpochRecord(bytes).ok();
  if (name == "kvt_configuration") return DecodeKvTableConfiguration(bytes).ok();
  if (name == "reader_group_configuration") return DecodeReaderGroupConfiguration(bytes).ok();
  if (name == "watermark") return DecodeWatermark(bytes).ok();
  ADD_FAILURE() << "no decoder for " << name;
  return false;
}

TEST(ControllerRecords, TruncatedValuesAreRefusedAndFlippedBitsDoNoHarm) {
  const Json vectors = LoadVectors("controller_records.json");
  for (const auto& [name, hex] : vectors["records"].items()) {
    if (name.starts_with("rg_")) continue;
    const std::string bytes = FromHex(hex);
    EXPECT_TRUE(Decodes(name, bytes)) << name;
    EXPECT_FALSE(Decodes(name, bytes + '\0')) << name;
    for (size_t n = 0; n < bytes.size(); ++n) {
      EXPECT_FALSE(Decodes(name, bytes.substr(0, n))) << name << " cut to " << n;
    }
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      Decodes(name, flipped);
    }
  }
}

}  // namespace
}  // namespace pdr

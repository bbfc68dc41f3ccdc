// The vectors of chunked.json: records, table values, journal batches, snapshots, file names.
#include "format/storage_metadata.h"

#include <gtest/gtest.h>

#include <map>
#include <variant>

#include "base/hash.h"
#include "format/names.h"
#include "format/serializer.h"
#include "format/system_journal.h"
#include "format/testing/records_json.h"

namespace pdr {
namespace {

using Batches = std::vector<std::vector<JournalRecord>>;

SystemSnapshot SnapshotFrom(const Json& j) {
  SystemSnapshot snapshot{j["epoch"], j["fileIndex"], {}};
  for (const Json& s : j["segments"]) {
    SegmentSnapshot segment{SegmentFrom(s["segment"]), {}};
    for (const Json& c : s["chunks"]) segment.chunks.push_back(ChunkFrom(c));
    snapshot.segments.push_back(segment);
  }
  return snapshot;
}

JournalRecord RecordFrom(const Json& j) {
  switch (j["type"].get<int>()) {
    case 1:
      return ChunkAddedRecord{j["segmentName"], j["newChunkName"], TextOrEmpty(j["oldChunkName"]),
                              j["offset"]};
    case 2:
      return JournalTruncationRecord{j["segmentName"], j["offset"], j["firstChunkName"],
                                     j["startOffset"]};
    case 3:
      return SnapshotFrom(j);
    default:
      return AppendRecord{j["segmentName"], j["chunkName"], j["offset"], j["length"]};
  }
}

void ExpectTransactionData(const Json& v) {
  const TransactionData expected = TransactionDataFrom(v["fields"]);
  const auto decoded = DecodeTransactionData(FromHex(v["hex"]));
  ASSERT_TRUE(decoded.ok()) << Message(decoded.status());
  EXPECT_EQ(*decoded, expected);
  EXPECT_EQ(ToHex(EncodeTransactionData(expected)), v["hex"]);
  const bool of_segment =
      expected.value.has_value() && std::holds_alternative<SegmentMetadata>(*expected.value);
  EXPECT_EQ(MayBeOfSegment(FromHex(v["hex"])), of_segment);
  EXPECT_TRUE(MayBeOfSegment(FromHex(v["hex"]).substr(0, 12)));  // what is damaged is looked at
}

void ExpectBatch(const Json& v) {
  std::vector<JournalRecord> expected;
  for (const Json& record : v["fields"]["records"]) expected.push_back(RecordFrom(record));
  const auto decoded = DecodeJournalFile(FromHex(v["hex"]));
  ASSERT_TRUE(decoded.ok()) << Message(decoded.status());
  EXPECT_TRUE(decoded->complete);
  EXPECT_EQ(decoded->batches, Batches{expected});
  EXPECT_EQ(ToHex(EncodeJournalBatch(expected)), v["hex"]);
}

void ExpectSnapshot(const Json& v) {
  const SystemSnapshot expected = SnapshotFrom(v["fields"]);
  const auto decoded = DecodeSnapshotFile(FromHex(v["hex"]));
  ASSERT_TRUE(decoded.ok()) << Message(decoded.status());
  EXPECT_EQ(*decoded, expected);
  EXPECT_EQ(ToHex(EncodeSnapshotFile(expected)), v["hex"]);
  EXPECT_TRUE(CheckSnapshotInvariants(expected).ok());
}

// A record alone stands in a batch of one: the batch's body is the count and the record.
void ExpectRecord(const Json& v, const Json& vectors) {
  const std::string hex = v["hex"];
  size_t found = 0;
  for (const Json& batch : vectors) {
    if (!batch["fields"].contains("records")) continue;
    for (const Json& record : batch["fields"]["records"]) {
      const std::string encoded = EncodeJournalBatch({RecordFrom(record)});
      if (ToHex(encoded.substr(9)) == hex) ++found;
    }
  }
  EXPECT_EQ(found, 1u);
}

// A plain record: the typed one without its type id.
void ExpectPlain(const Json& v) {
  ByteWriter w;
  WriteStorageMetadata(w, StorageMetadataFrom(v["fields"]["value"]));
  std::string plain = w.Take();
  EXPECT_EQ(ToHex(plain.erase(1, 1)), v["hex"]);
}

void ExpectTyped(const Json& v, const Json& vectors) {
  const std::string bytes = FromHex(v["hex"]);
  ByteReader r(bytes);
  const StorageMetadata record = ReadStorageMetadata(r);
  EXPECT_TRUE(FinishObject(r, "record").ok());
  ByteWriter w;
  WriteStorageMetadata(w, record);
  EXPECT_EQ(w.bytes(), bytes);
  Json value = v["fields"].value("value", Json());
  if (value.is_null()) {  // the block's fields are given with its plain form
    for (const Json& other : vectors) {
      if (other["name"] == "ReadIndexBlockMetadata") value = other["fields"]["value"];
    }
  }
  EXPECT_EQ(record, StorageMetadataFrom(value));
}

// Other rooms' records, which exercise the primitives: a garbage collector's task and two files of
// later releases, all of compact numbers.
void ExpectOther(const Json& v) {
  const Json& f = v["fields"];
  ByteWriter w;
  WriteObject(w, [&](ByteWriter& body) {
    if (f.contains("taskType")) {
      WriteUtf(body, f["name"].get<std::string>());
      WriteCompactLong(body, f["scheduledTime"]);
      WriteCompactInt(body, f["attempts"]);
      WriteCompactInt(body, f["taskType"]);
      body.I64(f["transactionId"]);
    } else {
      WriteCompactLong(body, f["epoch"]);
      WriteCompactLong(body,
                       f.contains("snapshotId") ? f["snapshotId"] : f["operationSequenceNumber"]);
    }
  });
  EXPECT_EQ(ToHex(w.bytes()), v["hex"]);
}

void ExpectName(const Json& v) {
  const std::string value = v["fields"]["value"];
  const std::map<std::string, std::string> made = {
      {"name_journal", JournalName(3, 5, 7)},
      {"name_snapshot", SnapshotName(3, 5, 7)},
      {"name_readIndexBlock", BlockName("scope/stream/0.#epoch.0", 1073741824)}};
  EXPECT_EQ(made.at(v["name"]), value);
}

TEST(Chunked, Vectors) {
  const Json vectors = LoadVectors("chunked.json")["vectors"];
  EXPECT_EQ(vectors.size(), 25u);
  for (const Json& v : vectors) {
    SCOPED_TRACE(v.dump());
    const std::string name = v["name"];
    if (name.starts_with("TransactionData")) {
      ExpectTransactionData(v);
    } else if (name.starts_with("Batch_")) {
      ExpectBatch(v);
    } else if (name.starts_with("SnapshotFile")) {
      ExpectSnapshot(v);
    } else if (name.starts_with("Record_")) {
      ExpectRecord(v, vectors);
    } else if (name.starts_with("StorageMetadata_")) {
      ExpectTyped(v, vectors);
    } else if (name.starts_with("name_")) {
      ExpectName(v);
    } else if (v["fields"].contains("value")) {
      ExpectPlain(v);
    } else {
      ExpectOther(v);
    }
  }
}

std::string Typed(uint8_t type, uint8_t version) {
  ByteWriter w;
  w.U8(0).U8(type).U8(version).U8(1).U8(0).U32(0);
  return w.Take();
}

TEST(StorageMetadata, UnknownTypesAndVersionsAreRefused) {
  for (const auto& [type, version] :
       std::vector<std::pair<uint8_t, uint8_t>>{{0, 0}, {1, 0}, {5, 0}, {2, 1}, {0x80, 0}}) {
    const std::string bytes = Typed(type, version);
    ByteReader r(bytes);
    ReadStorageMetadata(r);
    EXPECT_FALSE(r.ok()) << int{type} << " " << int{version};
  }
}

TEST(TransactionData, VersionZeroWithAValueIsRefused) {
  EXPECT_FALSE(DecodeTransactionData(EncodeTransactionData({0, "k", ChunkMetadata{}})).ok());
  EXPECT_TRUE(DecodeTransactionData(EncodeTransactionData({0, "k", {}})).ok());
}

TEST(TransactionData, EveryTruncationIsRefused) {
  const std::string bytes = EncodeTransactionData({1, "k", SegmentMetadata()});
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(DecodeTransactionData(std::string_view(bytes).substr(0, n)).ok()) << n;
  }
}

SegmentMetadata TwoChunks() {
  return {.name = "s",
          .length = 300,
          .chunk_count = 2,
          .start_offset = 120,
          .first_chunk = "a",
          .last_chunk = "b",
          .first_chunk_start_offset = 100,
          .last_chunk_start_offset = 200};
}

TEST(TransactionData, OneObjectTakesOneAfterTheOther) {
  const std::vector<TransactionData> all = {{1, "c", ChunkMetadata{"c", 5, "next", 3}},
                                            {2, "s", TwoChunks()},
                                            {3, "gone", {}},
                                            {4, "b", ReadIndexBlockMetadata{"b", "c", 9, 1}},
                                            {5, "c", ChunkMetadata{"c", 5, "", 1}}};
  TransactionData used;
  for (const TransactionData& data : all) {
    EXPECT_FALSE(DecodeTransactionDataInto("no record", used).ok());
    EXPECT_TRUE(DecodeTransactionDataInto(EncodeTransactionData(data), used).ok());
    EXPECT_EQ(used, data) << data.key;
  }
}

TEST(SegmentInvariants, HoldForWholeSegments) {
  EXPECT_TRUE(CheckSegmentInvariants(TwoChunks()).ok());
  SegmentMetadata empty;
  EXPECT_TRUE(CheckSegmentInvariants(empty).ok());
  empty.length = empty.start_offset = 7;
  empty.first_chunk_start_offset = empty.last_chunk_start_offset = 7;
  EXPECT_TRUE(CheckSegmentInvariants(empty).ok());
}

void ExpectBroken(const SegmentMetadata& segment, std::string_view what) {
  EXPECT_EQ(Message(CheckSegmentInvariants(segment)),
            fmt::format("segment metadata of 's': {}", what));
}

TEST(SegmentInvariants, TheBrokenOneIsNamed) {
  SegmentMetadata s = TwoChunks();
  s.first_chunk_start_offset = 121;
  ExpectBroken(s, "the first chunk starts after the start offset");
  s = TwoChunks();
  s.start_offset = 301;
  ExpectBroken(s, "the start offset is above the length");
  s = TwoChunks();
  s.last_chunk_start_offset = 99;
  ExpectBroken(s, "the last chunk starts before the first");
  s = TwoChunks();
  s.last_chunk_start_offset = 301;
  ExpectBroken(s, "the last chunk starts after the end");
  s = TwoChunks();
  s.first_chunk.clear();
  ExpectBroken(s, "a last chunk without a first");
  s.last_chunk.clear();
  ExpectBroken(s, "a chunk count without chunks");
  s.chunk_count = 0;
  ExpectBroken(s, "no chunks, and offsets that differ");
  s = TwoChunks();
  s.last_chunk = "a";
  ExpectBroken(s, "one chunk, and another chunk count");
  s.chunk_count = 1;
  ExpectBroken(s, "one chunk with two start offsets");
  s = TwoChunks();
  s.last_chunk.clear();
  ExpectBroken(s, "a first chunk without a last");
  s = TwoChunks();
  s.chunk_count = 1;
  ExpectBroken(s, "several chunks, and a chunk count below 2");
}

}  // namespace
}  // namespace pdr

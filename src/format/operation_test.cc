#include "format/operation.h"

#include <gtest/gtest.h>

#include "format/checkpoint.h"
#include "format/serializer.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

int64_t Hex64(const Json& text) {
  return static_cast<int64_t>(std::stoull(text.get<std::string>(), nullptr, 16));
}

std::vector<AttributeUpdate> Updates(const Json& fields, const char* key) {
  std::vector<AttributeUpdate> updates;
  for (const Json& u : fields.value(key, Json::array())) {
    updates.push_back({{Hex64(u[0]), Hex64(u[1])}, u[2], u[3], u[4]});
  }
  return updates;
}

std::vector<VariableAttributeUpdate> VariableUpdates(const Json& fields) {
  std::vector<VariableAttributeUpdate> updates;
  for (const Json& u : fields.value("variableUpdates", Json::array())) {
    updates.push_back({FromHex(u[0]), u[1], u[2]});
  }
  return updates;
}

void ExpectFields(const Operation& operation, const Json& fields) {
  EXPECT_EQ(operation.sequence_number, fields["sequenceNumber"]);
  if (const auto* op = std::get_if<AppendOperation>(&operation.body)) {
    EXPECT_EQ(op->segment_id, fields["segmentId"]);
    EXPECT_EQ(op->offset, fields["offset"]);
    if (fields.contains("data")) {
      EXPECT_EQ(op->data, FromHex(fields["data"]));
    } else if (fields.contains("dataLength")) {
      EXPECT_EQ(op->data.size(), fields["dataLength"]);
    }
    EXPECT_EQ(op->updates, Updates(fields, "uuidUpdates"));
    EXPECT_EQ(op->variable_updates, VariableUpdates(fields));
  } else if (const auto* seal = std::get_if<SealOperation>(&operation.body)) {
    EXPECT_EQ(seal->segment_id, fields["segmentId"]);
    EXPECT_EQ(seal->offset, fields["offset"]);
  } else if (const auto* merge = std::get_if<MergeOperation>(&operation.body)) {
    EXPECT_EQ(merge->target_id, fields["targetSegmentId"]);
    EXPECT_EQ(merge->source_id, fields["sourceSegmentId"]);
    EXPECT_EQ(merge->length, fields["length"]);
    EXPECT_EQ(merge->offset, fields["targetOffset"]);
    EXPECT_EQ(merge->updates, Updates(fields, "updates"));
  } else if (const auto* map = std::get_if<MapOperation>(&operation.body)) {
    EXPECT_EQ(map->segment_id, fields["segmentId"]);
    EXPECT_EQ(map->name, fields["name"]);
    EXPECT_EQ(map->start_offset, fields["startOffset"]);
    EXPECT_EQ(map->length, fields["length"]);
    EXPECT_EQ(map->sealed, fields["sealed"]);
    EXPECT_EQ(map->pinned, fields["pinned"]);
    EXPECT_EQ(map->attributes.size(), fields["attributes"].size());
  } else if (const auto* update = std::get_if<UpdateAttributesOperation>(&operation.body)) {
    EXPECT_EQ(update->segment_id, fields["segmentId"]);
    EXPECT_EQ(update->updates, Updates(fields, "uuidUpdates"));
    EXPECT_EQ(update->variable_updates, VariableUpdates(fields));
  } else if (const auto* truncate = std::get_if<TruncateOperation>(&operation.body)) {
    EXPECT_EQ(truncate->segment_id, fields["segmentId"]);
    EXPECT_EQ(truncate->offset, fields["offset"]);
  } else if (const auto* remove = std::get_if<DeleteOperation>(&operation.body)) {
    EXPECT_EQ(remove->segment_id, fields["segmentId"]);
    EXPECT_EQ(remove->offset, fields["offset"]);
  } else if (const auto* full = std::get_if<MetadataCheckpointOperation>(&operation.body)) {
    EXPECT_EQ(full->contents, FromHex(fields["contents"]));
  } else {
    const auto& storage = std::get<StorageMetadataCheckpointOperation>(operation.body);
    EXPECT_EQ(storage.contents, FromHex(fields["contents"]));
  }
}

TEST(OperationTest, DecodesAndEncodesProductionsOperations) {
  const Json vectors = LoadVectors("tier1-operations.json");
  ASSERT_EQ(vectors["operations"].size(), 16u);
  for (const Json& vector : vectors["operations"]) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    const std::string bytes = FromHex(vector["hex"]);
    auto operation = DecodeOperation(bytes);
    ASSERT_TRUE(operation.ok()) << operation.status();
    ExpectFields(*operation, vector["fields"]);
    EXPECT_EQ(EncodeOperation(*operation), bytes);
    for (size_t n = 0; n < bytes.size(); ++n) {
      EXPECT_FALSE(DecodeOperation(std::string_view(bytes).substr(0, n)).ok()) << n;
    }
  }
}

TEST(OperationTest, CheckpointPayloadsRoundTrip) {
  const Json vectors = LoadVectors("tier1-operations.json");
  int seen = 0;
  for (const Json& vector : vectors["operations"]) {
    auto operation = DecodeOperation(FromHex(vector["hex"]));
    ASSERT_TRUE(operation.ok());
    if (const auto* op = std::get_if<MetadataCheckpointOperation>(&operation->body)) {
      auto checkpoint = DecodeMetadataCheckpoint(op->contents);
      ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
      EXPECT_EQ(checkpoint->container, 1);
      EXPECT_EQ(EncodeMetadataCheckpoint(*checkpoint), op->contents);
      ++seen;
    } else if (const auto* storage =
                   std::get_if<StorageMetadataCheckpointOperation>(&operation->body)) {
      auto segments = DecodeStorageMetadataCheckpoint(storage->contents);
      ASSERT_TRUE(segments.ok()) << segments.status();
      EXPECT_EQ(segments->size(), 2u);
      EXPECT_EQ(EncodeStorageMetadataCheckpoint(*segments), storage->contents);
      ++seen;
    }
  }
  EXPECT_EQ(seen, 3);
}

// durable-log.md section 4, worked bytes.
TEST(OperationTest, CheckpointSegmentFields) {
  const Json vectors = LoadVectors("tier1-operations.json");
  for (const Json& vector : vectors["operations"]) {
    if (vector["name"] != "checkpoint_two_segments") continue;
    auto checkpoint = DecodeMetadataCheckpoint(FromHex(vector["fields"]["contents"]));
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    ASSERT_EQ(checkpoint->segments.size(), 2u);
    const CheckpointSegment a{
        .segment_id = 1,
        .name = "seg/A",
        .length = 0x37,
        .storage_length = 0x32,
        .last_modified = 0x18bcfe56800,
        .start_offset = 5,
        .attributes = {{kCreationTime, 1600000000000}, {kEventCount, 12}, {kSegmentType, 0}}};
    EXPECT_EQ(checkpoint->segments[0], a);
    EXPECT_TRUE(checkpoint->segments[1].sealed);
    EXPECT_TRUE(checkpoint->segments[1].sealed_in_storage);
  }
}

// An append of version 1 has updates of 25 bytes; production reads it but never writes it.
TEST(OperationTest, ReadsAppendVersion1) {
  ByteWriter w;
  w.U8(0).U8(1).U8(1).U8(1);
  WriteRevision(w, 0, [](ByteWriter& body) {
    body.I64(5).I64(3).I64(100);
    WriteBuffer(body, "hi");
    body.U8(1).I64(1).I64(2).U8(1).I64(42).U8(0);
  });
  auto operation = DecodeOperation(w.bytes());
  ASSERT_TRUE(operation.ok()) << operation.status();
  const auto& append = std::get<AppendOperation>(operation->body);
  EXPECT_EQ(append.updates, (std::vector<AttributeUpdate>{{{1, 2}, 1, 42, 0}}));
}

std::string Seal(uint8_t type, uint8_t version, int64_t sequence_number) {
  ByteWriter w;
  w.U8(0).U8(type).U8(version).U8(1);
  WriteRevision(w, 0, [&](ByteWriter& body) { body.I64(sequence_number).I64(3).I64(100); });
  return w.Take();
}

TEST(OperationTest, RefusesTheUnknown) {
  EXPECT_TRUE(DecodeOperation(Seal(2, 0, 1)).ok());
  EXPECT_FALSE(DecodeOperation(Seal(2, 1, 1)).ok());   // version
  EXPECT_FALSE(DecodeOperation(Seal(5, 0, 1)).ok());   // retired type
  EXPECT_FALSE(DecodeOperation(Seal(11, 0, 1)).ok());  // type of the future
  EXPECT_FALSE(DecodeOperation(Seal(2, 0, -1)).ok());  // sequence number
}

TEST(OperationTest, RefusesAnUnknownUpdateType) {
  Operation operation{1, UpdateAttributesOperation{3, {{kEventCount, 5, 1, 0}}, {}}};
  EXPECT_FALSE(DecodeOperation(EncodeOperation(operation)).ok());
}

TEST(OperationTest, RefusesVariableIdsThatAreTooLong) {
  Operation operation{1, UpdateAttributesOperation{3, {}, {{std::string(256, 'x'), 1, 7}}}};
  EXPECT_TRUE(DecodeOperation(EncodeOperation(operation)).ok());
  std::get<UpdateAttributesOperation>(operation.body).variable_updates[0].id += 'x';
  EXPECT_FALSE(DecodeOperation(EncodeOperation(operation)).ok());
}

}  // namespace
}  // namespace pdr

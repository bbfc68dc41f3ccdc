// Durable-log operations. docs/formats/durable-log.md section 3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "format/attributes.h"

namespace pdr {

struct AttributeUpdate {  // 33 bytes; 25 in append version 1 (no comparison value)
  AttributeId id;
  uint8_t type = 0;
  int64_t value = 0;
  int64_t comparison = 0;
  bool operator==(const AttributeUpdate&) const = default;
};
struct VariableAttributeUpdate {
  std::string id;  // 1..256 bytes
  uint8_t type = 0;
  int64_t value = 0;
  bool operator==(const VariableAttributeUpdate&) const = default;
};

struct AppendOperation {
  int64_t segment_id = 0;
  int64_t offset = 0;
  std::string data;
  std::vector<AttributeUpdate> updates;
  std::vector<VariableAttributeUpdate> variable_updates;
  bool operator==(const AppendOperation&) const = default;
};
struct SealOperation {
  int64_t segment_id = 0;
  int64_t offset = 0;
  bool operator==(const SealOperation&) const = default;
};
struct MergeOperation {
  int64_t target_id = 0;
  int64_t source_id = 0;
  int64_t length = 0;
  int64_t offset = 0;
  std::vector<AttributeUpdate> updates;
  bool operator==(const MergeOperation&) const = default;
};
struct MapOperation {
  int64_t segment_id = 0;
  std::string name;
  int64_t start_offset = 0;
  int64_t length = 0;
  bool sealed = false;
  Attributes attributes;
  bool pinned = false;
  bool operator==(const MapOperation&) const = default;
};
struct UpdateAttributesOperation {
  int64_t segment_id = 0;
  std::vector<AttributeUpdate> updates;
  std::vector<VariableAttributeUpdate> variable_updates;
  bool operator==(const UpdateAttributesOperation&) const = default;
};
struct TruncateOperation {
  int64_t segment_id = 0;
  int64_t offset = 0;
  bool operator==(const TruncateOperation&) const = default;
};
struct MetadataCheckpointOperation {
  std::string contents;  // checkpoint.h
  bool operator==(const MetadataCheckpointOperation&) const = default;
};
struct StorageMetadataCheckpointOperation {
  std::string contents;  // checkpoint.h
  bool operator==(const StorageMetadataCheckpointOperation&) const = default;
};
struct DeleteOperation {
  int64_t segment_id = 0;
  int64_t offset = 0;
  bool operator==(const DeleteOperation&) const = default;
};

using OperationBody =
    std::variant<AppendOperation, SealOperation, MergeOperation, MapOperation,
                 UpdateAttributesOperation, TruncateOperation, MetadataCheckpointOperation,
                 StorageMetadataCheckpointOperation, DeleteOperation>;

struct Operation {
  int64_t sequence_number = 0;
  OperationBody body;
  bool operator==(const Operation&) const = default;
};

StatusOr<Operation> DecodeOperation(std::string_view bytes);
std::string EncodeOperation(const Operation& operation);
std::string_view OperationName(const Operation& operation);

}  // namespace pdr

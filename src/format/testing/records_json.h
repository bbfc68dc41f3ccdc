// The records of the vectors' JSON as this program's values. Tests only.
#pragma once

#include <string>

#include "format/segment_info.h"
#include "format/storage_metadata.h"
#include "format/testing/vectors.h"

namespace pdr {

inline std::string TextOrEmpty(const Json& text) {
  return text.is_null() ? std::string() : text.get<std::string>();
}

inline AttributeId AttributeIdFromUuid(std::string uuid) {
  std::erase(uuid, '-');
  return {static_cast<int64_t>(std::stoull(uuid.substr(0, 16), nullptr, 16)),
          static_cast<int64_t>(std::stoull(uuid.substr(16), nullptr, 16))};
}

inline ChunkMetadata ChunkFrom(const Json& j) {
  return {j["name"], j["length"], TextOrEmpty(j["nextChunk"]), j["status"]};
}

inline SegmentMetadata SegmentFrom(const Json& j) {
  return {j["name"],
          j["length"],
          j["chunkCount"],
          j["startOffset"],
          j["status"],
          j["maxRollinglength"],
          TextOrEmpty(j["firstChunk"]),
          TextOrEmpty(j["lastChunk"]),
          j["lastModified"],
          j["firstChunkStartOffset"],
          j["lastChunkStartOffset"],
          j["ownerEpoch"]};
}

inline StorageMetadata StorageMetadataFrom(const Json& j) {
  if (j.contains("chunkCount")) return SegmentFrom(j);
  if (j.contains("chunkName")) {
    return ReadIndexBlockMetadata{j["name"], j["chunkName"], j["startOffset"], j["status"]};
  }
  return ChunkFrom(j);
}

inline TransactionData TransactionDataFrom(const Json& j) {
  TransactionData data{j["version"], j["key"], {}};
  if (j["hasValue"].get<bool>()) data.value = StorageMetadataFrom(j["value"]);
  return data;
}

inline SegmentInfo SegmentInfoFrom(const Json& j) {
  SegmentInfo info{j["segmentId"], j["name"], j["length"], j["startOffset"], j["sealed"], {}};
  for (const auto& [uuid, value] : j["attributes"].items()) {
    info.attributes[AttributeIdFromUuid(uuid)] = value;
  }
  return info;
}

}  // namespace pdr

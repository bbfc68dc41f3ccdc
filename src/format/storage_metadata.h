// Records of the storage metadata table. docs/formats/lts-chunked.md section 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/status.h"

namespace pdr {

inline constexpr uint32_t kStatusActive = 0x01;
inline constexpr uint32_t kStatusSealed = 0x02;
inline constexpr uint32_t kStatusAtomicWrites = 0x04;
inline constexpr uint32_t kStatusOwnershipChanged = 0x08;
inline constexpr uint32_t kStatusSystemSegment = 0x10;

struct ChunkMetadata {
  std::string name;
  uint64_t length = 0;     // valid bytes in the file
  std::string next_chunk;  // empty = last
  uint32_t status = kStatusActive;
  bool operator==(const ChunkMetadata&) const = default;
};
struct SegmentMetadata {
  std::string name;
  uint64_t length = 0;  // end offset, not affected by truncation
  uint32_t chunk_count = 0;
  uint64_t start_offset = 0;
  uint32_t status = kStatusActive;
  uint64_t max_rolling_length = 0;
  std::string first_chunk;
  std::string last_chunk;
  uint64_t last_modified = 0;
  uint64_t first_chunk_start_offset = 0;
  uint64_t last_chunk_start_offset = 0;
  uint64_t owner_epoch = 0;
  bool operator==(const SegmentMetadata&) const = default;
};
struct ReadIndexBlockMetadata {
  std::string name;
  std::string chunk_name;
  uint64_t start_offset = 0;
  uint32_t status = kStatusActive;
  bool operator==(const ReadIndexBlockMetadata&) const = default;
};
using StorageMetadata = std::variant<ChunkMetadata, SegmentMetadata, ReadIndexBlockMetadata>;

// One typed record, as it stands in table values and snapshots; failures are left in the reader.
StorageMetadata ReadStorageMetadata(ByteReader& r);
void ReadStorageMetadataInto(ByteReader& r, StorageMetadata& record);  // uses its memory again
void WriteStorageMetadata(ByteWriter& w, const StorageMetadata& record);

struct TransactionData {
  int64_t version = 0;
  std::string key;
  std::optional<StorageMetadata> value;  // nothing = delete marker
  bool operator==(const TransactionData&) const = default;
};

StatusOr<TransactionData> DecodeTransactionData(std::string_view bytes);
// Into what may hold another one, whose memory is used again; after an error it holds anything.
Status DecodeTransactionDataInto(std::string_view bytes, TransactionData& data);
// Whether these bytes are worth decoding for who looks for segments: false when they are plainly a
// delete marker or the record of a chunk or a block.
bool MayBeOfSegment(std::string_view transaction_data);
std::string EncodeTransactionData(const TransactionData& data);
// The invariants production checks on every open; the message names the one that is broken.
Status CheckSegmentInvariants(const SegmentMetadata& segment);

}  // namespace pdr

// Table segment entries. docs/formats/table-segments.md sections 1 and 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "format/attributes.h"

namespace pdr {

inline constexpr int64_t kOwnOffsetVersion = kNullAttributeValue;  // "the entry's own offset"
inline constexpr size_t kTableEntryHeaderBytes = 17;
inline constexpr size_t kMaxTableKeyBytes = 8192;
inline constexpr size_t kMaxTableEntryBytes = 1048576;

struct TableEntry {
  std::string_view key;
  std::optional<std::string_view> value;  // nothing = removal
  int64_t explicit_version = kOwnOffsetVersion;
  size_t size = 0;  // bytes of the whole entry

  // The version that decides which entry of a key wins, for an entry at segment offset `offset`.
  int64_t Version(int64_t offset) const {
    return explicit_version >= 0 ? explicit_version : offset;
  }
};

// Decodes the entry at the start of `bytes`. OutOfRange: the bytes end inside the entry (a torn
// tail); DataLoss: these bytes are no entry.
StatusOr<TableEntry> DecodeTableEntry(std::string_view bytes);
void AppendTableEntry(std::string& out, std::string_view key, std::optional<std::string_view> value,
                      int64_t explicit_version = kOwnOffsetVersion);

// The attribute id under which the hash-table index stores a key.
AttributeId TableKeyHash(std::string_view key);
// The same from the key's SHA-256: its first 16 bytes, moved out of the ranges of core attributes
// and back-pointers.
AttributeId TableKeyHashOfDigest(std::string_view digest);
// The attribute id of the back-pointer of the entry at `offset`.
AttributeId TableBackPointer(int64_t offset);

}  // namespace pdr

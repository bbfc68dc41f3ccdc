#include "format/table_entry.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace pdr {
namespace {

constexpr int32_t kRemoval = -1;
constexpr int64_t kBackPointerHigh = std::numeric_limits<int64_t>::max();

}  // namespace

StatusOr<TableEntry> DecodeTableEntry(std::string_view bytes) {
  if (bytes.size() < kTableEntryHeaderBytes) {
    return OutOfRange("table entry: {} of {} header bytes", bytes.size(), kTableEntryHeaderBytes);
  }
  ByteReader r(bytes);
  const uint8_t format = r.U8();
  const int32_t key_length = r.I32();
  const int32_t value_length = r.I32();
  TableEntry entry;
  entry.explicit_version = r.I64();
  if (format != 0) return DataLoss("table entry: format version {}, not 0", format);
  if (key_length < 1 || static_cast<size_t>(key_length) > kMaxTableKeyBytes ||
      value_length < kRemoval ||
      static_cast<int64_t>(key_length) + value_length > int64_t{kMaxTableEntryBytes}) {
    return DataLoss("table entry: key length {}, value length {}", key_length, value_length);
  }
  if (entry.explicit_version < 0 && entry.explicit_version != kOwnOffsetVersion) {
    return DataLoss("table entry: version {}", entry.explicit_version);
  }
  entry.key = r.Take(static_cast<size_t>(key_length));
  if (value_length != kRemoval) entry.value = r.Take(static_cast<size_t>(value_length));
  if (!r.ok()) {
    return OutOfRange("table entry: key length {}, value length {}, {} bytes left", key_length,
                      value_length, bytes.size());
  }
  entry.size = r.position();
  return entry;
}

void AppendTableEntry(std::string& out, std::string_view key, std::optional<std::string_view> value,
                      int64_t explicit_version) {
  ByteWriter w;
  w.U8(0).U32(key.size());
  w.I32(value ? static_cast<int32_t>(value->size()) : kRemoval).I64(explicit_version);
  out.append(w.bytes()).append(key);
  if (value) out.append(*value);
}

AttributeId TableKeyHash(std::string_view key) { return TableKeyHashOfDigest(Sha256(key)); }

AttributeId TableKeyHashOfDigest(std::string_view digest) {
  ByteReader r(digest);
  AttributeId id;
  id.high = r.I64();
  id.low = r.I64();
  if (id.high == kCoreHigh) ++id.high;
  if (id.high == kBackPointerHigh) --id.high;
  return id;
}

AttributeId TableBackPointer(int64_t offset) { return {kBackPointerHigh, offset}; }

}  // namespace pdr

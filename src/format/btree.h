// Attribute-index B+tree pages. docs/formats/attribute-index.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/attributes.h"

namespace pdr {

inline constexpr size_t kBtreeFooterBytes = 12;
inline constexpr size_t kBtreeMaxPageBytes = 32767;

struct BtreeFooter {
  int64_t root_offset = 0;  // segment offset
  int32_t root_length = 0;
};
StatusOr<BtreeFooter> DecodeBtreeFooter(std::string_view bytes);  // exactly 12 bytes

struct BtreeLeafEntry {
  std::string key;  // as stored: unsigned byte order
  int64_t value = 0;
  bool operator==(const BtreeLeafEntry&) const = default;
};
struct BtreeChild {
  std::string key;
  int64_t offset = 0;
  int32_t length = 0;
  int64_t min_offset = 0;
};
struct BtreePage {
  bool index_page = false;
  int32_t id = 0;
  std::vector<BtreeLeafEntry> entries;  // of a leaf
  std::vector<BtreeChild> children;     // of an index page
};
// key_length in bytes (16, or ATTRIBUTE_ID_LENGTH). Checks ids, counts, order, length.
StatusOr<BtreePage> DecodeBtreePage(std::string_view bytes, size_t key_length);

// A page read in place: the same checks, without a copy. Valid as long as the bytes are.
class BtreePageView {
 public:
  static StatusOr<BtreePageView> Parse(std::string_view bytes, size_t key_length);

  bool index_page() const { return index_page_; }
  int32_t id() const { return id_; }
  size_t count() const { return count_; }
  std::string_view key(size_t i) const { return Entry(i).substr(0, key_length_); }
  int64_t value(size_t i) const;                  // of a leaf
  BtreeChild child(size_t i) const;               // of an index page, without its key
  size_t UpperBound(std::string_view key) const;  // index of the first entry above `key`

 private:
  std::string_view Entry(size_t i) const { return entries_.substr(i * entry_size_, entry_size_); }
  Status CheckEntries() const;

  std::string_view entries_;
  size_t key_length_ = 0;
  size_t entry_size_ = 0;
  size_t count_ = 0;
  bool index_page_ = false;
  int32_t id_ = 0;
};

struct BtreeStatistics {
  uint64_t entry_count = 0;
  uint64_t page_count = 0;
};
// The bytes between root page and footer; empty input = none.
StatusOr<std::optional<BtreeStatistics>> DecodeBtreeStatistics(std::string_view bytes);

struct BtreeOptions {
  size_t key_length = 16;
  size_t max_page_bytes = kBtreeMaxPageBytes;
  bool statistics = false;  // only fixed-key table segments
  int64_t base_offset = 0;  // segment offset of the first byte written
};
// Bulk-loads `entries` (sorted by key, unique, key_length bytes each) into a complete index:
// leaves, index levels, root, optional statistics, footer. The footer is the last 12 bytes. Same
// input, same bytes. A page must have room for two children. Leaves and index pages are the fewest
// possible, evenly filled, as production splits them; page ids count from 1.
std::string BulkLoadBtree(const std::vector<BtreeLeafEntry>& entries, const BtreeOptions& options);

// The stored form of a 16-byte attribute id: both halves XOR 2^63, big-endian.
std::string BtreeKey(const AttributeId& id);
AttributeId BtreeKeyToAttributeId(std::string_view key);  // key.size() == 16

}  // namespace pdr

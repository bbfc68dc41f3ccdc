// A hash-layout table segment laid out at once: entries and the B+tree attribute index over them.
// docs/formats/table-segments.md section 3, attribute-index.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/attributes.h"
#include "format/btree.h"

namespace pdr {

struct TableRow {
  std::string key;
  std::string value;
};

struct TableImage {
  std::string data;   // one put entry per row, in the order given
  std::string index;  // complete attribute index, footer last
  uint64_t entries = 0;
  uint64_t buckets = 0;  // distinct key hashes
};

// Rows have distinct keys. Same rows, same bytes.
TableImage BuildTableImage(const std::vector<TableRow>& rows);

// The index of a hash table whose live entries are known: (key, offset of its newest entry).
struct IndexedKey {
  std::string_view key;
  int64_t offset = 0;
};
// Sorted, with back-pointers between keys that share a hash (newest first).
std::vector<BtreeLeafEntry> HashIndexEntries(const std::vector<IndexedKey>& keys);

// The core attributes of a new, empty table segment of `type`, as production creates it.
Attributes NewTableAttributes(int64_t type);

// The core attributes of a table segment whose index covers exactly its `length` bytes.
Attributes SystemTableAttributes(uint64_t length, uint64_t entries);

}  // namespace pdr

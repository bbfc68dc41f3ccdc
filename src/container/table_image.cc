#include "container/table_image.h"

#include <algorithm>
#include <map>

#include "format/table_entry.h"

namespace pdr {
namespace {

constexpr int64_t kDefaultMinUtilization = 75;  // percent
constexpr int64_t kTableRolloverBytes = 16777216;

}  // namespace

std::vector<BtreeLeafEntry> HashIndexEntries(const std::vector<IndexedKey>& keys) {
  std::map<AttributeId, std::vector<int64_t>> buckets;
  for (const IndexedKey& k : keys) buckets[TableKeyHash(k.key)].push_back(k.offset);
  std::vector<BtreeLeafEntry> out;
  out.reserve(keys.size());
  for (auto& [hash, offsets] : buckets) {
    std::sort(offsets.rbegin(), offsets.rend());
    out.push_back({BtreeKey(hash), offsets[0]});
    for (size_t i = 1; i < offsets.size(); ++i) {
      out.push_back({BtreeKey(TableBackPointer(offsets[i - 1])), offsets[i]});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const BtreeLeafEntry& a, const BtreeLeafEntry& b) { return a.key < b.key; });
  return out;
}

TableImage BuildTableImage(const std::vector<TableRow>& rows) {
  TableImage image;
  std::vector<IndexedKey> keys;
  keys.reserve(rows.size());
  for (const TableRow& row : rows) {
    keys.push_back({row.key, static_cast<int64_t>(image.data.size())});
    AppendTableEntry(image.data, row.key, row.value);
  }
  std::vector<BtreeLeafEntry> index = HashIndexEntries(keys);
  image.entries = rows.size();
  image.buckets =
      static_cast<uint64_t>(std::count_if(index.begin(), index.end(), [](const BtreeLeafEntry& e) {
        return BtreeKeyToAttributeId(e.key).high != TableBackPointer(0).high;
      }));
  image.index = BulkLoadBtree(index, {});
  return image;
}

Attributes NewTableAttributes(int64_t type) {
  Attributes a = {{kRolloverSize, kTableRolloverBytes}, {kSegmentType, type}};
  for (AttributeId id : {kIndexOffset, kEntryCount, kBucketCount, kTotalEntryCount,
                         kCompactionOffset, kTableRetired}) {
    a[id] = 0;
  }
  a[kMinUtilization] = kDefaultMinUtilization;
  return a;
}

Attributes SystemTableAttributes(uint64_t length, uint64_t entries) {
  Attributes a = NewTableAttributes(kTypeSystemTable);
  a[kIndexOffset] = static_cast<int64_t>(length);
  for (AttributeId id : {kEntryCount, kBucketCount, kTotalEntryCount}) {
    a[id] = static_cast<int64_t>(entries);
  }
  return a;
}

}  // namespace pdr

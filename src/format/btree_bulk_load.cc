// BulkLoadBtree of btree.h. docs/formats/attribute-index.md sections 1 and 2.
#include "format/btree.h"
#include "format/btree_page.h"
#include "format/serializer.h"

namespace pdr {
namespace {

// A page that has been written, as its parent will point to it.
struct Node {
  std::string_view key;  // lower bound of the keys below
  int64_t offset = 0;
  int32_t length = 0;
  int64_t min_offset = 0;
};

class BulkLoader {
 public:
  explicit BulkLoader(const BtreeOptions& options)
      : options_(options), zero_key_(options.key_length, '\0') {}

  std::string Load(const std::vector<BtreeLeafEntry>& entries) {
    std::vector<Node> level = WriteLeaves(entries);
    while (level.size() > 1) level = WriteIndexLevel(level);
    if (options_.statistics) {
      WriteObject(w_, [&](ByteWriter& body) {
        WriteCompactLong(body, entries.size());
        WriteCompactLong(body, page_count_);
      });
    }
    w_.I64(level[0].offset).I32(level[0].length);
    return w_.Take();
  }

 private:
  size_t Capacity(size_t value_bytes) const {
    return (options_.max_page_bytes - kPageBytesBesidesEntries) /
           (options_.key_length + value_bytes);
  }

  // Calls page(first, count) for `items` items spread over the fewest pages.
  template <typename Page>
  static void Distribute(size_t items, size_t capacity, Page&& page) {
    size_t pages = (items + capacity - 1) / capacity;
    for (size_t first = 0; pages > 0; --pages) {
      const size_t count = (items - first) / pages;
      page(first, count);
      first += count;
    }
  }

  template <typename Entries>
  Node WritePage(uint8_t flags, size_t count, Entries&& write_entries) {
    Node node;
    const size_t begin = w_.size();
    const auto id = static_cast<int32_t>(++page_count_);
    w_.U8(0).U8(flags).I32(id).I32(static_cast<int32_t>(count));
    write_entries();
    w_.I32(id);
    node.offset = options_.base_offset + static_cast<int64_t>(begin);
    node.min_offset = node.offset;
    node.length = static_cast<int32_t>(w_.size() - begin);
    return node;
  }

  std::vector<Node> WriteLeaves(const std::vector<BtreeLeafEntry>& entries) {
    std::vector<Node> level;
    const auto leaf = [&](size_t first, size_t count) {
      Node node = WritePage(0, count, [&] {
        for (size_t i = first; i < first + count; ++i) {
          w_.Put(entries[i].key).I64(entries[i].value);
        }
      });
      if (first > 0) node.key = entries[first].key;
      level.push_back(node);
    };
    Distribute(entries.size(), Capacity(kLeafValueBytes), leaf);
    if (entries.empty()) leaf(0, 0);
    // Of every level the first page takes all keys below the second one's.
    level[0].key = zero_key_;
    return level;
  }

  std::vector<Node> WriteIndexLevel(const std::vector<Node>& children) {
    std::vector<Node> level;
    Distribute(children.size(), Capacity(kChildBytes), [&](size_t first, size_t count) {
      Node node = WritePage(kIndexPageFlag, count, [&] {
        for (size_t i = first; i < first + count; ++i) {
          const Node& child = children[i];
          w_.Put(child.key).I64(child.offset).U16(static_cast<uint16_t>(child.length));
          w_.I64(child.min_offset);
        }
      });
      node.key = children[first].key;
      node.min_offset = children[first].min_offset;  // written first of all that is below
      level.push_back(node);
    });
    return level;
  }

  const BtreeOptions& options_;
  const std::string zero_key_;
  ByteWriter w_;
  uint64_t page_count_ = 0;
};

}  // namespace

std::string BulkLoadBtree(const std::vector<BtreeLeafEntry>& entries, const BtreeOptions& options) {
  return BulkLoader(options).Load(entries);
}

}  // namespace pdr

#include "verify/index_walk.h"

#include <algorithm>

#include "format/btree.h"

namespace pdr::verify {
namespace {

constexpr int kMaxDepth = 64;

class Walker {
 public:
  Walker(SegmentBytes& bytes, size_t key_length, uint64_t footer,
         const std::function<void(const std::string&, int64_t)>& visit)
      : bytes_(bytes), key_length_(key_length), budget_(footer), visit_(visit) {}

  // Visits the page, whose keys must lie in [low, high); `high` empty = no bound. Returns the
  // smallest offset of a page in its subtree.
  StatusOr<int64_t> Page(uint64_t offset, uint64_t length, const std::string& low,
                         const std::string& high, int depth) {
    // Pages do not overlap, so all of them together are not longer than what lies below the footer;
    // a file that says otherwise would have us walk for ever.
    if (length > budget_) return DataLoss("pages are used more than once");
    if (length > kBtreeMaxPageBytes) return DataLoss("page at {} of {} bytes", offset, length);
    if (depth > kMaxDepth) return DataLoss("more than {} levels of pages", kMaxDepth);
    budget_ -= length;
    ASSIGN_OR_RETURN(std::string raw, bytes_.Read(offset, static_cast<size_t>(length)));
    StatusOr<BtreePage> page = DecodeBtreePage(raw, key_length_);
    if (!page.ok()) return DataLoss("page at {}: {}", offset, Message(page.status()));
    int64_t smallest = static_cast<int64_t>(offset);
    if (!page->index_page) {
      RETURN_IF_ERROR(Leaf(*page, offset, low, high));
      return smallest;
    }
    if (page->children.empty()) return DataLoss("index page at {} has no children", offset);
    for (size_t i = 0; i < page->children.size(); ++i) {
      const bool last = i + 1 == page->children.size();
      ASSIGN_OR_RETURN(int64_t below,
                       Child(page->children[i], offset, i == 0 ? low : page->children[i].key,
                             last ? high : page->children[i + 1].key, depth + 1));
      smallest = std::min(smallest, below);
    }
    return smallest;
  }

 private:
  // A lookup takes the last child whose key is not above the sought one.
  StatusOr<int64_t> Child(const BtreeChild& child, uint64_t parent, const std::string& low,
                          const std::string& high, int depth) {
    if (child.key > low || (!high.empty() && child.key >= high)) {
      return DataLoss("index page at {}: lookups go astray", parent);
    }
    if (child.offset < 0 || child.length <= 0 ||
        static_cast<uint64_t>(child.offset) + static_cast<uint64_t>(child.length) > parent) {
      return DataLoss("index page at {}: a child does not lie below it", parent);
    }
    ASSIGN_OR_RETURN(int64_t smallest, Page(static_cast<uint64_t>(child.offset),
                                            static_cast<uint64_t>(child.length), low, high, depth));
    // Production truncates the index there after its next update.
    if (child.min_offset > smallest) {
      return DataLoss("index page at {}: smallest offset {} of a child, it has pages from {} on",
                      parent, child.min_offset, smallest);
    }
    return smallest;
  }

  Status Leaf(const BtreePage& page, uint64_t offset, const std::string& low,
              const std::string& high) {
    for (const BtreeLeafEntry& entry : page.entries) {
      if (entry.key < low || (!high.empty() && entry.key >= high)) {
        return DataLoss("page at {}: no lookup reaches one of its keys", offset);
      }
      visit_(entry.key, entry.value);
    }
    return OkStatus();
  }

  SegmentBytes& bytes_;
  size_t key_length_;
  uint64_t budget_;
  const std::function<void(const std::string&, int64_t)>& visit_;
};

}  // namespace

Status WalkIndex(SegmentBytes& bytes, std::optional<int64_t> footer, size_t key_length,
                 const std::function<void(const std::string& key, int64_t value)>& visit) {
  const uint64_t length = bytes.end();
  if (length <= kBtreeFooterBytes) return OkStatus();  // an empty index
  const uint64_t last = length - kBtreeFooterBytes;
  if (footer.has_value() && (*footer < 0 || static_cast<uint64_t>(*footer) > last)) {
    return DataLoss("the footer would be at {}, the index has {} bytes", *footer, length);
  }
  const uint64_t at = footer.has_value() ? static_cast<uint64_t>(*footer) : last;
  ASSIGN_OR_RETURN(std::string raw, bytes.Read(at, kBtreeFooterBytes));
  StatusOr<BtreeFooter> root = DecodeBtreeFooter(raw);
  if (!root.ok()) return DataLoss("footer at {}: {}", at, Message(root.status()));
  if (root->root_offset < 0 || root->root_length <= 0 ||
      static_cast<uint64_t>(root->root_offset) + static_cast<uint64_t>(root->root_length) > at) {
    return DataLoss("footer at {}: no root page of {} bytes at {}", at, root->root_length,
                    root->root_offset);
  }
  // Statistics lie between root and footer; what is there must be readable.
  const uint64_t root_end =
      static_cast<uint64_t>(root->root_offset) + static_cast<uint64_t>(root->root_length);
  if (at - root_end <= kBtreeMaxPageBytes) {
    ASSIGN_OR_RETURN(std::string area, bytes.Read(root_end, static_cast<size_t>(at - root_end)));
    StatusOr<std::optional<BtreeStatistics>> statistics = DecodeBtreeStatistics(area);
    if (!statistics.ok()) return DataLoss("statistics: {}", Message(statistics.status()));
  } else {
    return DataLoss("{} bytes lie between root page and footer", at - root_end);
  }
  return Walker(bytes, key_length, at, visit)
      .Page(static_cast<uint64_t>(root->root_offset), static_cast<uint64_t>(root->root_length),
            std::string(key_length, '\0'), "", 0)
      .status();
}

}  // namespace pdr::verify

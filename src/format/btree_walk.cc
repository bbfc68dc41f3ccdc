#include "format/btree_walk.h"

#include <algorithm>

namespace pdr {
namespace {

constexpr int kMaxDepth = 64;

struct PageBytes {
  int64_t offset = 0;
  std::string bytes;
};

StatusOr<PageBytes> ReadPage(const BtreeRead& read, int64_t offset, int32_t length) {
  PageBytes page{offset, {}};
  ASSIGN_OR_RETURN(page.bytes, read(offset, length));
  if (page.bytes.size() != static_cast<size_t>(length)) {
    return DataLoss("B+tree page at {}: {} of {} bytes", offset, page.bytes.size(), length);
  }
  return page;
}

StatusOr<BtreePageView> ParsePage(const PageBytes& page, size_t key_length) {
  auto view = BtreePageView::Parse(page.bytes, key_length);
  if (!view.ok()) return Annotate(view.status(), fmt::format("at {}", page.offset));
  return view;
}

Status CheckChild(const BtreeChild& child, int64_t parent, int depth) {
  if (child.offset >= parent - child.length + 1) {
    return DataLoss("B+tree page at {}: its child of {} bytes at {} does not lie before it", parent,
                    child.length, child.offset);
  }
  if (depth >= kMaxDepth) return DataLoss("B+tree page at {}: deeper than {}", parent, kMaxDepth);
  return OkStatus();
}

class Walk {
 public:
  Walk(const BtreeRead& read, size_t key_length, const BtreeVisitor& visit)
      : read_(read), key_length_(key_length), visit_(visit) {}

  // Keys below the page at `offset` must be >= low and, where there is one, < high.
  Status Page(int64_t offset, int32_t length, std::string_view low,
              std::optional<std::string_view> high, int depth) {
    ASSIGN_OR_RETURN(const PageBytes page, ReadPage(read_, offset, length));
    ASSIGN_OR_RETURN(const BtreePageView view, ParsePage(page, key_length_));
    if (view.count() == 0) {
      if (depth == 1 && !view.index_page()) return OkStatus();
      return DataLoss("B+tree page at {}: empty below the root", offset);
    }
    // An index page's own first key may be below its parent's (section 2); only leaves count.
    const bool below = !view.index_page() && view.key(0) < low;
    if (below || (high && view.key(view.count() - 1) >= *high)) {
      return DataLoss("B+tree page at {}: keys outside the bounds its parent gives", offset);
    }
    return view.index_page() ? Children(view, offset, low, high, depth) : Entries(view);
  }

 private:
  Status Children(const BtreePageView& view, int64_t offset, std::string_view low,
                  std::optional<std::string_view> high, int depth) {
    for (size_t i = 0; i < view.count(); ++i) {
      const BtreeChild child = view.child(i);
      RETURN_IF_ERROR(CheckChild(child, offset, depth));
      const std::string_view child_low = std::max(low, view.key(i));
      const bool last = i + 1 == view.count();
      const std::optional<std::string_view> child_high = last ? high : view.key(i + 1);
      RETURN_IF_ERROR(Page(child.offset, child.length, child_low, child_high, depth + 1));
    }
    return OkStatus();
  }

  Status Entries(const BtreePageView& view) {
    for (size_t i = 0; i < view.count(); ++i) {
      RETURN_IF_ERROR(visit_(view.key(i), view.value(i)));
    }
    return OkStatus();
  }

  const BtreeRead& read_;
  const size_t key_length_;
  const BtreeVisitor& visit_;
};

}  // namespace

StatusOr<std::optional<int64_t>> LookupBtree(const BtreeRead& read, const BtreeFooter& footer,
                                             std::string_view key) {
  ASSIGN_OR_RETURN(PageBytes page, ReadPage(read, footer.root_offset, footer.root_length));
  for (int depth = 1;; ++depth) {
    ASSIGN_OR_RETURN(const BtreePageView view, ParsePage(page, key.size()));
    const size_t above = view.UpperBound(key);
    if (!view.index_page()) {
      if (above == 0 || view.key(above - 1) != key) return std::optional<int64_t>();
      return std::optional<int64_t>(view.value(above - 1));
    }
    if (above == 0) return DataLoss("B+tree page at {}: no entry at or below a key", page.offset);
    const BtreeChild child = view.child(above - 1);
    RETURN_IF_ERROR(CheckChild(child, page.offset, depth));
    ASSIGN_OR_RETURN(page, ReadPage(read, child.offset, child.length));
  }
}

Status WalkBtree(const BtreeRead& read, const BtreeFooter& footer, size_t key_length,
                 const BtreeVisitor& visit) {
  const std::string lowest(key_length, '\0');
  return Walk(read, key_length, visit)
      .Page(footer.root_offset, footer.root_length, lowest, std::nullopt, 1);
}

}  // namespace pdr

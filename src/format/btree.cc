#include "format/btree.h"

#include "format/btree_page.h"
#include "format/serializer.h"

namespace pdr {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

}  // namespace

StatusOr<BtreeFooter> DecodeBtreeFooter(std::string_view bytes) {
  if (bytes.size() != kBtreeFooterBytes) {
    return DataLoss("attribute index footer: {} bytes, not {}", bytes.size(), kBtreeFooterBytes);
  }
  ByteReader r(bytes);
  BtreeFooter footer;
  footer.root_offset = r.I64();
  footer.root_length = r.I32();
  if (footer.root_offset < 0 ||
      footer.root_length < static_cast<int32_t>(kPageBytesBesidesEntries) ||
      footer.root_length > static_cast<int32_t>(kBtreeMaxPageBytes)) {
    return DataLoss("attribute index footer: root page at {}, {} bytes", footer.root_offset,
                    footer.root_length);
  }
  return footer;
}

StatusOr<BtreePageView> BtreePageView::Parse(std::string_view bytes, size_t key_length) {
  ByteReader r(bytes);
  BtreePageView page;
  const uint8_t format = r.U8();
  const uint8_t flags = r.U8();
  page.id_ = r.I32();
  page.count_ = r.U32();
  if (!r.ok() || format != 0 || (flags & ~kIndexPageFlag) != 0) {
    return DataLoss("B+tree page: {} bytes, format version {}, flags {}", bytes.size(), format,
                    flags);
  }
  page.index_page_ = flags == kIndexPageFlag;
  page.key_length_ = key_length;
  page.entry_size_ = key_length + (page.index_page_ ? kChildBytes : kLeafValueBytes);
  if (bytes.size() != kPageBytesBesidesEntries + page.count_ * page.entry_size_) {
    return DataLoss("B+tree page: {} entries of {} bytes in {} bytes", page.count_,
                    page.entry_size_, bytes.size());
  }
  page.entries_ = r.Take(page.count_ * page.entry_size_);
  const int32_t id_again = r.I32();
  if (id_again != page.id_) {
    return DataLoss("B+tree page: id {:08x} at its start, {:08x} at its end",
                    static_cast<uint32_t>(page.id_), static_cast<uint32_t>(id_again));
  }
  RETURN_IF_ERROR(page.CheckEntries());
  return page;
}

Status BtreePageView::CheckEntries() const {
  for (size_t i = 0; i < count_; ++i) {
    if (i > 0 && key(i) <= key(i - 1)) {
      return DataLoss("B+tree page {:08x}: entry {} is out of order", static_cast<uint32_t>(id_),
                      i);
    }
    if (!index_page_) continue;
    const BtreeChild c = child(i);
    if (c.length < static_cast<int32_t>(kPageBytesBesidesEntries) || c.min_offset < 0 ||
        c.min_offset > c.offset) {
      return DataLoss("B+tree page {:08x}: entry {} points to {} bytes at {}, lowest {}",
                      static_cast<uint32_t>(id_), i, c.length, c.offset, c.min_offset);
    }
  }
  return OkStatus();
}

int64_t BtreePageView::value(size_t i) const {
  return ByteReader(Entry(i).substr(key_length_)).I64();
}

BtreeChild BtreePageView::child(size_t i) const {
  ByteReader r(Entry(i).substr(key_length_));
  BtreeChild c;
  c.offset = r.I64();
  c.length = r.I16();
  c.min_offset = r.I64();
  return c;
}

size_t BtreePageView::UpperBound(std::string_view sought) const {
  size_t low = 0;
  for (size_t high = count_; low < high;) {
    const size_t middle = low + (high - low) / 2;
    if (key(middle) <= sought) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

StatusOr<BtreePage> DecodeBtreePage(std::string_view bytes, size_t key_length) {
  ASSIGN_OR_RETURN(const BtreePageView view, BtreePageView::Parse(bytes, key_length));
  BtreePage page;
  page.index_page = view.index_page();
  page.id = view.id();
  for (size_t i = 0; i < view.count(); ++i) {
    if (view.index_page()) {
      page.children.push_back(view.child(i));
      page.children.back().key = view.key(i);
    } else {
      page.entries.push_back({std::string(view.key(i)), view.value(i)});
    }
  }
  return page;
}

StatusOr<std::optional<BtreeStatistics>> DecodeBtreeStatistics(std::string_view bytes) {
  if (bytes.empty()) return std::optional<BtreeStatistics>();
  BtreeStatistics statistics;
  ByteReader r(bytes);
  ReadObject(r, "B+tree statistics", [&statistics](ByteReader& body) {
    statistics.entry_count = ReadCompactLong(body);
    statistics.page_count = ReadCompactLong(body);
  });
  RETURN_IF_ERROR(FinishObject(r, "B+tree statistics"));
  return std::optional<BtreeStatistics>(statistics);
}

std::string BtreeKey(const AttributeId& id) {
  ByteWriter w;
  w.U64(static_cast<uint64_t>(id.high) ^ kSignBit).U64(static_cast<uint64_t>(id.low) ^ kSignBit);
  return w.Take();
}

AttributeId BtreeKeyToAttributeId(std::string_view key) {
  ByteReader r(key);
  AttributeId id;
  id.high = static_cast<int64_t>(r.U64() ^ kSignBit);
  id.low = static_cast<int64_t>(r.U64() ^ kSignBit);
  return id;
}

}  // namespace pdr

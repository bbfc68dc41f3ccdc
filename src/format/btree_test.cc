#include "format/btree.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/testing/btree_image.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

// "(-1,5)" as a stored key.
std::string KeyFrom(const std::string& text) {
  const size_t comma = text.find(',');
  return BtreeKey({std::stoll(text.substr(1)), std::stoll(text.substr(comma + 1))});
}

std::vector<BtreeLeafEntry> EntriesFrom(const Json& entries) {
  std::vector<BtreeLeafEntry> out;
  for (const Json& e : entries) out.push_back({KeyFrom(e[0]), e[1]});
  return out;
}

// The vectors' page ids are random: puts those of `image`'s pages into the same pages of `ours`.
void CopyPageIds(const std::string& image, std::string& ours, int64_t offset, int32_t length) {
  const auto at = static_cast<size_t>(offset);
  ours.replace(at + 2, 4, image, at + 2, 4);
  ours.replace(at + static_cast<size_t>(length) - 4, 4, image, at + 2, 4);
  const auto page = DecodeBtreePage(ours.substr(at, static_cast<size_t>(length)), 16);
  ASSERT_TRUE(page.ok()) << Message(page.status());
  for (const BtreeChild& child : page->children) {
    CopyPageIds(image, ours, child.offset, child.length);
  }
}

// The last update of the vector, made anew in one load on top of what lies before it.
void ExpectSameBytes(const Json& v, const BtreeOptions& options) {
  const std::string image = FromHex(v["hex"]);
  const auto begin = static_cast<size_t>(options.base_offset);
  std::string ours = image.substr(0, begin) + BulkLoadBtree(Walked(image, 16), options);
  ASSERT_EQ(ours.size(), image.size());
  const BtreeFooter footer = FooterOf(ours);
  CopyPageIds(image, ours, footer.root_offset, footer.root_length);
  EXPECT_EQ(ToHex(ours), v["hex"]);
}

TEST(Btree, Vectors) {
  const Json vectors = LoadVectors("attribute_index.json")["vectors"];
  EXPECT_EQ(vectors.size(), 6u);
  std::vector<BtreeLeafEntry> nine;
  for (const Json& v : vectors) {
    const std::string name = v["name"];
    SCOPED_TRACE(name);
    const Json& f = v["fields"];
    const std::string image = FromHex(v["hex"]);
    EXPECT_EQ(image.size() - kBtreeFooterBytes, f["returnedFooterOffset"]);
    const auto entries = Walked(image, 16);
    if (f.contains("entries")) {
      EXPECT_EQ(entries, EntriesFrom(f["entries"]));
    }
    if (name == "btree_3entries_oneLeaf") {
      ExpectSameBytes(v, {});
    } else if (name == "btree_9entries_pageSize100_split") {
      nine = entries;
      ExpectSameBytes(v, {.max_page_bytes = 100});
    } else if (name == "btree_stats_2entries") {
      ExpectSameBytes(v, {.statistics = true});
      const auto statistics = DecodeBtreeStatistics(std::string_view(image).substr(62, 10));
      ASSERT_TRUE(statistics.ok() && *statistics);
      EXPECT_EQ((*statistics)->entry_count, f["entryCount"]);
      EXPECT_EQ((*statistics)->page_count, f["pageCount"]);
    } else if (name == "btree_9entries_updateOne") {
      // Same keys, one other value: only the rewritten pages are new.
      ASSERT_EQ(entries.size(), nine.size());
      size_t changed = 0;
      for (size_t i = 0; i < nine.size(); ++i) {
        EXPECT_EQ(entries[i].key, nine[i].key);
        if (entries[i].value != nine[i].value) ++changed;
      }
      EXPECT_EQ(changed, 1u);
    } else {  // a second update rewrote the only leaf
      ExpectSameBytes(v, {.base_offset = FooterOf(image).root_offset});
    }
  }
}

TEST(Btree, EmptyStatisticsAreNone) {
  EXPECT_EQ(*DecodeBtreeStatistics(""), std::nullopt);
  EXPECT_FALSE(DecodeBtreeStatistics("x").ok());
}

std::string Leaf() {
  return BulkLoadBtree({{BtreeKey({1, 1}), 5}, {BtreeKey({1, 2}), 6}}, {}).substr(0, 62);
}

TEST(BtreePage, DamageIsRefused) {
  ASSERT_TRUE(DecodeBtreePage(Leaf(), 16).ok());
  for (size_t n = 0; n < Leaf().size(); ++n) {
    EXPECT_FALSE(DecodeBtreePage(Leaf().substr(0, n), 16).ok()) << n;
  }
  EXPECT_FALSE(DecodeBtreePage(Leaf() + "x", 16).ok());
  // Format version, flags, both ids, the count, and the order of the keys.
  for (const size_t at : {0, 1, 2, 9, 61, 34}) {
    std::string page = Leaf();
    page[at] = static_cast<char>(page[at] ^ 0xff);
    EXPECT_FALSE(DecodeBtreePage(page, 16).ok()) << at;
  }
  EXPECT_FALSE(DecodeBtreePage(Leaf(), 17).ok());
}

TEST(BtreePage, EqualKeysAreRefused) {
  std::string page = Leaf();
  page.replace(34, 16, page, 10, 16);
  EXPECT_FALSE(DecodeBtreePage(page, 16).ok());
}

TEST(BtreePage, ChildrenThatCannotBeAreRefused) {
  const auto page = [](int64_t offset, uint16_t length, int64_t min_offset) {
    ByteWriter w;
    w.U8(0).U8(1).I32(7).I32(1).Put(std::string(16, '\0'));
    w.I64(offset).U16(length).I64(min_offset).I32(7);
    return DecodeBtreePage(w.bytes(), 16).status();
  };
  EXPECT_TRUE(page(100, 14, 100).ok());
  EXPECT_FALSE(page(100, 13, 100).ok());
  EXPECT_FALSE(page(100, 0x8000, 100).ok());
  EXPECT_FALSE(page(100, 14, 101).ok());
  EXPECT_FALSE(page(100, 14, -1).ok());
  EXPECT_FALSE(page(-1, 14, -1).ok());
}

TEST(BtreeFooter, OnlyPagesThatCanBe) {
  const auto footer = [](int64_t offset, int32_t length) {
    ByteWriter w;
    w.I64(offset).I32(length);
    return DecodeBtreeFooter(w.bytes()).status();
  };
  EXPECT_TRUE(footer(0, 14).ok());
  EXPECT_TRUE(footer(5, 32767).ok());
  EXPECT_FALSE(footer(-1, 14).ok());
  EXPECT_FALSE(footer(0, 13).ok());
  EXPECT_FALSE(footer(0, -14).ok());
  EXPECT_FALSE(footer(0, 32768).ok());
  EXPECT_FALSE(DecodeBtreeFooter(std::string(11, '\0')).ok());
  EXPECT_FALSE(DecodeBtreeFooter(std::string(13, '\0')).ok());
}

}  // namespace
}  // namespace pdr

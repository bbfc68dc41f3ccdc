#include "format/btree_walk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/bytes.h"
#include "format/testing/btree_image.h"

namespace pdr {
namespace {

// `count` keys of `key_length` bytes, spread by a multiplier that is odd, so that all differ.
std::vector<BtreeLeafEntry> Entries(size_t count, size_t key_length, uint64_t seed) {
  std::map<std::string, int64_t> sorted;
  for (uint64_t i = 0; i < count; ++i) {
    ByteWriter w;
    w.U64((i + 1) * (seed | 1)).U64(i);
    sorted[w.Take().substr(0, key_length)] = static_cast<int64_t>(i * 7) - 5;
  }
  std::vector<BtreeLeafEntry> entries;
  for (const auto& [key, value] : sorted) entries.push_back({key, value});
  return entries;
}

int64_t SmallestPage(const std::string& image, int64_t base, int64_t offset, int32_t length) {
  const auto bytes = *ReadFrom(image, base)(offset, length);
  const auto page = DecodeBtreePage(bytes, 16);
  EXPECT_TRUE(page.ok());
  int64_t smallest = offset;
  for (const BtreeChild& child : page->children) {
    const int64_t below = SmallestPage(image, base, child.offset, child.length);
    EXPECT_EQ(child.min_offset, below);
    smallest = std::min(smallest, below);
  }
  return smallest;
}

void ExpectHolds(const std::vector<BtreeLeafEntry>& entries, const BtreeOptions& options) {
  const std::string image = BulkLoadBtree(entries, options);
  EXPECT_EQ(image, BulkLoadBtree(entries, options));
  EXPECT_EQ(Walked(image, options.key_length, options.base_offset), entries);
  const BtreeRead read = ReadFrom(image, options.base_offset);
  const BtreeFooter footer = FooterOf(image);
  for (size_t i = 0; i < entries.size(); i += 1 + entries.size() / 50) {
    const auto found = LookupBtree(read, footer, entries[i].key);
    ASSERT_TRUE(found.ok()) << Message(found.status());
    EXPECT_EQ(*found, entries[i].value);
  }
  const std::string lowest(options.key_length, '\0');
  const std::string highest(options.key_length, '\xff');
  const bool has_lowest = !entries.empty() && entries.front().key == lowest;
  EXPECT_EQ(LookupBtree(read, footer, lowest)->has_value(), has_lowest);
  EXPECT_EQ(*LookupBtree(read, footer, highest), std::nullopt);
}

TEST(BulkLoad, EverySmallSizeReadsBack) {
  for (size_t count = 0; count < 200; ++count) {
    ExpectHolds(Entries(count, 16, 0x9e3779b97f4a7c15), {.max_page_bytes = 100});
  }
}

TEST(BulkLoad, ManyLevels) {
  const auto entries = Entries(20000, 16, 0x9e3779b97f4a7c15);
  const BtreeOptions options{.max_page_bytes = 100, .base_offset = 4096};
  ExpectHolds(entries, options);
  const std::string image = BulkLoadBtree(entries, options);
  const BtreeFooter footer = FooterOf(image);
  EXPECT_EQ(SmallestPage(image, 4096, footer.root_offset, footer.root_length), 4096);
}

TEST(BulkLoad, PagesStayBelowTheLimitAndStatisticsCountThem) {
  const auto entries = Entries(5000, 16, 3);
  const std::string image = BulkLoadBtree(entries, {.statistics = true});
  const BtreeFooter footer = FooterOf(image);
  EXPECT_LE(footer.root_length, 32767);
  const auto root = DecodeBtreePage(*ReadFrom(image)(footer.root_offset, footer.root_length), 16);
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->children.size(), 4u);  // 1364 entries fit into a leaf
  EXPECT_EQ(root->children[0].key, std::string(16, '\0'));
  const auto end = static_cast<size_t>(footer.root_offset + footer.root_length);
  const auto statistics = DecodeBtreeStatistics(
      std::string_view(image).substr(end, image.size() - kBtreeFooterBytes - end));
  ASSERT_TRUE(statistics.ok() && *statistics);
  EXPECT_EQ((*statistics)->entry_count, 5000u);
  EXPECT_EQ((*statistics)->page_count, 5u);
}

RC_GTEST_PROP(BulkLoad, IsTheMapItWasMadeFrom, (uint64_t seed)) {
  const auto count = *rc::gen::inRange<size_t>(0, 5000);
  const auto key_length = *rc::gen::inRange<size_t>(8, 17);
  const auto room = *rc::gen::inRange<size_t>(2, 40);
  const auto base = *rc::gen::inRange<int64_t>(0, 1000000);
  ExpectHolds(Entries(count, key_length, seed), {.key_length = key_length,
                                                 .max_page_bytes = 14 + room * (key_length + 18),
                                                 .statistics = (seed & 2) != 0,
                                                 .base_offset = base});
  RC_ASSERT(!::testing::Test::HasFailure());
}

// A page by hand, at the end of `image`; returns its offset.
int64_t AddPage(std::string& image, bool index,
                const std::vector<std::pair<std::string, BtreeChild>>& entries) {
  ByteWriter w;
  w.U8(0).U8(index ? 1 : 0).I32(9).I32(static_cast<int32_t>(entries.size()));
  for (const auto& [key, child] : entries) {
    w.Put(key).I64(child.offset);
    if (index) w.U16(static_cast<uint16_t>(child.length)).I64(child.min_offset);
  }
  w.I32(9);
  const auto offset = static_cast<int64_t>(image.size());
  image += w.bytes();
  return offset;
}
int32_t Size(const std::string& image, int64_t offset) {
  return static_cast<int32_t>(static_cast<int64_t>(image.size()) - offset);
}

Status WalkHex(const std::string& image, int64_t root, int32_t length) {
  return WalkBtree(ReadFrom(image), {root, length}, 1,
                   [](std::string_view, int64_t) { return OkStatus(); });
}

const std::string kLow(1, '\0');

TEST(WalkBtree, APageThatPointsToItselfIsRefused) {
  std::string image;
  const int64_t root = AddPage(image, true, {{kLow, {"", 0, 33, 0}}});
  ASSERT_EQ(Size(image, root), 33);
  EXPECT_EQ(Message(WalkHex(image, root, 33)),
            "B+tree page at 0: its child of 33 bytes at 0 does not lie before it");
  EXPECT_FALSE(LookupBtree(ReadFrom(image), {root, 33}, "k").ok());
}

TEST(WalkBtree, AChildThatReachesIntoItsParentIsRefused) {
  std::string image(100, 'x');
  const int64_t root = AddPage(image, true, {{kLow, {"", 90, 14, 90}}});
  EXPECT_FALSE(WalkHex(image, root, 33).ok());
}

TEST(WalkBtree, ALeafUnderTwoParentsIsRefused) {
  std::string image;
  const int64_t leaf = AddPage(image, false, {{"c", {}}});
  const int32_t length = Size(image, leaf);
  const BtreeChild child{"", leaf, length, leaf};
  const int64_t root = AddPage(image, true, {{kLow, child}, {"b", child}});
  EXPECT_EQ(Message(WalkHex(image, root, Size(image, root))),
            "B+tree page at 0: keys outside the bounds its parent gives");
}

TEST(WalkBtree, AnEmptyPageBelowTheRootIsRefused) {
  std::string image;
  AddPage(image, false, {});
  const int64_t root = AddPage(image, true, {{kLow, {"", 0, 14, 0}}});
  EXPECT_EQ(Message(WalkHex(image, root, Size(image, root))),
            "B+tree page at 0: empty below the root");
}

// 2^60 paths lead to one leaf; they must not all be walked.
TEST(WalkBtree, ManyPathsToOnePageEndSoon) {
  std::string image;
  int64_t below = AddPage(image, false, {{"c", {}}});
  int32_t length = Size(image, below);
  for (int i = 0; i < 60; ++i) {
    const BtreeChild child{"", below, length, 0};
    below = AddPage(image, true, {{kLow, child}, {"b", child}});
    length = Size(image, below);
  }
  EXPECT_FALSE(WalkHex(image, below, length).ok());
}

TEST(WalkBtree, DepthIsBounded) {
  std::string image;
  int64_t below = AddPage(image, false, {{"c", {}}});
  int32_t length = Size(image, below);
  for (int i = 0; i < 63; ++i) {
    below = AddPage(image, true, {{kLow, {"", below, length, 0}}});
    length = Size(image, below);
  }
  EXPECT_TRUE(WalkHex(image, below, length).ok());
  EXPECT_TRUE(LookupBtree(ReadFrom(image), {below, length}, "c").ok());
  below = AddPage(image, true, {{kLow, {"", below, length, 0}}});
  EXPECT_FALSE(WalkHex(image, below, 33).ok());
  EXPECT_FALSE(LookupBtree(ReadFrom(image), {below, 33}, "c").ok());
}

TEST(LookupBtree, AKeyBelowAllOfAnIndexPageIsDamage) {
  std::string image;
  const int64_t leaf = AddPage(image, false, {{"c", {}}});
  const int64_t root = AddPage(image, true, {{"b", {"", leaf, Size(image, leaf), leaf}}});
  EXPECT_EQ(LookupBtree(ReadFrom(image), {root, Size(image, root)}, "a").status().code(),
            StatusCode::kDataLoss);
}

TEST(WalkBtree, ErrorsOfReaderAndVisitorArePassedOn) {
  const std::string image = BulkLoadBtree(Entries(50, 16, 1), {.max_page_bytes = 100});
  const auto visit = [](std::string_view, int64_t) { return Aborted("enough"); };
  EXPECT_EQ(WalkBtree(ReadFrom(image), FooterOf(image), 16, visit), Aborted("enough"));
  const auto fails = [](int64_t, int32_t) -> StatusOr<std::string> { return Unavailable("gone"); };
  EXPECT_EQ(WalkBtree(fails, FooterOf(image), 16, visit), Unavailable("gone"));
  const auto is_short = [](int64_t, int32_t) -> StatusOr<std::string> { return std::string("x"); };
  EXPECT_EQ(WalkBtree(is_short, FooterOf(image), 16, visit).code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace pdr

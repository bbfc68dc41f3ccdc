#include "verify/index_walk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>
#include <optional>

#include "format/btree.h"
#include "format/testing/vectors.h"
#include "tier2/testing/memory_disk.h"

namespace pdr::verify {
namespace {

struct Walked {
  Status status;
  std::map<std::string, int64_t> entries;
};

Walked Walk(const std::string& bytes, std::optional<int64_t> footer = std::nullopt) {
  MemoryDisk disk;
  disk.Put("index", bytes);
  Stored stored{0, bytes.size(), false, {{"index", 0, bytes.size()}}};
  SegmentBytes reader(disk, &stored, nullptr);
  Walked result;
  result.status = WalkIndex(reader, footer, 16, [&](const std::string& key, int64_t value) {
    result.entries[key] = value;
  });
  return result;
}

std::vector<BtreeLeafEntry> Entries(int n) {
  std::vector<BtreeLeafEntry> entries;
  for (int i = 0; i < n; ++i) entries.push_back({BtreeKey({0, i}), i});
  return entries;
}

constexpr size_t kSmallPage = 100;

std::string Index(int n) {
  BtreeOptions options;
  options.max_page_bytes = kSmallPage;
  return BulkLoadBtree(Entries(n), options);
}

TEST(IndexWalk, ReadsWhatARealIndexHolds) {
  const std::map<std::string, size_t> expected = {{"btree_3entries_oneLeaf", 3},
                                                  {"btree_secondUpdate_sameFile", 3},
                                                  {"btree_9entries_pageSize100_split", 9},
                                                  {"btree_9entries_updateOne", 9},
                                                  {"btree_stats_2entries", 2},
                                                  {"btree_emptied", 0}};
  const Json indexes = LoadVectors("attribute_index.json");
  ASSERT_EQ(indexes["vectors"].size(), expected.size());
  for (const Json& v : indexes["vectors"]) {
    SCOPED_TRACE(v["name"].get<std::string>());
    Walked walked = Walk(FromHex(v["hex"]));
    EXPECT_TRUE(walked.status.ok()) << Message(walked.status);
    EXPECT_EQ(walked.entries.size(), expected.at(v["name"]));
    const int64_t footer = v["fields"]["returnedFooterOffset"];
    EXPECT_EQ(Walk(FromHex(v["hex"]), footer).entries, walked.entries);
  }
}

RC_GTEST_PROP(IndexWalk, VisitsEveryEntryOnce, ()) {
  const int n = *rc::gen::inRange(0, 400);
  Walked walked = Walk(Index(n));
  RC_ASSERT(walked.status.ok());
  RC_ASSERT(walked.entries.size() == static_cast<size_t>(n));
}

// Whatever one byte is changed to: no crash, no hang, and never more entries than there were.
RC_GTEST_PROP(IndexWalk, SurvivesDamage, ()) {
  std::string bytes = Index(60);
  const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<char>();
  RC_ASSERT(Walk(bytes).entries.size() <= 60u);
}

TEST(IndexWalk, EmptyIndexHasNoEntries) {
  EXPECT_TRUE(Walk("").status.ok());
  EXPECT_TRUE(Walk(std::string(12, 'x')).status.ok());
}

TEST(IndexWalk, FooterOutsideTheIndex) {
  EXPECT_EQ(Walk(Index(3), 5000).status.code(), StatusCode::kDataLoss);
  EXPECT_EQ(Walk(Index(3), -1).status.code(), StatusCode::kDataLoss);
}

// Rewrites the root page, which lies before the footer, through `change`.
std::string WithRoot(std::string bytes, const std::function<void(std::string& root)>& change) {
  const BtreeFooter footer =
      *DecodeBtreeFooter(std::string_view(bytes).substr(bytes.size() - kBtreeFooterBytes));
  const size_t at = static_cast<size_t>(footer.root_offset);
  std::string root = bytes.substr(at, static_cast<size_t>(footer.root_length));
  change(root);
  bytes.replace(at, root.size(), root);
  return bytes;
}

constexpr size_t kPageHeader = 10;
constexpr size_t kIndexEntry = 16 + 18;

TEST(IndexWalk, FirstKeyOfTheRootMustBeZero) {
  std::string bytes = WithRoot(Index(10), [](std::string& root) { root[kPageHeader + 15] = 1; });
  EXPECT_EQ(Walk(bytes).status.code(), StatusCode::kDataLoss);
}

TEST(IndexWalk, KeyThatNoLookupReaches) {
  std::string bytes = WithRoot(Index(10), [](std::string& root) {
    root[kPageHeader + kIndexEntry + 15] += 1;  // the second child now starts above its first key
  });
  EXPECT_EQ(Walk(bytes).status.code(), StatusCode::kDataLoss);
}

TEST(IndexWalk, SmallestOffsetThatWouldTruncateALivePage) {
  std::string bytes = WithRoot(Index(10), [](std::string& root) {
    root[kPageHeader + kIndexEntry - 1] += 1;  // min offset of the first child
  });
  EXPECT_EQ(Walk(bytes).status.code(), StatusCode::kDataLoss);
}

TEST(IndexWalk, PageThatIsItsOwnChild) {
  std::string bytes = Index(10);
  const int64_t root =
      DecodeBtreeFooter(std::string_view(bytes).substr(bytes.size() - 12))->root_offset;
  bytes = WithRoot(bytes, [root](std::string& page) {
    page[kPageHeader + 16 + 7] = static_cast<char>(root & 0xff);
    page[kPageHeader + 16 + 6] = static_cast<char>(root >> 8);
  });
  EXPECT_EQ(Walk(bytes).status.code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace pdr::verify

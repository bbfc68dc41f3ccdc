#include "tier2/table_scan.h"

#include <gtest/gtest.h>

#include "tier2/testing/memory_disk.h"

namespace pdr {
namespace {

constexpr char kName[] = "s/_tables/t";

// A segment of `bytes`, cut into chunk files of `chunk` bytes, that begins at `start`.
StoredSegment Store(MemoryDisk& disk, const std::string& bytes, size_t chunk, uint64_t start = 0) {
  StoredSegment segment;
  segment.name = kName;
  segment.start_offset = start;
  segment.length = start + bytes.size();
  for (size_t at = 0; at < bytes.size(); at += chunk) {
    const std::string piece = bytes.substr(at, chunk);
    const std::string path = fmt::format("{}.{}", kName, start + at);
    disk.Put(path, piece);
    segment.chunks.push_back({path, start + at, piece.size(), piece.size(), 0644, true});
  }
  return segment;
}

std::string Put(const std::string& key, const std::string& value,
                int64_t version = kOwnOffsetVersion) {
  std::string out;
  AppendTableEntry(out, key, value, version);
  return out;
}
std::string Removal(const std::string& key) {
  std::string out;
  AppendTableEntry(out, key, std::nullopt);
  return out;
}

TEST(TableScanTest, NewestVersionWinsNotTheLastInTheFile) {
  MemoryDisk disk;
  const std::string first = Put("k", "old"), second = Put("k", "new");
  // Compaction wrote the first entry again, with its own version.
  const auto segment = Store(disk, first + second + Put("k", "old", 0) + Put("e", ""), 1000);
  auto scan = ScanTable(disk, segment);
  ASSERT_TRUE(scan.ok()) << scan.status();
  EXPECT_TRUE(scan->tail.ok());
  EXPECT_EQ(scan->entries, 4u);
  EXPECT_EQ(scan->end, segment.length);
  EXPECT_EQ(scan->Find("k")->value, "new");
  EXPECT_EQ(scan->Find("k")->version, static_cast<int64_t>(first.size()));
  EXPECT_EQ(scan->Find("e")->value, "");  // an empty value is no removal
}

TEST(TableScanTest, RemovalBeatsOlderVersionsWhereverTheyAre) {
  MemoryDisk disk;
  const auto segment =
      Store(disk, Put("k", "v") + Removal("k") + Put("k", "v", 0) + Removal("x"), 1000);
  auto scan = ScanTable(disk, segment);
  ASSERT_TRUE(scan.ok());
  EXPECT_TRUE(scan->live.empty());
}

TEST(TableScanTest, EntriesCrossChunksAndOffsetsCountFromTheSegmentsStart) {
  for (size_t chunk : {1, 3, 16, 17, 18, 1000}) {
    MemoryDisk disk;
    const std::string first = Put("key-a", "value");
    auto scan = ScanTable(disk, Store(disk, first + Put("key-b", "w"), chunk, 5000));
    ASSERT_TRUE(scan.ok()) << scan.status();
    ASSERT_EQ(scan->live.size(), 2u) << chunk;
    EXPECT_EQ(scan->Find("key-a")->offset, 5000);
    EXPECT_EQ(scan->Find("key-b")->offset, 5000 + static_cast<int64_t>(first.size()));
  }
}

TEST(TableScanTest, SmallChunksShareMemory) {
  std::string bytes;
  for (int i = 0; i < 400; ++i) bytes += Put(fmt::format("key{:03}", i), std::string(20, 'v'));
  for (size_t chunk : {1, 16, 1000}) {
    MemoryDisk disk;
    auto scan = ScanTable(disk, Store(disk, bytes, chunk));
    ASSERT_TRUE(scan.ok()) << scan.status();
    EXPECT_EQ(scan->live.size(), 400u);
    EXPECT_EQ(scan->Find("key399")->value, std::string(20, 'v'));
    EXPECT_EQ(scan->bytes.size(), 1u) << chunk;
  }
}

TEST(TableScanTest, NothingIsKeptOfATableWithoutEntries) {
  MemoryDisk disk;
  EXPECT_TRUE(ScanTable(disk, Store(disk, "", 1))->bytes.empty());
  EXPECT_TRUE(ScanTable(disk, Store(disk, std::string(40, '\x7f'), 7))->bytes.empty());
}

TEST(TableScanTest, TornAtEveryByteKeepsTheWholeEntries) {
  const std::string first = Put("k", "value"), both = first + Put("l", "other");
  for (size_t cut = 0; cut <= both.size(); ++cut) {
    MemoryDisk disk;
    auto scan = ScanTable(disk, Store(disk, both.substr(0, cut), 11));
    ASSERT_TRUE(scan.ok()) << scan.status();
    const bool whole = cut == 0 || cut == first.size() || cut == both.size();
    EXPECT_EQ(scan->tail.code(), whole ? StatusCode::kOk : StatusCode::kOutOfRange) << cut;
    EXPECT_EQ(scan->end, cut < first.size() ? 0 : cut < both.size() ? first.size() : both.size());
  }
}

TEST(TableScanTest, BytesThatAreNoEntryEndTheScan) {
  MemoryDisk disk;
  const std::string first = Put("k", "value");
  auto scan = ScanTable(disk, Store(disk, first + std::string(40, '\x7f'), 1000));
  ASSERT_TRUE(scan.ok());
  EXPECT_EQ(scan->tail.code(), StatusCode::kDataLoss);
  EXPECT_EQ(scan->end, first.size());
  EXPECT_EQ(scan->live.size(), 1u);
}

TEST(TableScanTest, MissingChunkEndsTheScanWithItsName) {
  MemoryDisk disk;
  const std::string first = Put("k", "value");
  StoredSegment segment = Store(disk, first + Put("l", "other"), first.size());
  disk.Drop(segment.chunks[1].path);
  auto scan = ScanTable(disk, segment);
  ASSERT_TRUE(scan.ok());
  EXPECT_EQ(scan->tail.code(), StatusCode::kNotFound);
  EXPECT_EQ(scan->end, first.size());
}

TEST(TableScanTest, ReadErrorIsAnErrorNotATail) {
  MemoryDisk disk;
  StoredSegment segment = Store(disk, Put("k", "value"), 1000);
  disk.FailReads(segment.chunks[0].path, Unavailable("stale handle"));
  EXPECT_EQ(ScanTable(disk, segment).status().code(), StatusCode::kUnavailable);
}

TEST(TableScanTest, ManyEntriesOverManyPieces) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i)
    bytes += Put(fmt::format("key{}", i % 1000), std::string(4000, static_cast<char>('a' + i % 7)));
  MemoryDisk disk;
  auto scan = ScanTable(disk, Store(disk, bytes, 5000000));
  ASSERT_TRUE(scan.ok());
  EXPECT_EQ(scan->entries, 3000u);
  ASSERT_EQ(scan->live.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(scan->live.begin(), scan->live.end(),
                             [](const auto& a, const auto& b) { return a.key < b.key; }));
  for (int i = 2000; i < 3000; ++i) {
    const LiveTableEntry* entry = scan->Find(fmt::format("key{}", i % 1000));
    ASSERT_NE(entry, nullptr) << i;
    EXPECT_EQ(entry->value, std::string(4000, static_cast<char>('a' + i % 7)));
  }
  EXPECT_EQ(scan->Find("key"), nullptr);
  EXPECT_EQ(scan->end, bytes.size());
}

}  // namespace
}  // namespace pdr

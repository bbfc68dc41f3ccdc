// SystemJournal.bootstrap of a real store, run on copies of one tree with one change each.
#include "verify/journal_boot.h"

#include <gtest/gtest.h>

#include <functional>

#include "format/names.h"
#include "format/testing/vectors.h"
#include "tier2/testing/memory_disk.h"

namespace pdr::verify {
namespace {

const std::string kJournal = JournalName(0, 1, 2);
const std::string kSnapshot = SnapshotName(0, 1, 1);
constexpr char kStorageChunk[] =
    "_system/containers/storage_metadata_0.E-1-O-0.f5911559-e686-4ebc-af75-2655f72d453e";

class Tree {
 public:
  Tree() {
    const Json sample = LoadVectors("lts_sample_epoch1.json");
    for (const auto& [path, file] : sample["files"].items()) {
      disk.Put(path, FromHex(file["hex"]));
    }
  }
  std::string Bytes(const std::string& path) const { return disk.Files().at(path).bytes; }
  void Move(const std::string& from, const std::string& to) {
    disk.Put(to, Bytes(from));
    disk.Drop(from);
  }
  MemoryDisk disk;
};

using Change = std::function<void(Tree&)>;

void Cut(Tree& t, const std::string& path, size_t n) {
  std::string bytes = t.Bytes(path);
  t.disk.Put(path, bytes.substr(0, bytes.size() - n));
}

// What each case did to the tree before the boot, by its first word.
const std::map<std::string, Change>& Changes() {
  static const std::map<std::string, Change> changes = {
      {"A", [](Tree&) {}},
      {"A2", [](Tree&) {}},
      {"B", [](Tree&) {}},
      {"C", [](Tree&) {}},
      {"D", [](Tree& t) { t.disk.Drop(kSnapshot); }},
      {"E", [](Tree& t) { Cut(t, kSnapshot, 1); }},
      {"E2", [](Tree& t) { t.disk.Put(kSnapshot, ""); }},
      {"F", [](Tree& t) { Cut(t, kJournal, 5); }},
      {"G", [](Tree& t) { t.disk.Put(kJournal, t.Bytes(kJournal) + "\xff"); }},
      {"G2", [](Tree& t) { t.disk.Put(kJournal, t.Bytes(kJournal) + std::string(1, '\0')); }},
      {"H", [](Tree& t) { t.disk.Drop(kStorageChunk); }},
      {"I", [](Tree& t) { Cut(t, kStorageChunk, 10); }},
      {"J", [](Tree& t) { t.disk.Put(kStorageChunk, t.Bytes(kStorageChunk) + "0123456789"); }},
      {"K", [](Tree& t) { t.disk.Drop(kJournal); }},
      {"L",
       [](Tree& t) {
         t.Move(kJournal, kJournal + ".backup");
         t.Move(kSnapshot, kSnapshot + ".backup");
       }},
      {"M", [](Tree& t) { t.disk.Put(JournalName(0, 1, 3), t.Bytes(kJournal)); }},
      {"N", [](Tree& t) { t.Move(kJournal, JournalName(0, 1, 13)); }},
      {"N2", [](Tree& t) { t.Move(kJournal, JournalName(0, 1, 12)); }},
      {"N3", [](Tree& t) { t.Move(kJournal, JournalName(0, 1, 11)); }},
      {"O", [](Tree& t) { t.disk.Put(JournalName(0, 2, 1), "not read"); }},
      {"P", [](Tree& t) { t.disk.Put(JournalName(0, 1, 3), ""); }},
  };
  return changes;
}

TEST(JournalBoot, AgreesWithARealStoreInEveryCase) {
  const Json boots = LoadVectors("sysjournal_boot.json");
  size_t cases = 0;
  for (const Json& v : boots["vectors"]) {
    const std::string name = v["case"];
    SCOPED_TRACE(name);
    if (v["selfCheck"].get<bool>()) continue;  // off in production
    Tree tree;
    const std::string word = name.substr(0, name.find(' '));
    ASSERT_TRUE(Changes().contains(word));
    Changes().at(word)(tree);
    auto names = WalkNames(tree.disk, Layout::kChunked, 1);
    ASSERT_TRUE(names.ok());
    std::optional<SnapshotPointer> pointer;
    if (!v["snapshotInfo"].is_null()) pointer = SnapshotPointer{1, 1};
    VerifyReport report;
    Findings findings(report, 0);
    auto booted =
        BootSystemSegments(tree.disk, names->containers[0].journals, pointer, v["epoch"], findings);
    ASSERT_TRUE(booted.ok()) << Message(booted.status());
    ++cases;
    ASSERT_EQ(booted->has_value(), v["result"] == "OK");
    EXPECT_EQ(report.findings.size(), v["result"] == "OK" ? 0u : 1u);
    if (!booted->has_value()) continue;
    ASSERT_EQ((*booted)->size(), v["segments"].size());
    for (const Json& expected : v["segments"]) {
      const SegmentMetadata& m = (*booted)->at(expected["name"]).metadata;
      EXPECT_EQ(m.length, expected["length"].get<uint64_t>());
      EXPECT_EQ(m.start_offset, expected["startOffset"].get<uint64_t>());
      EXPECT_EQ(m.chunk_count, expected["chunkCount"].get<uint32_t>());
      EXPECT_EQ(m.status, expected["status"].get<uint32_t>());
    }
  }
  EXPECT_EQ(cases, 21u);
}

TEST(JournalBoot, FollowsChunksAndTruncationsOverEpochs) {
  const Json sample = LoadVectors("lts_sample_epoch2.json");
  MemoryDisk disk;
  for (const auto& [path, file] : sample["files"].items()) disk.Put(path, FromHex(file["hex"]));
  auto names = WalkNames(disk, Layout::kChunked, 1);
  ASSERT_TRUE(names.ok());
  VerifyReport report;
  Findings findings(report, 0);
  auto booted =
      BootSystemSegments(disk, names->containers[0].journals, SnapshotPointer{1, 2}, 3, findings);
  ASSERT_TRUE(booted.ok() && booted->has_value());
  for (const Json& expected : sample["systemSegments"]) {
    const SystemSegment& s = (*booted)->at(expected["name"]);
    EXPECT_EQ(s.metadata.length, expected["length"].get<uint64_t>());
    EXPECT_EQ(s.metadata.start_offset, expected["startOffset"].get<uint64_t>());
    EXPECT_EQ(s.metadata.last_chunk_start_offset, expected["lastChunkStartOffset"].get<uint64_t>());
    ASSERT_EQ(s.chunks.size(), expected["chunks"].size());
    for (size_t i = 0; i < s.chunks.size(); ++i) {
      EXPECT_EQ(s.chunks[i].name, expected["chunks"][i]["name"]);
      EXPECT_EQ(s.chunks[i].length, expected["chunks"][i]["length"].get<uint64_t>());
    }
  }
}

}  // namespace
}  // namespace pdr::verify

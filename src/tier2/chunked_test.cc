// The chunked layout, on the sample trees of a real 0.13.0 store. docs/formats/lts-chunked.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "format/names.h"
#include "format/table_entry.h"
#include "tier2/chunked/chunk_list.h"
#include "tier2/chunked/journal_reader.h"
#include "tier2/testing/sample_tree.h"
#include "tier2/view.h"

namespace pdr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kDir[] = "_system/containers/";
constexpr char kStream[] = "scope/stream/0.#epoch.0";

std::string Sys(const std::string& rest) { return fmt::format("{}_sysjournal.{}", kDir, rest); }
const std::string kSnapshot = Sys("epoch1.container0.snapshot1");
const std::string kJournal = Sys("epoch1.container0.file2");

class ChunkedTest : public testing::Test {
 protected:
  void SetUp() override { LoadChunkedSample("testdata", 1, disk_); }

  std::string Bytes(const std::string& path) { return disk_.Files().at(path).bytes; }
  std::string FileOf(std::string_view prefix) {
    for (const auto& [path, file] : disk_.Files()) {
      if (path.starts_with(prefix)) return path;
    }
    ADD_FAILURE() << "no file " << prefix;
    return "";
  }
  void Move(const std::string& from, const std::string& to) {
    disk_.Put(to, Bytes(from));
    disk_.Drop(from);
  }

  StatusOr<Tier2View> TryRead() {
    auto inventory = ScanTier2(disk_, Progress::Silent());
    if (!inventory.ok()) return inventory.status();
    return ReadTier2(disk_, *inventory, 2, Progress::Silent());
  }
  Tier2View Read() {
    auto view = TryRead();
    EXPECT_TRUE(view.ok()) << view.status();
    if (view.ok()) return *std::move(view);
    Tier2View none;
    none.containers.resize(1);
    return none;
  }
  static std::vector<std::string> Codes(const Tier2View& view) {
    std::vector<std::string> out;
    for (const Anomaly& a : view.AllAnomalies()) out.push_back(a.code);
    return out;
  }

  // Adds an entry to storage_metadata_0 as the store would: to the chunk, then to a journal.
  void AddStorageRecord(const TransactionData& data) {
    const std::string segment = StorageMetadataSegmentName(0);
    const std::string chunk = FileOf(segment + ".E-1-O-0.");
    std::string bytes = Bytes(chunk);
    std::string entry;
    AppendTableEntry(entry, data.key, EncodeTransactionData(data));
    const AppendRecord record{segment, chunk, bytes.size(), entry.size()};
    disk_.Put(chunk, bytes + entry);
    disk_.Put(Sys(fmt::format("epoch1.container0.file{}", next_journal_++)),
              EncodeJournalBatch({record}));
  }
  TransactionData RecordOf(const std::string& key) {
    return *Read().containers[0].storage_records.Find(key);
  }
  template <typename T>
  void Change(const std::string& key, const std::function<void(T&)>& change) {
    TransactionData data = RecordOf(key);
    change(std::get<T>(*data.value));
    AddStorageRecord(data);
  }

  MemoryDisk disk_;
  int next_journal_ = 3;
};

// What bootstrap said of a mutated copy, where it can be asked of a reader that lists.
class BootVectors : public ChunkedTest {
 protected:
  void SetUp() override {
    ChunkedTest::SetUp();
    std::ifstream in("testdata/vectors/sysjournal_boot.json");
    const auto file = nlohmann::json::parse(in);
    for (const auto& v : file["vectors"]) {
      vectors_[v["case"].get<std::string>()] = v;
    }
  }
  StatusOr<SystemSegments> Boot() {
    auto inventory = ScanTier2(disk_, Progress::Silent());
    if (!inventory.ok()) return inventory.status();
    FileIndex files(*inventory);
    SystemFiles system;
    for (const InventoryFile& file : inventory->files) {
      auto name = ParseJournalName(file.path);
      if (!name) continue;
      (name->snapshot ? system.snapshots : system.journals).push_back({&file, *name});
    }
    container_ = ContainerView();
    return ReadSystemSegments(disk_, system, files, container_);
  }
  void ExpectAs(const std::string& name) {
    ASSERT_TRUE(vectors_.contains(name)) << name;
    const nlohmann::json& want = vectors_[name];
    auto got = Boot();
    if (want["result"] != "OK") {
      EXPECT_FALSE(got.ok()) << name;
      return;
    }
    ASSERT_TRUE(got.ok()) << name << ": " << got.status();
    ASSERT_EQ(want["segments"].size(), 4u);
    for (const auto& s : want["segments"]) {
      const SegmentMetadata& segment = got->segments().at(s["name"].get<std::string>()).segment;
      EXPECT_EQ(segment.length, s["length"].get<uint64_t>()) << name << " " << segment.name;
      EXPECT_EQ(segment.start_offset, s["startOffset"].get<uint64_t>()) << name;
      EXPECT_EQ(segment.chunk_count, s["chunkCount"].get<uint32_t>()) << name;
    }
  }
  std::string LastMetadataChunk() { return FileOf(StorageMetadataSegmentName(0) + ".E-1-O-0."); }

  std::map<std::string, nlohmann::json> vectors_;
  ContainerView container_;
};

TEST_F(BootVectors, Unchanged) {
  ExpectAs("A baseline");
  ExpectAs("A2 baseline, epoch jumps to 7");
  EXPECT_THAT(container_.anomalies, IsEmpty());
}

TEST_F(BootVectors, JournalCutInItsLastBatch) {
  const std::string bytes = Bytes(kJournal);
  disk_.Put(kJournal, bytes.substr(0, bytes.size() - 5));
  ExpectAs("F journal truncated by 5");
  ASSERT_EQ(container_.anomalies.size(), 1u);
  EXPECT_EQ(container_.anomalies[0].code, "journal-torn");
}

TEST_F(BootVectors, JournalWithGarbageBehind) {
  disk_.Put(kJournal, Bytes(kJournal) + '\xff');
  ExpectAs("G journal + 1 garbage byte 0xFF");
}

TEST_F(BootVectors, JournalWithAZeroByteBehind) {
  disk_.Put(kJournal, Bytes(kJournal) + '\0');
  ExpectAs("G2 journal + 1 zero byte");
}

TEST_F(BootVectors, ChunkMissingShortOrLong) {
  const std::string chunk = LastMetadataChunk();
  const std::string bytes = Bytes(chunk);
  disk_.Put(chunk, bytes.substr(0, bytes.size() - 10));
  ExpectAs("I last chunk 10 bytes short");
  disk_.Put(chunk, bytes + "0123456789");
  ExpectAs("J last chunk 10 bytes long");
  disk_.Drop(chunk);
  ExpectAs("H storage_metadata last chunk missing");
}

TEST_F(BootVectors, JournalMissing) {
  disk_.Drop(kJournal);
  ExpectAs("K journal file missing, snapshot info present");
}

TEST_F(BootVectors, JournalTwice) {
  disk_.Put(Sys("epoch1.container0.file3"), Bytes(kJournal));
  ExpectAs("M journal duplicated as file3");
}

TEST_F(BootVectors, GapsBetweenJournals) {
  Move(kJournal, Sys("epoch1.container0.file11"));
  ExpectAs("N3 journal moved to file11");
  Move(Sys("epoch1.container0.file11"), Sys("epoch1.container0.file12"));
  ExpectAs("N2 journal moved to file12");
  EXPECT_THAT(container_.anomalies, IsEmpty());
  Move(Sys("epoch1.container0.file12"), Sys("epoch1.container0.file13"));
  ExpectAs("N journal moved to file13 (gap of 11 from expected)");
  ASSERT_EQ(container_.anomalies.size(), 1u);
  EXPECT_EQ(container_.anomalies[0].code, "journal-gap");
}

TEST_F(BootVectors, EmptyJournal) {
  disk_.Put(Sys("epoch1.container0.file3"), "");
  ExpectAs("P empty journal file3 present");
}

TEST_F(BootVectors, RenamedToBackups) {
  Move(kJournal, kJournal + ".backup");
  Move(kSnapshot, kSnapshot + ".backup");
  ExpectAs("L all journal+snapshot files renamed .backup, no info");
}

// Production needs the snapshot its pointer names; a reader that lists goes on with what there is.
TEST_F(BootVectors, SnapshotDamagedOrMissing) {
  const std::string bytes = Bytes(kSnapshot);
  for (const std::string& damaged : {bytes.substr(0, bytes.size() - 1), std::string()}) {
    disk_.Put(kSnapshot, damaged);
    ExpectAs("A baseline");
    ASSERT_EQ(container_.anomalies.size(), 1u);
    EXPECT_EQ(container_.anomalies[0].code, "snapshot-damaged");
  }
  disk_.Drop(kSnapshot);
  ExpectAs("B no snapshot info");
}

TEST_F(ChunkedTest, SampleOfEpochOne) {
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), IsEmpty());
  EXPECT_EQ(view.max_epoch, 1u);
  const ContainerView& c = view.containers[0];
  const StoredSegment& stream = c.stored.at(kStream);
  EXPECT_EQ(stream.length, 3008u);
  EXPECT_EQ(stream.start_offset, 1050u);
  EXPECT_EQ(stream.chunks.size(), 3u);
  EXPECT_EQ(stream.max_chunk_bytes, 1000u);
  EXPECT_EQ(*ReadSegment(disk_, stream, 3000, 8), "txn-data");
  EXPECT_TRUE(c.stored.at("scope/stream/1.#epoch.0").sealed);
  EXPECT_THAT(view.unreferenced, IsEmpty());
}

TEST_F(ChunkedTest, TablesAreThoseOfTheVectors) {
  std::ifstream in("testdata/vectors/lts_sample_epoch1.json");
  const auto sample = nlohmann::json::parse(in);
  const Tier2View view = Read();
  const ContainerView& c = view.containers[0];
  size_t active = 0;
  for (const auto& [key, entry] : sample["tables"]["storage_metadata_0"]["live"].items()) {
    const auto& value = entry["record"]["value"];
    if (value.is_null() || (value["status"].get<uint32_t>() & kStatusActive) == 0) {
      EXPECT_TRUE(c.inactive.contains(key)) << key;
      continue;
    }
    ++active;
    const auto record = c.storage_records.Find(key);
    ASSERT_TRUE(record) << key;
    EXPECT_EQ(record->version, entry["record"]["version"].get<int64_t>()) << key;
  }
  EXPECT_EQ(c.storage_records.size(), active);
  EXPECT_EQ(c.records.size(), sample["tables"]["metadata_0"]["live"].size());
}

TEST_F(ChunkedTest, SampleOfEpochTwoReplaysOverSeveralEpochs) {
  MemoryDisk disk;
  LoadChunkedSample("testdata", 2, disk);
  std::ifstream in("testdata/vectors/lts_sample_epoch2.json");
  const auto sample = nlohmann::json::parse(in);
  auto inventory = ScanTier2(disk, Progress::Silent());
  ASSERT_TRUE(inventory.ok());
  auto view = ReadTier2(disk, *inventory, 1, Progress::Silent());
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->max_epoch, 2u);
  EXPECT_THAT(Codes(*view), IsEmpty());
  for (const auto& want : sample["systemSegments"]) {
    const StoredSegment& s = view->containers[0].system.at(want["name"].get<std::string>());
    EXPECT_EQ(s.length, want["length"].get<uint64_t>()) << s.name;
    EXPECT_EQ(s.start_offset, want["startOffset"].get<uint64_t>()) << s.name;
    ASSERT_EQ(s.chunks.size(), want["chunks"].size()) << s.name;
    for (size_t i = 0; i < s.chunks.size(); ++i) {
      EXPECT_EQ(s.chunks[i].path, want["chunks"][i]["name"].get<std::string>());
      EXPECT_EQ(s.chunks[i].length, want["chunks"][i]["length"].get<uint64_t>());
    }
  }
}

TEST_F(ChunkedTest, ChunkMissing) {
  disk_.Drop(FileOf(std::string(kStream) + ".E-1-O-2000."));
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-missing"));
  const StoredSegment& s = view.containers[0].stored.at(kStream);
  EXPECT_FALSE(s.chunks[1].exists);
  EXPECT_EQ(ReadSegment(disk_, s, 1990, 20).status().code(), StatusCode::kDataLoss);
}

TEST_F(ChunkedTest, ChunkShort) {
  disk_.Put(FileOf(std::string(kStream) + ".E-1-O-2000."), "short");
  EXPECT_THAT(Codes(Read()), ElementsAre("chunk-short"));
}

TEST_F(ChunkedTest, LastChunkLongButNotTheOthers) {
  const std::string inner = FileOf(std::string(kStream) + ".E-1-O-2000.");
  disk_.Put(inner, Bytes(inner) + "surplus");
  EXPECT_THAT(Codes(Read()), IsEmpty());
  const std::string last = FileOf("scope/stream/1.#epoch.0.E-1-O-0.");
  disk_.Put(last, Bytes(last) + "surplus");
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-long"));
  EXPECT_EQ(view.containers[0].stored.at("scope/stream/1.#epoch.0").length, 5u);
}

TEST_F(ChunkedTest, UnreferencedChunkIsListed) {
  const std::string orphan =
      std::string(kStream) + ".E-1-O-3008.0a1b2c3d-0000-4000-8000-0123456789ab";
  disk_.Put(orphan, "x");
  EXPECT_THAT(Read().unreferenced, ElementsAre(orphan));
}

TEST_F(ChunkedTest, ChunkListWithACycle) {
  const std::string first = FileOf(std::string(kStream) + ".E-1-O-1000.");
  Change<ChunkMetadata>(FileOf(std::string(kStream) + ".E-1-O-2000."),
                        [&](ChunkMetadata& c) { c.next_chunk = first; });
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), testing::Contains("list-broken"));
  EXPECT_EQ(view.containers[0].stored.at(kStream).chunks.size(), 2u);
  EXPECT_EQ(view.containers[0].stored.at(kStream).length, 3000u);
}

TEST(ChunkListTest, ComesToAnEndWhereverItLeadsBack) {
  for (const size_t count : {1, 7, 8, 9, 20}) {
    for (const size_t target : {0, 7, 8, 19}) {
      if (target >= count) continue;
      std::map<std::string, ChunkMetadata> chunks;
      const auto name = [](size_t i) { return fmt::format("s.{}", i); };
      for (size_t i = 0; i < count; ++i) {
        chunks[name(i)] = {name(i), 10, name(i + 1 < count ? i + 1 : target)};
      }
      const auto find = [&](const std::string& chunk) { return &chunks.at(chunk); };
      const Inventory inventory;
      FileIndex files(inventory);
      FileCursor cursor(files);
      std::vector<Anomaly> anomalies;
      const SegmentMetadata segment{.name = "s", .first_chunk = name(0)};
      const StoredSegment stored = AssembleChunked(segment, 1, find, 0, cursor, anomalies);
      EXPECT_EQ(stored.chunks.size(), count);
      EXPECT_THAT(anomalies, testing::Contains(testing::Field(
                                 &Anomaly::message,
                                 fmt::format("chunk '{}' is in the list twice", name(target)))));
    }
  }
}

TEST_F(ChunkedTest, ChunkListThatLosesItsRecord) {
  const std::string key = FileOf(std::string(kStream) + ".E-1-O-2000.");
  TransactionData data = RecordOf(key);
  data.value.reset();
  AddStorageRecord(data);
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("list-broken", "block-index-wrong"));
  EXPECT_TRUE(view.containers[0].inactive.contains(key));
  EXPECT_EQ(view.containers[0].stored.at(kStream).length, 2000u);
  EXPECT_THAT(view.unreferenced, testing::Contains(key));
}

TEST_F(ChunkedTest, ChunkNameOutOfTheRoot) {
  const std::string bad = "../../etc/passwd";
  Change<ChunkMetadata>(FileOf(std::string(kStream) + ".E-1-O-2000."),
                        [&](ChunkMetadata& c) { c.next_chunk = bad; });
  ChunkMetadata chunk;
  chunk.name = bad;
  chunk.length = 8;
  AddStorageRecord({1, bad, chunk});
  EXPECT_THAT(Codes(Read()), ElementsAre("list-broken"));
}

TEST_F(ChunkedTest, SegmentRecordOlderThanItsChunks) {
  Change<ChunkMetadata>(FileOf("scope/stream/1.#epoch.0.E-1-O-0."),
                        [](ChunkMetadata& c) { c.length = 4; });
  const Tier2View view = Read();
  EXPECT_THAT(Codes(view), ElementsAre("chunk-long", "list-disagrees"));
  EXPECT_EQ(view.containers[0].stored.at("scope/stream/1.#epoch.0").length, 4u);
}

TEST_F(ChunkedTest, ChunkOfAbsurdLength) {
  Change<ChunkMetadata>(FileOf("scope/stream/1.#epoch.0.E-1-O-0."),
                        [](ChunkMetadata& c) { c.length = (uint64_t{1} << 62) - 1; });
  const Tier2View view = Read();
  const StoredSegment& s = view.containers[0].stored.at("scope/stream/1.#epoch.0");
  EXPECT_EQ(ReadSegment(disk_, s, 0, size_t{1} << 60).status().code(), StatusCode::kDataLoss);
}

TEST_F(ChunkedTest, SegmentMarkedInactiveIsNotStored) {
  Change<SegmentMetadata>(kStream, [](SegmentMetadata& s) { s.status &= ~kStatusActive; });
  const Tier2View view = Read();
  EXPECT_FALSE(view.containers[0].stored.contains(kStream));
  EXPECT_TRUE(view.containers[0].inactive.contains(kStream));
}

TEST_F(ChunkedTest, WrongBlockRecord) {
  Change<ReadIndexBlockMetadata>(std::string(kStream) + ".B-2048",
                                 [](ReadIndexBlockMetadata& b) { b.start_offset = 1000; });
  EXPECT_THAT(Codes(Read()), ElementsAre("block-index-wrong"));
}

TEST_F(ChunkedTest, StorageRecordThatDoesNotParse) {
  TransactionData data = RecordOf(kStream);
  data.key = "another/name";
  AddStorageRecord(data);  // key and record disagree
  EXPECT_THAT(Codes(Read()), ElementsAre("storage-record-damaged"));
}

TEST_F(ChunkedTest, OwnerEpochsCount) {
  Change<SegmentMetadata>(kStream, [](SegmentMetadata& s) { s.owner_epoch = 40; });
  EXPECT_EQ(Read().max_epoch, 40u);
}

TEST_F(ChunkedTest, FilesOfLaterReleasesCountForTheEpoch) {
  const auto epoch_file = [](uint64_t epoch) {
    return std::string("\0\0\1\0\0\0\0\2", 8) + static_cast<char>(epoch) + '\1';
  };
  disk_.Put(std::string(kDir) + "container_0_epoch", epoch_file(33));
  EXPECT_EQ(Read().max_epoch, 33u);
  disk_.Put(std::string(kDir) + "container_0_epoch", "garbage");
  EXPECT_THAT(Codes(Read()), ElementsAre("epoch-file-damaged"));
}

TEST_F(ChunkedTest, AbsurdEpochInANameIsNotBelieved) {
  disk_.Put("a/b/0.#epoch.0.E-9223372036854775807-O-0.0a1b2c3d-0000-4000-8000-0123456789ab", "");
  const Tier2View view = Read();
  EXPECT_EQ(view.max_epoch, 1u);
  EXPECT_THAT(Codes(view), ElementsAre("epoch-implausible"));
}

TEST_F(ChunkedTest, MissingChunkOfTheMetadataIsAnError) {
  for (const std::string& name : {MetadataSegmentName(0), StorageMetadataSegmentName(0)}) {
    const std::string chunk = FileOf(name + ".E-");
    const std::string bytes = Bytes(chunk);
    disk_.Drop(chunk);
    EXPECT_EQ(TryRead().status().code(), StatusCode::kDataLoss) << name;
    disk_.Put(chunk, bytes.substr(0, bytes.size() / 2));
    EXPECT_EQ(TryRead().status().code(), StatusCode::kDataLoss) << name;
    disk_.Put(chunk, bytes);
  }
  EXPECT_TRUE(TryRead().ok());
}

TEST_F(ChunkedTest, MissingIndexOfTheMetadataIsOnlyAnAnomaly) {
  disk_.Drop(FileOf(AttributeIndexName(MetadataSegmentName(0))));
  EXPECT_THAT(Codes(Read()), ElementsAre("chunk-missing"));
}

TEST_F(ChunkedTest, UnreadableJournalIsAnErrorNotAnAbsence) {
  auto inventory = ScanTier2(disk_, Progress::Silent());
  ASSERT_TRUE(inventory.ok());
  for (const std::string& path : {kJournal, kSnapshot}) {
    disk_.ClearFaults();
    disk_.FailReads(path, PermissionDenied("no"));
    EXPECT_EQ(ReadTier2(disk_, *inventory, 1, Progress::Silent()).status().code(),
              StatusCode::kPermissionDenied);
  }
}

// Whatever a damaged byte does, it is an answer or an error.
TEST_F(ChunkedTest, EveryDamagedByteOfTheJournalIsSurvived) {
  const std::string bytes = Bytes(kJournal);
  for (size_t i = 0; i < bytes.size(); i += 7) {
    for (char flip : {'\x01', '\x80', '\xff'}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      disk_.Put(kJournal, damaged);
      (void)TryRead();
    }
  }
  disk_.Put(kJournal, bytes);
  EXPECT_THAT(Codes(Read()), IsEmpty());
}

}  // namespace
}  // namespace pdr

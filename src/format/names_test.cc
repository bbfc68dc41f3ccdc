#include "format/names.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

void ExpectContainers(const Json& fields) {
  const std::string segment = fields["segment"];
  EXPECT_EQ(PrimaryName(segment), fields["primary"].get<std::string>());
  for (const auto& [count, container] : fields["enableAdminFalse"].items()) {
    EXPECT_EQ(HashToContainer(segment, std::stoi(count)), container);
    // Internal segments are owned by number; the tool with the admin mode agrees for these two.
    if (!InternalSegmentContainer(segment)) {
      EXPECT_EQ(ContainerOf(segment, std::stoi(count)), container);
    }
  }
  for (const auto& [count, container] : fields["enableAdminTrue"].items()) {
    if (MetadataSegmentContainer(segment) || StorageMetadataSegmentContainer(segment)) {
      EXPECT_EQ(ContainerOf(segment, std::stoi(count)), container);
    }
  }
}

// h1 as the digest's first 8 bytes, little-endian.
std::string LittleEndianHex(uint64_t h) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(h >> (8 * i));
  return ToHex(bytes);
}

std::string Utf16(const std::string& ascii) {
  std::string out;
  for (char c : ascii) out += {c, '\0'};
  return out;
}

int32_t JavaHashCode(const std::string& ascii) {
  uint32_t h = 0;
  for (char c : ascii) h = 31 * h + static_cast<uint8_t>(c);
  return static_cast<int32_t>(h);
}

TEST(ContainerMapping, Vectors) {
  const Json vectors = LoadVectors("container_mapping.json")["vectors"];
  EXPECT_EQ(vectors.size(), 59u);
  size_t seen = 0;
  for (const Json& v : vectors) {
    SCOPED_TRACE(v.dump());
    const Json& f = v["fields"];
    const std::string kind = v["name"];
    ++seen;
    if (kind == "container") {
      ExpectContainers(f);
    } else if (kind == "consistentHash") {
      EXPECT_EQ(ConsistentHash(static_cast<uint64_t>(f["input"].get<int64_t>()), f["buckets"]),
                f["bucket"]);
    } else if (kind == "murmur") {
      const auto [h1, h2] = Murmur3_128(Utf16(f["input"]), 0x63070754);
      EXPECT_EQ(static_cast<int64_t>(h1), f["asLong"].get<int64_t>());
      EXPECT_EQ(LittleEndianHex(h1) + LittleEndianHex(h2), v["hex"]);
    } else if (kind == "seedHash") {
      EXPECT_EQ(JavaHashCode(f["string"]), f["javaHashCode"]);
      EXPECT_EQ(0x63070754, f["javaHashCode"]);
    } else if (kind == "name" && f["what"] == "transaction") {
      const auto name = ParseTransactionName(f["value"].get<std::string>());
      ASSERT_TRUE(name);
      std::string uuid = f["uuid"];
      std::erase(uuid, '-');
      EXPECT_EQ(name->id_hex, uuid);
      EXPECT_EQ(name->parent, "scope/stream/0.#epoch.0");
    } else {
      --seen;  // segment ids and controller names: not this program's to compute
    }
  }
  EXPECT_EQ(seen, 54u);
}

TEST(ContainerMapping, InternalSegmentsAreOwnedByNumber) {
  EXPECT_EQ(ContainerOf("_system/containers/metadata_3", 4), 3);
  EXPECT_EQ(ContainerOf("_system/containers/metadata_3$attributes.index", 4), 3);
  EXPECT_EQ(ContainerOf("_system/containers/storage_metadata_2$attributes.index", 4), 2);
  EXPECT_EQ(ContainerOf("_system/containers/event_processor_GC.queue.3_3", 4), 3);
}

TEST(ContainerMapping, AnAttributeIndexLivesWithItsSegment) {
  for (const char* segment : {"_system/_tables/t", "scope/stream/0.#epoch.0", "a"}) {
    EXPECT_EQ(ContainerOf(AttributeIndexName(segment), 48), ContainerOf(segment, 48)) << segment;
  }
}

TEST(ContainerMapping, NamesThatAreNoUtf8StillHaveAContainer) {
  for (const std::string name : {"a\xff"
                                 "b",
                                 "\xc3", "\xf0\x9f\x98", "\xe6\xb5"}) {
    const int container = ContainerOf(name, 8);
    EXPECT_TRUE(container >= 0 && container < 8);
  }
  // A code point above U+FFFF is two code units.
  EXPECT_EQ(
      HashToContainer("\xf0\x9f\x98\x80", 1 << 20),
      ConsistentHash(Murmur3_128(std::string("\x3d\xd8\x00\xde", 4), 0x63070754).first, 1 << 20));
}

TEST(Names, OfFilesAreGivenBack) {
  const std::string uuid = "60f1b333-5c1b-442b-b7a7-b52c33f0674c";
  const std::string chunk_name = ChunkName("s/x.E-1-O-2.y/0.#epoch.0", 7, 1000, uuid);
  const auto chunk = ParseChunkName(chunk_name);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->segment, "s/x.E-1-O-2.y/0.#epoch.0");
  EXPECT_EQ(chunk->epoch, 7u);
  EXPECT_EQ(chunk->offset, 1000u);

  const std::string rolling_name = RollingChunkName("s/x/0.#epoch.0", 20);
  const auto rolling = ParseRollingChunkName(rolling_name);
  ASSERT_TRUE(rolling);
  EXPECT_EQ(rolling->segment, "s/x/0.#epoch.0");
  EXPECT_EQ(rolling->offset, 20u);

  EXPECT_EQ(HeaderName("a"), "a$header");
  EXPECT_EQ(BlockName("scope/stream/0.#epoch.0", 1073741824),
            "scope/stream/0.#epoch.0.B-1073741824");
}

TEST(Names, OfJournalsAndSnapshots) {
  for (const bool snapshot : {false, true}) {
    const std::string name = snapshot ? SnapshotName(3, 5, 7) : JournalName(3, 5, 7);
    EXPECT_EQ(name, std::string("_system/containers/_sysjournal.epoch5.container3.") +
                        (snapshot ? "snapshot7" : "file7"));
    const auto parsed = ParseJournalName(name);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->epoch, 5u);
    EXPECT_EQ(parsed->container, 3);
    EXPECT_EQ(parsed->index, 7u);
    EXPECT_EQ(parsed->snapshot, snapshot);
  }
}

TEST(Names, LikeChunksButNone) {
  const std::string uuid = "60f1b333-5c1b-442b-b7a7-b52c33f0674c";
  for (const std::string& name : std::vector<std::string>{
           "a.E-1-O-0.60f1b333-5c1b-442b-b7a7-b52c33f0674", "a.E-1-O-0." + uuid.substr(1) + "g",
           "a.E-1-O-0" + uuid, "a.E--1-O-0." + uuid, "a.E-01-O-0." + uuid, "a.E-1-O-." + uuid,
           "a.E-1-O-99999999999999999999." + uuid, ".E-1-O-0." + uuid, "a.O-0." + uuid, uuid, ""}) {
    EXPECT_FALSE(ParseChunkName(name)) << name;
  }
  for (const char* name : {"a$offset.", "a$offset.-1", "a$offset.1x", "$offset.1", "a$offset.01",
                           "a", "a$offset.99999999999999999999"}) {
    EXPECT_FALSE(ParseRollingChunkName(name)) << name;
  }
  for (const char* name : {
           "_system/containers/_sysjournal.epoch1.container0.file",
           "_system/containers/_sysjournal.epoch1.container0.other1",
           "_system/containers/_sysjournal.epoch1.container.file1",
           "_system/containers/_sysjournal.epoch1.container-1.file1",
           "_system/containers/_sysjournal.epoch.container0.file1",
           "_system/containers/_sysjournal.epoch1.container0.file1.backup",
           "_system/containers/_sysjournal.epoch1.file1",
           "_sysjournal.epoch1.container0.file1",
       }) {
    EXPECT_FALSE(ParseJournalName(name)) << name;
  }
}

TEST(Names, OfInternalSegments) {
  EXPECT_EQ(MetadataSegmentContainer(MetadataSegmentName(12)), 12);
  EXPECT_EQ(StorageMetadataSegmentContainer(StorageMetadataSegmentName(12)), 12);
  for (const char* name :
       {"_system/containers/metadata_", "_system/containers/metadata_x",
        "_system/containers/metadata_01", "_system/containers/metadata_-1",
        "_system/containers/metadata_1$attributes.index", "_system/containers/storage_metadata_1",
        "x/metadata_1", "_system/containers/metadata_99999999999"}) {
    EXPECT_FALSE(MetadataSegmentContainer(name)) << name;
  }
  EXPECT_FALSE(InternalSegmentContainer("_system/containers/other_1"));
  EXPECT_FALSE(InternalSegmentContainer("_system/containers/event_processor_x"));
  EXPECT_FALSE(InternalSegmentContainer("scope/stream/0.#epoch.0"));
  EXPECT_TRUE(IsGcQueue("_system/containers/event_processor_GC.queue.0_0"));
  EXPECT_TRUE(IsGcQueue("_system/containers/event_processor_GC.failed.queue.11_11"));
  EXPECT_FALSE(IsGcQueue("_system/containers/event_processor_GC.queue.0_1"));
  EXPECT_FALSE(IsGcQueue("_system/containers/event_processor_GC.queue.0_0$attributes.index"));
  EXPECT_FALSE(IsGcQueue("_system/containers/event_processor_other_0"));
}

TEST(Names, OfTransactionsAndTransients) {
  const std::string id = "000000020000000000000000000000ab";
  EXPECT_FALSE(ParseTransactionName("s/x/0.#epoch.0"));
  EXPECT_FALSE(ParseTransactionName("s/x/0.#epoch.0#transaction." + id.substr(1)));
  EXPECT_FALSE(ParseTransactionName("s/x/0.#epoch.0#transaction." + id.substr(1) + "g"));
  EXPECT_FALSE(ParseTransactionName("s/x/0.#epoch.0#transaction." + id + "$attributes.index"));
  EXPECT_TRUE(IsTransient("s/x/0.#epoch.0#transient." + id + "." + id));
  EXPECT_FALSE(IsTransient("s/x/0.#epoch.0#transient." + id.substr(1)));
  EXPECT_EQ(PrimaryName("s/x/0.#epoch.0#transaction." + id + "$attributes.index"), "s/x/0");
  EXPECT_EQ(PrimaryName("#s.#epoch.1"), "#s");
  EXPECT_EQ(PrimaryName(".#epoch.1"), "");
  EXPECT_EQ(PrimaryName("s/x/0#epoch.1"), "s/x/0#epoch.1");
}

TEST(Names, SafePathsStayInsideTheRoot) {
  for (const char* path : {"a", "a/b", "...", "a/..b", ".a/b.", "\xc3\xbc/\xe6\xb5\x81"}) {
    EXPECT_TRUE(IsSafeRelativePath(path)) << path;
  }
  for (const std::string& path :
       std::vector<std::string>{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b",
                                "a/..", std::string("a\0b", 3), std::string(4097, 'a')}) {
    EXPECT_FALSE(IsSafeRelativePath(path)) << path;
  }
  EXPECT_TRUE(IsSafeRelativePath(std::string(4096, 'a')));
}

}  // namespace
}  // namespace pdr

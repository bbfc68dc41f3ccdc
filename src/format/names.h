// Segment and file names. docs/formats/ids-and-names.md, lts-chunked.md section 1,
// lts-rolling.md section 2. Names are UTF-8, relative to the Tier-2 root, '/'-separated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pdr {

inline constexpr std::string_view kContainersDir = "_system/containers/";
inline constexpr std::string_view kAttributeIndexSuffix = "$attributes.index";
inline constexpr std::string_view kHeaderSuffix = "$header";
inline constexpr std::string_view kTransactionDelimiter = "#transaction.";
inline constexpr std::string_view kTransientDelimiter = "#transient.";

std::string MetadataSegmentName(int container);         // _system/containers/metadata_<C>
std::string StorageMetadataSegmentName(int container);  // _system/containers/storage_metadata_<C>
std::string AttributeIndexName(std::string_view segment);
std::string HeaderName(std::string_view segment);                         // rolling
std::string RollingChunkName(std::string_view segment, uint64_t offset);  // rolling
std::string ChunkName(std::string_view segment, uint64_t epoch, uint64_t offset,
                      std::string_view uuid);                           // chunked
std::string BlockName(std::string_view segment, uint64_t block_start);  // chunked
std::string SnapshotName(int container, uint64_t epoch, uint64_t index);
std::string JournalName(int container, uint64_t epoch, uint64_t index);

// Their segments are parts of the names.
struct ParsedChunkName {  // <segment>.E-<epoch>-O-<offset>.<uuid>
  std::string_view segment;
  uint64_t epoch = 0;
  uint64_t offset = 0;
};
std::optional<ParsedChunkName> ParseChunkName(std::string_view name);

struct ParsedRollingChunkName {  // <segment>$offset.<N>
  std::string_view segment;
  uint64_t offset = 0;
};
std::optional<ParsedRollingChunkName> ParseRollingChunkName(std::string_view name);

// _system/containers/_sysjournal.epoch<E>.container<C>.file<N> or .snapshot<N>
struct ParsedJournalName {
  uint64_t epoch = 0;
  int container = 0;
  uint64_t index = 0;
  bool snapshot = false;
};
std::optional<ParsedJournalName> ParseJournalName(std::string_view name);

bool IsAttributeIndex(std::string_view segment);
// The container number of `metadata_<C>` / `storage_metadata_<C>` (exact names only).
std::optional<int> MetadataSegmentContainer(std::string_view segment);
std::optional<int> StorageMetadataSegmentContainer(std::string_view segment);
// The container of any internal segment: the two above, their attribute indexes, and
// event_processor_*_<C>; nothing for every other name.
std::optional<int> InternalSegmentContainer(std::string_view segment);
// Exactly event_processor_GC.queue.<C>_<C> or event_processor_GC.failed.queue.<C>_<C>.
bool IsGcQueue(std::string_view segment);
bool IsTransient(std::string_view segment);

inline constexpr size_t kIdHexDigits = 32;
struct TransactionName {
  std::string parent;
  std::string id_hex;  // kIdHexDigits: most significant half, then least significant half
};
std::optional<TransactionName> ParseTransactionName(std::string_view segment);

// What decides the container: without transaction, transient and epoch suffixes.
std::string_view PrimaryName(std::string_view segment);
// The container that owns the segment: by number for internal segments, by hash for all others.
// container_count >= 1. docs/formats/ids-and-names.md section 2.
int ContainerOf(std::string_view segment, int container_count);
// The hash mapping alone (what a client-facing service uses).
int HashToContainer(std::string_view segment, int container_count);
// Guava's consistentHash: input to [0, buckets), buckets >= 1.
int ConsistentHash(uint64_t input, int buckets);

// True for a name that stays inside the root when joined to it: relative, no empty, "." or ".."
// component, no NUL, at most 4096 bytes. Everything read from a file is checked with this.
bool IsSafeRelativePath(std::string_view path);
// Valid UTF-8 without control characters: everything that Pravega names.
bool IsPlainText(std::string_view text);

}  // namespace pdr

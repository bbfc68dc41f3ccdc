// Codecs of what is on disk in Tier-2.
#include <vector>

#include "format/btree.h"
#include "format/event_frames.h"
#include "format/names.h"
#include "format/rolling_header.h"
#include "format/segment_info.h"
#include "format/serializer.h"
#include "format/storage_metadata.h"
#include "format/system_journal.h"
#include "format/table_entry.h"
#include "format/testing/btree_image.h"
#include "format/testing/codec_checks.h"

namespace pdr {
namespace {

// What `read` takes from the bytes, `write` writes and `read` takes again.
template <auto Read, auto Write>
Outcome Primitive(std::string_view bytes) {
  ByteReader r(bytes);
  const auto value = Read(r);
  if (!r.ok()) return Outcome::kRejected;
  ByteWriter w;
  Write(w, value);
  ByteReader again(w.bytes());
  return SurvivedIf(Read(again) == value && again.ok() && again.remaining() == 0);
}

// Only core attributes that have a value are kept in a record.
Outcome SegmentInfoCheck(std::string_view bytes) {
  const auto value = DecodeSegmentInfo(bytes);
  if (!value.ok()) return Outcome::kRejected;
  SegmentInfo stored = *value;
  absl::erase_if(stored.attributes, [](const auto& a) {
    return a.first.high != kCoreHigh || a.second == kNullAttributeValue;
  });
  const auto again = DecodeSegmentInfo(EncodeSegmentInfo(*value));
  return SurvivedIf(again.ok() && *again == stored);
}

// A record without its attributes is accepted and refused like the whole one.
Outcome WithoutAttributesCheck(std::string_view bytes) {
  auto whole = DecodeSegmentInfo(bytes);
  const auto value = DecodeWithoutAttributes(bytes);
  if (whole.status() != value.status()) return Outcome::kBroken;
  if (!value.ok()) return Outcome::kRejected;
  whole->attributes.clear();
  return SurvivedIf(*value == *whole);
}

// Nothing is left of what an object held before.
Outcome UsedTransactionDataCheck(std::string_view bytes) {
  const auto value = DecodeTransactionData(bytes);
  const StorageMetadata before[] = {ChunkMetadata{"a name", 1, "another", 2},
                                    SegmentMetadata{"a name", 1, 2, 3, 4, 5, "b", "c", 6, 7, 8, 9},
                                    ReadIndexBlockMetadata{"a name", "another", 1, 2}};
  bool same = true;
  for (const StorageMetadata& record : before) {
    TransactionData used{7, "a key", record};
    const Status decoded = DecodeTransactionDataInto(bytes, used);
    same = same && decoded == value.status() && (!value.ok() || used == *value);
  }
  return !same ? Outcome::kBroken : value.ok() ? Outcome::kSurvived : Outcome::kRejected;
}

Outcome JournalCheck(std::string_view bytes) {
  const auto value = DecodeJournalFile(bytes);
  if (!value.ok()) return Outcome::kRejected;
  std::string written;
  for (const auto& batch : value->batches) written += EncodeJournalBatch(batch);
  const auto again = DecodeJournalFile(written);
  return SurvivedIf(again.ok() && again->batches == value->batches);
}

Outcome RollingHeaderCheck(std::string_view bytes) {
  const auto value = DecodeRollingHeader(bytes);
  if (!value.ok()) return Outcome::kRejected;
  const auto again = DecodeRollingHeader(EncodeRollingHeader(*value));
  return SurvivedIf(again.ok() && again->chunks == value->chunks);
}

Outcome TableEntryCheck(std::string_view bytes) {
  const auto value = DecodeTableEntry(bytes);
  if (!value.ok()) return Outcome::kRejected;
  std::string again;
  AppendTableEntry(again, value->key, value->value, value->explicit_version);
  return SurvivedIf(again == bytes.substr(0, value->size));
}

// An index that can be walked has its keys in order, and each is found.
Outcome BtreeCheck(std::string_view bytes) {
  if (bytes.size() < kBtreeFooterBytes) return Outcome::kRejected;
  const auto footer = DecodeBtreeFooter(bytes.substr(bytes.size() - kBtreeFooterBytes));
  if (!footer.ok()) return Outcome::kRejected;
  const std::string image(bytes);
  const BtreeRead read = ReadFrom(image);
  std::vector<BtreeLeafEntry> entries;
  const Status walked = WalkBtree(read, *footer, 16, [&](std::string_view key, int64_t value) {
    entries.push_back({std::string(key), value});
    return OkStatus();
  });
  if (!walked.ok()) return Outcome::kRejected;
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].key <= entries[i - 1].key) return Outcome::kBroken;
  }
  for (size_t i = 0; i < entries.size(); i += 1 + entries.size() / 8) {
    const auto found = LookupBtree(read, *footer, entries[i].key);
    if (!found.ok() || *found != entries[i].value) return Outcome::kBroken;
  }
  return SurvivedIf(Walked(BulkLoadBtree(entries, {}), 16) == entries);
}

// Key lengths of fixed-key tables are anything from 1 to 8192 bytes: the first two bytes say.
Outcome BtreePageCheck(std::string_view bytes) {
  ByteReader r(bytes);
  const size_t key_length = 1 + r.U16() % kMaxTableKeyBytes;
  return DecodeBtreePage(r.Rest(), key_length).ok() ? Outcome::kSurvived : Outcome::kRejected;
}

Outcome EventsCheck(std::string_view bytes) {
  uint64_t payload = 0;
  uint64_t count = 0;
  const uint64_t end = ForEachEvent(bytes, [&](uint64_t at, std::string_view event) {
    payload += event.size();
    ++count;
    if (at + event.size() > bytes.size()) payload = bytes.size() + 1;
  });
  if (count == 0) return Outcome::kRejected;
  return SurvivedIf(end <= bytes.size() && payload + 8 * count == end);
}

// A name that is taken apart is the same put together, and every name has one container.
Outcome NamesCheck(std::string_view bytes) {
  const auto chunk = ParseChunkName(bytes);
  const auto rolling = ParseRollingChunkName(bytes);
  const auto journal = ParseJournalName(bytes);
  bool same = true;
  if (rolling) same = same && RollingChunkName(rolling->segment, rolling->offset) == bytes;
  if (chunk) {
    const std::string_view uuid = bytes.substr(bytes.size() - 36);
    same = same && ChunkName(chunk->segment, chunk->epoch, chunk->offset, uuid) == bytes;
  }
  if (journal) {
    const auto name = journal->snapshot ? SnapshotName : JournalName;
    same = same && name(journal->container, journal->epoch, journal->index) == bytes;
  }
  const int container = HashToContainer(bytes, 7);
  if (container < 0 || container >= 7 || !same) return Outcome::kBroken;
  static_cast<void>(ParseTransactionName(bytes));
  static_cast<void>(InternalSegmentContainer(bytes));
  return IsSafeRelativePath(bytes) ? Outcome::kSurvived : Outcome::kRejected;
}

constexpr CodecCheck kTier2Checks[] = {
    {"compact-long", Primitive<ReadCompactLong, WriteCompactLong>},
    {"compact-int", Primitive<ReadCompactInt, WriteCompactInt>},
    {"compact-signed-long", Primitive<ReadCompactSignedLong, WriteCompactSignedLong>},
    {"modified-utf8", Primitive<ReadUtf, WriteUtf>},
    {"buffer", Primitive<ReadBuffer, WriteBuffer>},
    {"attributes", Primitive<ReadAttributes, WriteAttributes>},
    {"storage-metadata", Primitive<ReadStorageMetadata, WriteStorageMetadata>},
    {"transaction-data", RoundTrip<DecodeTransactionData, EncodeTransactionData>},
    {"used-transaction-data", UsedTransactionDataCheck},
    {"segment-info", SegmentInfoCheck},
    {"segment-info-without-attributes", WithoutAttributesCheck},
    {"journal", JournalCheck},
    {"snapshot", RoundTrip<DecodeSnapshotFile, EncodeSnapshotFile>},
    {"rolling-header", RollingHeaderCheck},
    {"table-entry", TableEntryCheck},
    {"btree", BtreeCheck},
    {"btree-page", BtreePageCheck},
    {"btree-statistics", Decodes<DecodeBtreeStatistics>},
    {"events", EventsCheck},
    {"names", NamesCheck},
};

}  // namespace

std::span<const CodecCheck> Tier2CodecChecks() { return kTier2Checks; }

}  // namespace pdr

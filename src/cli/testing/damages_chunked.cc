// Damage to the chunked layout's storage metadata, chunks and garbage-collection queues.
#include <functional>
#include <stdexcept>

#include "cli/testing/damages.h"
#include "format/storage_metadata.h"
#include "format/system_journal.h"
#include "format/table_entry.h"

namespace pdr {
namespace {

constexpr const char* kRecords = "containers/storage_metadata_0.E-2";
constexpr const char* kFirstChunk = "stream/0.#epoch.0.E-1-O-1000";
constexpr const char* kSegment = "scope/stream/0.#epoch.0";

// Puts the newest value of `key` once more, changed: an entry at the end of the table, which a
// journal record makes known.
void ChangeValue(DamagedTree& tree, const std::string& key,
                 const std::function<void(std::string&)>& change) {
  std::string value;
  for (const char* chunk : {"containers/storage_metadata_0.E-1", kRecords}) {
    std::string_view bytes = tree.Bytes(chunk);
    for (auto entry = DecodeTableEntry(bytes); entry.ok(); entry = DecodeTableEntry(bytes)) {
      if (entry->key == key && entry->value) value = *entry->value;
      bytes.remove_prefix(entry->size);
    }
  }
  if (value.empty()) throw std::logic_error("no record of " + key);
  change(value);
  std::string entry;
  AppendTableEntry(entry, key, value);
  const AppendRecord append{kStorageTable, tree.Path(kRecords), tree.Bytes(kRecords).size(),
                            entry.size()};
  tree.Append(kRecords, entry);
  tree.Append("epoch2.container0.file2", EncodeJournalBatch({append}));
}

void ChangeRecord(DamagedTree& tree, const std::string& key,
                  const std::function<void(TransactionData&)>& change) {
  ChangeValue(tree, key, [&](std::string& value) {
    TransactionData data = DecodeTransactionData(value).value();
    change(data);
    value = EncodeTransactionData(data);
  });
}

SegmentMetadata& Segment(TransactionData& data) { return std::get<SegmentMetadata>(*data.value); }
ChunkMetadata& Chunk(TransactionData& data) { return std::get<ChunkMetadata>(*data.value); }

}  // namespace

std::vector<Damage> ChunkedDamages() {
  using T = DamagedTree;
  const TreeKind k = TreeKind::kChunked;
  return {
      {"storage metadata: chunk missing",
       k,
       [](T& t) { t.Erase(kRecords); },
       {},
       kCheck,
       9,
       "is missing"},
      {"storage metadata: zero length",
       k,
       [](T& t) { t.Cut(kRecords, 0); },
       {},
       kCheck,
       9,
       "has 0 bytes, it must have 8674"},
      {"storage metadata: cut inside an entry",
       k,
       [](T& t) { t.CutBy(kRecords, 9); },
       {},
       kCheck,
       9,
       "has 8665 bytes, it must have 8674"},
      {"storage metadata: bit flipped in the first entry's header",
       k,
       [](T& t) { t.Flip(kRecords, 0); },
       {},
       kCheck,
       4,
       "table-damaged"},
      {"storage metadata: an entry with a value of 2 GiB",
       k,
       [](T& t) { t.Set(kRecords, 5, std::string("\x7f\xff\xff\xff", 4)); },
       {},
       kCheck,
       4,
       "table-damaged"},
      {"storage metadata: an entry with a key of 4 GiB",
       k,
       [](T& t) { t.Set(kRecords, 1, "\xff\xff\xff\xff"); },
       {},
       kCheck,
       4,
       "table-damaged"},
      {"storage metadata: a chunk list that is a circle",
       k,
       [](T& t) {
         ChangeRecord(t, t.Path("stream/0.#epoch.0.E-1-O-2000"), [&](TransactionData& d) {
           Chunk(d).next_chunk = t.Path("stream/0.#epoch.0.E-1-O-2000");
         });
       },
       {},
       kCheck,
       4,
       "list-broken"},
      {"storage metadata: a chunk name that leads out of the root",
       k,
       [](T& t) {
         const std::string name = t.Path("stream/0.#epoch.0.E-2-O-3008");
         ChangeRecord(t, name, [&](TransactionData& d) { Chunk(d).name = "../outside/secret"; });
       },
       {},
       kCheck,
       4,
       "list-broken"},
      {"storage metadata: a list that begins out of the root",
       k,
       [](T& t) {
         ChangeRecord(t, kSegment,
                      [](TransactionData& d) { Segment(d).first_chunk = "../outside/secret"; });
       },
       {},
       kCheck,
       4,
       "list-broken"},
      {"storage metadata: a segment record under another name",
       k,
       [](T& t) { ChangeRecord(t, kSegment, [](TransactionData& d) { d.key[0] = 'X'; }); },
       {},
       kCheck,
       4,
       "storage-record-damaged"},
      {"storage metadata: a length of 2^61",
       k,
       [](T& t) {
         ChangeRecord(t, kSegment,
                      [](TransactionData& d) { Segment(d).length = uint64_t{1} << 61; });
       },
       {},
       kCheck,
       4,
       "list-disagrees"},
      {"storage metadata: a start offset beyond the length",
       k,
       [](T& t) {
         ChangeRecord(t, kSegment,
                      [](TransactionData& d) { Segment(d).start_offset = uint64_t{1} << 61; });
       },
       {},
       kCheck,
       4,
       "list-broken"},
      {"storage metadata: two billion chunks",
       k,
       [](T& t) {
         ChangeRecord(t, kSegment, [](TransactionData& d) { Segment(d).chunk_count = 0x3fffffff; });
       },
       {},
       kCheck,
       4,
       "list-disagrees"},
      {"storage metadata: an owner epoch of 2^61",
       k,
       [](T& t) {
         ChangeRecord(t, kSegment,
                      [](TransactionData& d) { Segment(d).owner_epoch = uint64_t{1} << 61; });
       },
       {},
       kPlan,
       4,
       "--allow epoch-implausible"},
      {"storage metadata: unknown version of a record",
       k,
       [](T& t) { ChangeValue(t, kSegment, [](std::string& value) { value[1] = 9; }); },
       {},
       kCheck,
       4,
       "record-damaged"},
      {"chunk: missing", k, [](T& t) { t.Erase(kFirstChunk); }, {}, kPlan, 4, "chunk-missing"},
      {"chunk: shorter than recorded",
       k,
       [](T& t) { t.CutBy(kFirstChunk, 10); },
       {},
       kPlan,
       4,
       "chunk-short"},
      {"chunk: zero length", k, [](T& t) { t.Cut(kFirstChunk, 0); }, {}, kPlan, 4, "chunk-short"},
      {"chunk: bytes overwritten",
       k,
       [](T& t) { t.Set(kFirstChunk, 100, std::string(600, '\xff')); },
       {},
       kPlan,
       3,
       "unframed"},
      {"chunk: the last one longer than recorded",
       k,
       [](T& t) { t.Append("E-2-O-3008", std::string(5000, '\xff')); },
       {},
       kPlan,
       3,
       "salvaged"},
      {"chunk: two files for the same offset",
       k,
       [](T& t) {
         t.Copy("E-2-O-3008",
                std::string(kSegment) + ".E-2-O-3008.00000000-0000-0000-0000-000000000000");
       },
       {},
       kPlan,
       3,
       "unreferenced"},
      {"chunk: an epoch of 2^63 - 1 in its name",
       k,
       [](T& t) {
         t.Rename("E-2-O-3008", std::string(kSegment) +
                                    ".E-9223372036854775807-O-3008."
                                    "00000000-0000-0000-0000-000000000000");
       },
       {},
       kPlan,
       4,
       "--allow epoch-implausible"},
      {"chunk: an offset beyond 2^64 in its name",
       k,
       [](T& t) {
         t.Rename("E-2-O-3008", std::string(kSegment) +
                                    ".E-2-O-99999999999999999999."
                                    "00000000-0000-0000-0000-000000000000");
       },
       {},
       kPlan,
       4,
       "chunk-missing"},
      {"GC queue: garbage",
       k,
       [](T& t) { t.Set("GC.queue.0_0.E-2", 0, std::string(200, '\xff')); },
       {},
       kPlan,
       3,
       "unframed"},
      {"GC queue: missing",
       k,
       [](T& t) { t.EraseAll("GC.queue"); },
       {},
       kPlan,
       4,
       "--allow chunk-missing"},
  };
}

}  // namespace pdr

// Damage to the chunked layout's journals, snapshots and epoch files.
#include "base/bytes.h"
#include "cli/testing/damages.h"
#include "format/system_journal.h"

namespace pdr {
namespace {

constexpr const char* kJournal = "epoch2.container0.file2";
constexpr const char* kNewSnapshot = "epoch2.container0.snapshot1";
constexpr const char* kContainers = "_system/containers/";

std::string Big(uint64_t v) { return ByteWriter().U64(v).Take(); }
std::string Big32(uint32_t v) { return ByteWriter().U32(v).Take(); }

// The newest snapshot after `change`, encoded anew: damage that only a careful reader sees.
template <typename Change>
void ChangeSnapshot(DamagedTree& tree, Change&& change) {
  std::string& bytes = tree.Bytes(kNewSnapshot);
  SystemSnapshot snapshot = DecodeSnapshotFile(bytes).value();
  change(snapshot);
  bytes = EncodeSnapshotFile(snapshot);
}

void AppendJournal(DamagedTree& tree, const JournalRecord& record) {
  tree.Append(kJournal, EncodeJournalBatch({record}));
}

}  // namespace

std::vector<Damage> JournalDamages() {
  using T = DamagedTree;
  const TreeKind k = TreeKind::kChunked;
  return {
      {"journal: zero length",
       k,
       [](T& t) { t.Cut(kJournal, 0); },
       {},
       kCheck,
       4,
       "GC.queue.0_0.E-2-O-1970"},
      {"journal: cut inside a batch",
       k,
       [](T& t) { t.CutBy(kJournal, 7); },
       {},
       kCheck,
       4,
       "journal-torn"},
      {"journal: unknown version",
       k,
       [](T& t) { t.Set(kJournal, 0, "\x7f"); },
       {},
       kCheck,
       9,
       "serializer format 127, not 0"},
      {"journal: a length of 4 GiB",
       k,
       [](T& t) { t.Set(kJournal, 3, Big32(0xffffffff)); },
       {},
       kCheck,
       9,
       "revision 255 where 0 belongs"},
      {"journal: bit flipped in a name",
       k,
       [](T& t) { t.Flip(kJournal, static_cast<int64_t>(t.Bytes(kJournal).find("metadata_0"))); },
       {},
       kCheck,
       9,
       "not a system segment of this container"},
      {"journal: missing in the middle",
       k,
       [](T& t) {
         t.Copy(kJournal, std::string(kContainers) + "_sysjournal.epoch2.container0.file300");
       },
       {},
       kCheck,
       4,
       "journal-gap"},
      {"journal: the same records twice",
       k,
       [](T& t) {
         t.Copy(kJournal, std::string(kContainers) + "_sysjournal.epoch2.container0.file3");
       },
       {},
       kCheck,
       0,
       "0 anomalies"},
      {"journal: a chunk name that leads out of the root",
       k,
       [](T& t) {
         AppendJournal(t, ChunkAddedRecord{kStorageTable, "../outside/secret", "", 33240});
       },
       {},
       kCheck,
       9,
       "a first chunk added to existing ones"},
      {"journal: a chunk added to itself (cyclic list)",
       k,
       [](T& t) {
         const std::string chunk = t.Path("storage_metadata_0.E-2");
         AppendJournal(t, ChunkAddedRecord{kStorageTable, chunk, chunk, 33240});
       },
       {},
       kCheck,
       4,
       "chunk-shared"},
      {"journal: an offset of 2^63",
       k,
       [](T& t) {
         AppendJournal(t, ChunkAddedRecord{kStorageTable, std::string(kStorageTable) + ".E-2-O-1.x",
                                           t.Path("storage_metadata_0.E-2"), uint64_t{1} << 62});
       },
       {},
       kCheck,
       9,
       "begins before"},
      {"journal: an append of 2^62 bytes",
       k,
       [](T& t) {
         const std::string chunk = t.Path("storage_metadata_0.E-2");
         AppendJournal(t, AppendRecord{kStorageTable, chunk, 8674, uint64_t{1} << 61});
       },
       {},
       kCheck,
       9,
       "it must have 2305843009213702626"},
      {"journal: about a segment that is no system segment",
       k,
       [](T& t) { AppendJournal(t, ChunkAddedRecord{"scope/stream/9", "x", "", 0}); },
       {},
       kCheck,
       9,
       "not a system segment of this container"},
      {"journal: a truncation beyond the end",
       k,
       [](T& t) {
         AppendJournal(t, JournalTruncationRecord{kStorageTable, uint64_t{1} << 60,
                                                  t.Path("storage_metadata_0.E-2"), 24566});
       },
       {},
       kCheck,
       9,
       "truncation at 1152921504606846976 names a first chunk"},
      {"snapshot: missing",
       k,
       [](T& t) { t.Erase(kNewSnapshot); },
       {},
       kCheck,
       9,
       "follows the unknown chunk"},
      {"snapshot: zero length",
       k,
       [](T& t) { t.Cut(kNewSnapshot, 0); },
       {},
       kCheck,
       9,
       "snapshot1' could not be used"},
      {"snapshot: cut",
       k,
       [](T& t) { t.CutBy(kNewSnapshot, 100); },
       {},
       kCheck,
       9,
       "snapshot1' could not be used"},
      {"snapshot: unknown version",
       k,
       [](T& t) { t.Set(kNewSnapshot, 1, "\x05"); },
       {},
       kCheck,
       9,
       "snapshot1' could not be used"},
      {"snapshot: both missing",
       k,
       [](T& t) { t.EraseAll(".snapshot1"); },
       {},
       kCheck,
       9,
       "follows the unknown chunk"},
      {"snapshot: a chunk name that leads out of the root",
       k,
       [](T& t) {
         ChangeSnapshot(t, [](SystemSnapshot& s) {
           auto& segment = s.segments[0];
           segment.chunks.back().name = segment.segment.last_chunk = "../outside/secret";
           if (segment.chunks.size() == 1) segment.segment.first_chunk = "../outside/secret";
         });
       },
       {},
       kCheck,
       9,
       "follows the unknown chunk"},
      {"snapshot: an absolute chunk name",
       k,
       [](T& t) {
         ChangeSnapshot(t, [](SystemSnapshot& s) {
           auto& segment = s.segments[0];
           segment.chunks.back().name = segment.segment.last_chunk = "/etc/passwd";
           if (segment.chunks.size() == 1) segment.segment.first_chunk = "/etc/passwd";
         });
       },
       {},
       kCheck,
       9,
       "follows the unknown chunk"},
      {"snapshot: lengths that add up beyond 2^64",
       k,
       [](T& t) {
         ChangeSnapshot(t, [](SystemSnapshot& s) {
           for (auto& chunk : s.segments[0].chunks) chunk.length = (uint64_t{1} << 62) - 1;
         });
       },
       {},
       kCheck,
       9,
       "snapshot1' could not be used"},
      {"snapshot: an epoch of 2^62",
       k,
       [](T& t) { ChangeSnapshot(t, [](SystemSnapshot& s) { s.epoch = uint64_t{1} << 61; }); },
       {},
       kCheck,
       4,
       "unreferenced: "},
      {"epoch file: damaged",
       k,
       [](T& t) { t.Put(std::string(kContainers) + "container_0_epoch", "\xff\xff"); },
       {},
       kCheck,
       4,
       "epoch-file-damaged"},
      {"epoch file: an epoch of 2^63 - 1",
       k,
       [](T& t) {
         t.Put(std::string(kContainers) + "container_0_epoch", Big(INT64_MAX) + Big(INT64_MAX));
       },
       {},
       kCheck,
       4,
       "epoch-file-damaged"},
      {"snapshot info: damaged",
       k,
       [](T& t) {
         t.Put(std::string(kContainers) + "_sysjournal.container0.snapshot_info", "\xff");
       },
       {},
       kCheck,
       4,
       "epoch-file-damaged"},
      {"journal: an epoch of 2^63 - 1 in its name",
       k,
       [](T& t) {
         t.Copy(kJournal,
                std::string(kContainers) + "_sysjournal.epoch9223372036854775807.container0.file1");
       },
       {},
       kPlan,
       4,
       "--allow epoch-implausible"},
  };
}

}  // namespace pdr

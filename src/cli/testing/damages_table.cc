// Damage to container metadata, controller tables, attribute indexes and transactions.
#include <stdexcept>

#include "base/bytes.h"
#include "cli/testing/damages.h"
#include "format/names.h"
#include "format/segment_info.h"
#include "format/table_entry.h"
#include "tier2/testing/sample_tree.h"

namespace pdr {
namespace {

constexpr const char* kStreamTable = "_tables/dr/scaled/metadata.#.";
constexpr const char* kIndex = "dr/scaled/0.#epoch.0$attributes.index$offset.0";

void AddRecord(DamagedTree& tree, const std::string& key, const std::string& value) {
  std::string entry;
  AppendTableEntry(entry, key, value);
  tree.Append(kMetadataFile, entry);
}
void AddRecord(DamagedTree& tree, const SegmentInfo& info) {
  AddRecord(tree, info.name, EncodeSegmentInfo(info));
}

// The data chunk of the stream's metadata table.
std::string StreamTable(const DamagedTree& tree) {
  for (const auto& [path, file] : tree.files()) {
    if (path.find(kStreamTable) != path.npos && path.ends_with("$offset.0") &&
        path.find("$attributes") == path.npos) {
      return path;
    }
  }
  throw std::logic_error("no table of that stream");
}

// Appends a put of `value` under a key of the controller's table.
void AddValue(DamagedTree& tree, const std::string& key, const std::string& value) {
  std::string entry;
  AppendTableEntry(entry, key, value);
  tree.Append(StreamTable(tree), entry);
}

std::string Footer(uint64_t root_offset, uint32_t root_length) {
  return ByteWriter().U64(root_offset).U32(root_length).Take();
}

}  // namespace

std::vector<Damage> TableDamages() {
  using T = DamagedTree;
  const TreeKind k = TreeKind::kRolling;
  return {
      {"metadata: cut inside an entry",
       k,
       [](T& t) { t.CutBy(kMetadataFile, 5); },
       {},
       kPlan,
       0,
       "table-torn"},
      {"metadata: bit flipped in a key",
       k,
       [](T& t) {
         t.Flip(kMetadataFile,
                static_cast<int64_t>(t.Bytes(kMetadataFile).find("dr/scaled/0.#epoch.0")));
       },
       {},
       kPlan,
       4,
       "record-damaged"},
      {"metadata: first entry damaged",
       k,
       [](T& t) { t.Set(kMetadataFile, 0, "\xff\xff\xff"); },
       {},
       kPlan,
       4,
       "--allow metadata-empty --allow table-damaged"},
      {"metadata: an entry with a value of 2 GiB",
       k,
       [](T& t) { t.Set(kMetadataFile, 5, std::string("\x7f\xff\xff\xff", 4)); },
       {},
       kPlan,
       4,
       "--allow metadata-empty --allow table-damaged"},
      {"metadata: a record that does not parse",
       k,
       [](T& t) { AddRecord(t, "dr/scaled/0.#epoch.0", "garbage"); },
       {},
       kPlan,
       4,
       "record-damaged"},
      {"metadata: a record of an unknown version",
       k,
       [](T& t) { AddRecord(t, "dr/scaled/0.#epoch.0", std::string("\0\x07\1\0\0\0\0", 7)); },
       {},
       kPlan,
       4,
       "record-damaged"},
      {"metadata: a record of another segment",
       k,
       [](T& t) {
         AddRecord(t, "dr/scaled/0.#epoch.0", EncodeSegmentInfo(MakeRecord("dr/other/0.#epoch.0")));
       },
       {},
       kPlan,
       4,
       "record-damaged"},
      {"metadata: a segment name with '..'",
       k,
       [](T& t) { AddRecord(t, MakeRecord("../outside/secret", 10)); },
       {},
       kPlan,
       4,
       "--allow name-unsafe"},
      {"metadata: an absolute segment name",
       k,
       [](T& t) { AddRecord(t, MakeRecord("/etc/passwd", 10)); },
       {},
       kPlan,
       4,
       "--allow name-unsafe"},
      {"metadata: a segment name with a line break",
       k,
       [](T& t) { AddRecord(t, MakeRecord("dr/a\nb\x1b[31m/0.#epoch.0", 10)); },
       {},
       kPlan,
       4,
       "dr/a\\x0ab\\x1b[31m/0.#epoch.0: at least 10 bytes"},
      {"metadata: a name that is no UTF-8",
       k,
       [](T& t) { AddRecord(t, "dr/\xff\xfe/0.#epoch.0", "x"); },
       {},
       kPlan,
       4,
       "record-damaged"},
      {"metadata: an empty name",
       k,
       [](T& t) { AddRecord(t, "", "x"); },
       {},
       kPlan,
       4,
       "--allow table-damaged"},
      {"metadata: a length of 2^63 - 1",
       k,
       [](T& t) { AddRecord(t, MakeRecord("dr/scaled/0.#epoch.0", INT64_MAX)); },
       {},
       kPlan,
       4,
       "--allow record-damaged"},
      {"metadata: a negative length",
       k,
       [](T& t) { AddRecord(t, MakeRecord("dr/scaled/0.#epoch.0", -5)); },
       {},
       kPlan,
       4,
       "record-damaged"},
      {"metadata: a start offset beyond the length",
       k,
       [](T& t) { AddRecord(t, MakeRecord("dr/scaled/0.#epoch.0", 10, 20)); },
       {},
       kPlan,
       4,
       "record-damaged"},
      {"metadata: a record of another container's",
       k,
       [](T& t) { AddRecord(t, MakeRecord(MetadataSegmentName(3))); },
       {},
       kPlan,
       9,
       "which belongs to container 3 of 1"},
      {"controller table: missing",
       k,
       [](T& t) { t.EraseAll(kStreamTable); },
       {},
       kPlan,
       4,
       "--allow data-missing"},
      {"controller table: zero length",
       k,
       [](T& t) { t.Cut(StreamTable(t), 0); },
       {},
       kPlan,
       3,
       "14 keys"},
      {"controller table: cut inside an entry",
       k,
       [](T& t) { t.CutBy(StreamTable(t), 3); },
       {},
       kPlan,
       3,
       "torn-tail"},
      {"controller table: garbage",
       k,
       [](T& t) { t.Set(StreamTable(t), 0, std::string(200, '\xff')); },
       {},
       kPlan,
       4,
       "--allow damaged-entry"},
      {"controller table: an epoch record with 2 billion segments",
       k,
       [](T& t) {
         AddValue(t, "epochRecord-0",
                  std::string("\0\0\1\0\0\0\x0d\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0", 20));
       },
       {},
       kPlan,
       3,
       "index-rebuilt"},
      {"controller table: an unknown state",
       k,
       [](T& t) { AddValue(t, "state", std::string("\0\0\1\0\0\0\1\x3f", 8)); },
       {},
       kPlan,
       3,
       "index-rebuilt"},
      {"controller table: epoch 2^31 - 1",
       k,
       [](T& t) { AddValue(t, "currentEpochRecord", "\x7f\xff\xff\xff"); },
       {},
       kPlan,
       3,
       "index-rebuilt"},
      {"controller table: all of them missing",
       k,
       [](T& t) { t.EraseAll("_tables/"); },
       {},
       kPlan,
       4,
       "--allow data-missing"},
      {"attribute index: zero length",
       k,
       [](T& t) { t.Cut(kIndex, 0); },
       {},
       kPlan,
       3,
       "index-unreadable"},
      {"attribute index: cut inside a page",
       k,
       [](T& t) { t.CutBy(kIndex, 20); },
       {},
       kPlan,
       3,
       ": 1 index (no readable tree in its attribute index"},
      {"attribute index: footer flipped",
       k,
       [](T& t) { t.Flip(kIndex, -2); },
       {},
       kPlan,
       3,
       ": 1 index (no readable tree in its attribute index"},
      {"attribute index: a root page of 2 GiB",
       k,
       [](T& t) { t.Set(kIndex, -12, Footer(0, 0x7fffffff)); },
       {},
       kPlan,
       3,
       ": 1 index (no readable tree in its attribute index"},
      {"attribute index: a root at 2^63 - 1",
       k,
       [](T& t) { t.Set(kIndex, -12, Footer(INT64_MAX, 100)); },
       {},
       kPlan,
       3,
       ": 1 index (no readable tree in its attribute index"},
      {"attribute index: a tree that contains itself",
       k,
       [](T& t) {
         std::string& bytes = t.Bytes(kIndex);
         const std::string child = ByteWriter().U64(0).U32(52).U64(0).Take();
         const std::string page = ByteWriter().U8(0).U8(1).U32(1).U32(7).Take();
         bytes = page + std::string(16, '\0') + child.substr(0, 18) + ByteWriter().U32(7).Take() +
                 Footer(0, 48);
       },
       {},
       kPlan,
       3,
       ": 1 index (no readable tree in its attribute index"},
      {"transaction: a name with damaged hex digits",
       k,
       [](T& t) { t.Put("dr/transactions/0.#epoch.0#transaction.zz$header", "maxsize=1000&"); },
       {},
       kPlan,
       0,
       "record-missing"},
      {"transaction: of a segment that is unknown",
       k,
       [](T& t) {
         const std::string name =
             "dr/nothing/0.#epoch.0#transaction.00000000000000000000000000000001";
         t.Put(name + "$header", "maxsize=1000&0=" + name + "$offset.0&");
         t.Put(name + "$offset.0", "0123");
       },
       {},
       kPlan,
       0,
       "leftover"},
  };
}

}  // namespace pdr

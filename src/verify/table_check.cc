#include "verify/table_check.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "format/btree.h"
#include "format/table_entry.h"
#include "verify/entry_scan.h"
#include "verify/index_walk.h"

namespace pdr::verify {
namespace {

constexpr uint64_t kShownPerCode = 10;
constexpr size_t kHashBytes = 16;

int64_t ValueOr(const Attributes& attributes, AttributeId id, int64_t otherwise) {
  auto it = attributes.find(id);
  return it == attributes.end() ? otherwise : it->second;
}

// Shared by both index forms: limits what one broken table can say, reads the index.
class TableJudge {
 public:
  TableJudge(const Disk& disk, Layout layout, const TableSegment& table, Findings& findings)
      : table_(table),
        findings_(findings),
        layout_(layout),
        data_(disk, table.data, table.log),
        index_(disk, table.index, nullptr) {}

  // The effective index: what Tier-2 holds, overruled by what the log holds. False: unreadable.
  StatusOr<bool> ReadIndex(size_t key_length,
                           const std::function<void(const std::string&, int64_t)>& visit) {
    static const std::map<std::string, int64_t> kNone;
    const auto& updates = table_.log == nullptr ? kNone : table_.log->index_updates;
    Status walked = WalkIndex(index_, FooterOf(table_.attributes, layout_), key_length,
                              [&](const std::string& key, int64_t value) {
                                if (!updates.contains(key)) visit(key, value);
                              });
    if (CannotJudge(walked)) return walked;
    if (!walked.ok()) {
      findings_.Add("index-unreadable", table_.name, "attribute index: {}", Message(walked));
      return false;
    }
    for (const auto& [key, value] : updates) {
      if (value != kNullAttributeValue && key.size() == key_length) visit(key, value);
    }
    return true;
  }

  // Calls `visit` for every whole entry, and tells how the data ends.
  Status ScanData(const std::function<void(int64_t, const TableEntry&)>& visit) {
    const uint64_t start = static_cast<uint64_t>(std::max<int64_t>(0, table_.start_offset));
    const uint64_t length = static_cast<uint64_t>(std::max<int64_t>(0, table_.length));
    const int64_t compacted = ValueOr(table_.attributes, kCompactionOffset, 0);
    bool boundary = compacted <= table_.start_offset || compacted == table_.length;
    EntryScan scan(data_, start, std::min(length, data_.end()));
    while (true) {
      StatusOr<std::optional<TableEntry>> entry = scan.Next();
      if (!entry.ok()) {
        if (CannotJudge(entry.status())) return entry.status();
        const bool torn = entry.status().code() == StatusCode::kOutOfRange;
        findings_.Add(torn ? "table-torn" : "table-unreadable", table_.name,
                      "after the entry that ends at {}: {}", scan.end(), Message(entry.status()));
        break;
      }
      if (!entry->has_value()) break;
      const int64_t offset = static_cast<int64_t>(scan.offset());
      boundary = boundary || offset == compacted;
      visit(offset, **entry);
    }
    if (compacted < 0 || compacted > table_.length || !boundary) {
      findings_.Add("compaction-offset-invalid", table_.name,
                    "COMPACTION_OFFSET {} is no entry boundary within {} bytes", compacted,
                    table_.length);
    }
    return OkStatus();
  }

  template <typename... Args>
  void Differs(std::string_view code, fmt::format_string<Args...> format, Args&&... args) {
    if (counts_[std::string(code)]++ >= kShownPerCode) return;
    findings_.Add(code, table_.name, format, std::forward<Args>(args)...);
  }
  // What the index says although no live entry asks for it.
  void Extra(const std::string& what, int64_t offset) {
    if (offset >= table_.length || offset < 0) {
      Differs("index-offset-beyond-length", "{} leads to {}, the length is {}", what, offset,
              table_.length);
    } else {
      Differs("index-key-extra", "{} leads to {}, which is no newest entry of a live key", what,
              offset);
    }
  }
  void Summarize() {
    for (const auto& [code, n] : counts_) {
      if (n <= kShownPerCode) continue;
      findings_.Add(code, table_.name, "and {} more of these", n - kShownPerCode);
    }
    ++findings_.report().table_segments;
  }
  const TableSegment& table() const { return table_; }
  Findings& findings() { return findings_; }

 private:
  const TableSegment& table_;
  Findings& findings_;
  Layout layout_;
  SegmentBytes data_;
  SegmentBytes index_;
  std::map<std::string, uint64_t> counts_;
};

class HashTableCheck {
 public:
  explicit HashTableCheck(TableJudge& judge, bool keep_values)
      : judge_(judge), keep_values_(keep_values) {}

  StatusOr<std::map<std::string, std::string>> Run() {
    ASSIGN_OR_RETURN(bool readable,
                     judge_.ReadIndex(kHashBytes, [this](const std::string& key, int64_t value) {
                       index_.emplace_back(BtreeKeyToAttributeId(key), value);
                     }));
    std::sort(index_.begin(), index_.end());
    const int64_t index_offset = CheckIndexOffset();
    bool compared = !readable;
    RETURN_IF_ERROR(judge_.ScanData([&](int64_t offset, const TableEntry& entry) {
      if (!compared && offset >= index_offset) {
        Compare();
        compared = true;
      }
      Take(offset, entry);
    }));
    if (!compared) Compare();
    judge_.Summarize();
    std::map<std::string, std::string> values;
    if (!keep_values_) return values;
    for (auto& [key, winner] : winners_) {
      if (!winner.removal) values.emplace(key, std::move(winner.value));
    }
    return values;
  }

 private:
  struct Winner {
    int64_t version = 0;
    int64_t offset = 0;
    bool removal = false;
    std::string value;
  };
  struct Expected {
    AttributeId id;
    int64_t offset = 0;
    const std::string* key = nullptr;
  };

  // Entries from here on need not be in the index.
  int64_t CheckIndexOffset() {
    const TableSegment& t = judge_.table();
    const int64_t offset = ValueOr(t.attributes, kIndexOffset, 0);
    if (offset == t.length) return offset;
    if (t.unindexed_tail_allowed && offset >= 0 && offset < t.length) return offset;
    judge_.findings().Add("index-offset-mismatch", t.name,
                          "INDEX_OFFSET is {}, the length is {}: the first append would stop the "
                          "container",
                          offset, t.length);
    return t.length;
  }

  void Take(int64_t offset, const TableEntry& entry) {
    Winner& winner = winners_[std::string(entry.key)];
    const int64_t version = entry.Version(offset);
    if (version < winner.version) return;  // of equal versions the later copy counts
    winner = {version, offset, !entry.value.has_value(), ""};
    if (keep_values_ && entry.value.has_value()) winner.value = *entry.value;
  }

  // What the index must say: per hash the newest offset, and a chain for keys that share a hash.
  std::vector<Expected> ExpectedIndex() const {
    std::vector<Expected> live;
    live.reserve(winners_.size());
    for (const auto& [key, winner] : winners_) {
      if (!winner.removal) live.push_back({TableKeyHash(key), winner.offset, &key});
    }
    std::sort(live.begin(), live.end(), [](const Expected& a, const Expected& b) {
      return a.id != b.id ? a.id < b.id : a.offset > b.offset;
    });
    for (size_t i = live.size(); i-- > 1;) {
      if (live[i].id == live[i - 1].id) live[i].id = TableBackPointer(live[i - 1].offset);
    }
    std::sort(live.begin(), live.end(),
              [](const Expected& a, const Expected& b) { return a.id < b.id; });
    return live;
  }

  void Compare() {
    const std::vector<Expected> expected = ExpectedIndex();
    judge_.findings().report().table_keys += expected.size();
    auto have = index_.begin();
    for (const Expected& e : expected) {
      for (; have != index_.end() && have->first < e.id; ++have) ExtraEntry(*have);
      if (have == index_.end() || have->first != e.id) {
        judge_.Differs("index-key-missing", "key {} at {} is not in the index", Printable(*e.key),
                       e.offset);
        continue;
      }
      if (have->second >= judge_.table().length || have->second < 0) {
        ExtraEntry(*have);
      } else if (have->second != e.offset) {
        judge_.Differs("index-key-wrong", "key {} is newest at {}, the index leads to {}",
                       Printable(*e.key), e.offset, have->second);
      }
      ++have;
    }
    for (; have != index_.end(); ++have) ExtraEntry(*have);
  }
  void ExtraEntry(const std::pair<AttributeId, int64_t>& entry) {
    judge_.Extra("index entry " + ToHex(BtreeKey(entry.first)), entry.second);
  }

  TableJudge& judge_;
  bool keep_values_;
  std::vector<std::pair<AttributeId, int64_t>> index_;
  absl::flat_hash_map<std::string, Winner> winners_;
};

// Removals leave no entry in the data, so only what the index holds can be checked.
Status CheckFixedKeyTable(TableJudge& judge) {
  const TableSegment& t = judge.table();
  const int64_t key_length = ValueOr(t.attributes, kAttributeIdLength, 0);
  if (key_length < 1 || key_length > 256) {
    judge.findings().Add("key-length-missing", t.name,
                         "a table of fixed-length keys needs attribute 12, it is {}", key_length);
    return OkStatus();
  }
  struct Indexed {
    int64_t offset = 0;
    std::optional<int64_t> version;  // of the entry at `offset`
    int64_t newest = -1;
  };
  std::map<std::string, Indexed, std::less<>> index;
  ASSIGN_OR_RETURN(bool readable, judge.ReadIndex(static_cast<size_t>(key_length),
                                                  [&](const std::string& key, int64_t value) {
                                                    index[key].offset = value;
                                                  }));
  bool keys_fit = true;
  RETURN_IF_ERROR(judge.ScanData([&](int64_t offset, const TableEntry& entry) {
    keys_fit = keys_fit && entry.key.size() == static_cast<size_t>(key_length);
    auto it = index.find(entry.key);
    if (it == index.end()) return;
    if (it->second.offset == offset) it->second.version = entry.Version(offset);
    it->second.newest = std::max(it->second.newest, entry.Version(offset));
  }));
  if (!keys_fit) {
    judge.findings().Add("key-length-wrong", t.name, "keys are not {} bytes long", key_length);
  }
  if (!readable) return OkStatus();
  judge.findings().report().table_keys += index.size();
  for (const auto& [key, indexed] : index) {
    if (!indexed.version.has_value()) {
      judge.Extra("key " + Printable(key), indexed.offset);
    } else if (*indexed.version < indexed.newest) {
      judge.Differs("index-key-wrong", "key {} is indexed at {}, there is a newer entry",
                    Printable(key), indexed.offset);
    }
  }
  judge.Summarize();
  return OkStatus();
}

}  // namespace

std::optional<int64_t> FooterOf(const Attributes& attributes, Layout layout) {
  if (layout == Layout::kChunked) return std::nullopt;
  auto it = attributes.find(kIndexRootPointer);
  if (it == attributes.end() || it->second == kNullAttributeValue) return std::nullopt;
  return it->second;
}

std::string Printable(std::string_view bytes) {
  const bool plain =
      std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return plain && !bytes.empty() ? std::string(bytes) : "0x" + ToHex(bytes);
}

StatusOr<std::map<std::string, std::string>> CheckTable(const Disk& disk, Layout layout,
                                                        const TableSegment& table, bool keep_values,
                                                        Findings& findings) {
  TableJudge judge(disk, layout, table, findings);
  if (!IsFixedKeyTable(table.attributes)) return HashTableCheck(judge, keep_values).Run();
  RETURN_IF_ERROR(CheckFixedKeyTable(judge));
  return std::map<std::string, std::string>();
}

}  // namespace pdr::verify

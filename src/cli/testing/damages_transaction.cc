// Damage to what the controller's tables say of transactions.
#include <stdexcept>

#include "cli/testing/damages.h"
#include "format/table_entry.h"

namespace pdr {
namespace {

constexpr const char* kActive = "_tables/dr/transactions/transactionsInEpoch-0";
constexpr const char* kEpochs = "_tables/dr/transactions/epochsWithTransactions";
constexpr const char* kStream = "_tables/dr/transactions/metadata";
constexpr const char* kCompleted = "_tables/completedTransactionsBatch-0";
constexpr const char* kId = "00000000-0000-0000-0000-000000000063";

// A put at the end of a table, as the controller would have made it.
Damage Put(const std::string& name, const std::string& table, const std::string& key,
           const std::string& value, const std::string& says) {
  return {"transaction record: " + name,
          TreeKind::kRolling,
          [=](DamagedTree& tree) {
            for (const auto& [path, file] : tree.files()) {
              if (path.find(table) == path.npos || !path.ends_with("$offset.0") ||
                  path.find("$attributes") != path.npos) {
                continue;
              }
              std::string entry;
              AppendTableEntry(entry, key, value);
              tree.Append(path, entry);
              return;
            }
            throw std::logic_error("no table " + table);
          },
          {},
          "dr plan {root} --workspace {workspace} --format json",
          3,  // the table's index is behind what was put: writes were going on
          says};
}

std::string Bytes(std::string_view bytes) { return std::string(bytes); }

}  // namespace

std::vector<Damage> TransactionDamages() {
  using namespace std::string_view_literals;
  return {
      Put("zero length", kActive, kId, "", "key " + std::string(kId) + ": "),
      Put("garbage", kActive, kId, "\xff\xff\xff\xff\xff\xff", "key " + std::string(kId) + ": "),
      Put("cut", kActive, kId, Bytes("\0\0\1\0\0\0\x30\0\0"sv), "key " + std::string(kId) + ": "),
      Put("an unknown version", kActive, kId, Bytes("\0\x7f\1\0\0\0\0"sv),
          "key " + std::string(kId) + ": "),
      Put("a length of 4 GiB", kActive, kId, Bytes("\0\0\1\0\xff\xff\xff\xff"sv),
          "key " + std::string(kId) + ": "),
      Put("a key that is no id", kActive, "no-id", "", "key no-id: not a transaction id"),
      Put("an epoch that is no number", kEpochs, "many", "", "key many: not an epoch"),
      Put("an epoch beyond 2^31", kEpochs, "99999999999", "", "key 99999999999: not an epoch"),
      Put("a commit that does not parse", kStream, "committingTxns", "\xff",
          "key committingTxns: "),
      Put("a commit of two billion transactions", kStream, "committingTxns",
          Bytes("\0\0\1\0\0\0\x0d\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0"sv), "key committingTxns: "),
      Put("completed, under a key of nobody", kCompleted, "Key", "",
          "key Key: not a transaction's key"),
      Put("completed, and garbage", kCompleted, "Key.#.dr.#.transactions.#./" + std::string(kId),
          "\xff\xff", "completedTransactionsBatch-0, key Key.#.dr.#.transactions.#./00000000-"),
  };
}

}  // namespace pdr

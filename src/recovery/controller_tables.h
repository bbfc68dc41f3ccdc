// One stream, key-value table or reader group, read from the controller's tables.
// docs/formats/controller-tables.md sections 4 to 7.
#pragma once

#include <string>
#include <vector>

#include "recovery/controller_evidence.h"

namespace pdr {

// Reading with a memory of what went wrong: problems are about `subject`.
class TableReading {
 public:
  TableReading(const TableSource& source, std::string subject)
      : source_(source), subject_(std::move(subject)) {}

  // The table, or nothing and a problem. A table that nothing knows is no problem if `optional`.
  std::optional<TableValues> Read(const std::string& table, bool optional = false);
  // The decoded value, or nothing and a problem naming table and key.
  template <typename Value>
  std::optional<Value> Decoded(const std::string& table, std::string_view key,
                               StatusOr<Value> value) {
    if (value.ok()) return std::move(value).value();
    Unreadable(table, key, value.status());
    return std::nullopt;
  }
  // Whether nothing knows the table that was read last.
  bool missing() const { return missing_; }
  // Whether some table was there and could not be read.
  bool unreadable() const { return unreadable_; }
  void Unreadable(const std::string& table, std::string_view key, const Status& why);
  void Missing(const std::string& table, std::string_view what);

  std::vector<ControllerProblem> TakeProblems() { return std::move(problems_); }

 private:
  const TableSource& source_;
  std::string subject_;
  std::vector<ControllerProblem> problems_;
  bool unreadable_ = false;
  bool missing_ = false;
};

// Each fills what its tables say; scope, name and id are set beforehand.
void ReadStreamTables(TableReading& reading, StreamEvidence& stream);
void ReadKvTableTables(TableReading& reading, KvTableEvidence& table);
void ReadReaderGroupTables(TableReading& reading, ReaderGroupEvidence& group);

}  // namespace pdr

// Everything a workspace knows about a run, as one sentence, facts and tables. Text, JSON, CSV and
// HTML are written from the same tables, so that they say the same.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "recovery/plan.h"
#include "recovery/workspace.h"

namespace pdr {

struct RunRecord {
  Identity identity;
  std::vector<Workspace::PhaseTime> history;
  std::vector<SegmentSummary> segments;
  std::vector<Anomaly> anomalies;
  std::vector<Loss> losses;
  std::vector<Workspace::RecordedStep> steps;
};
// NotFound when nothing is planned yet.
StatusOr<RunRecord> LoadRunRecord(Workspace& workspace);

// Nothing where a row has no value for a column.
using Cell = std::variant<std::monostate, int64_t, bool, std::string>;

// How a column is shown; the values are the same everywhere.
enum class ColumnKind { kText, kName, kNumber, kBytes, kMillis, kFlag, kEpochMs };

struct Column {
  std::string name;   // the field in JSON and CSV
  std::string title;  // the heading in HTML
  ColumnKind kind = ColumnKind::kText;
};

struct ReportTable {
  std::string type;  // of its JSON lines
  std::string title;
  std::string about;  // what the table is, in one sentence
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

enum class Outcome { kGood, kLoss, kOpen };  // open: not carried out, not finished, or undone

struct RunReport {
  Outcome outcome = Outcome::kOpen;
  std::string verdict;                                     // one sentence
  std::string next;                                        // what to do now
  std::vector<std::pair<std::string, std::string>> facts;  // what was recovered, from where
  std::string loss_text;                                   // the loss statement
  std::vector<ReportTable> tables;
};

RunReport MakeRunReport(const RunRecord& record);

}  // namespace pdr

// What is known about one segment, from which file or table, what was decided, and why.
#pragma once

#include <string>
#include <vector>

#include "recovery/workspace.h"
#include "report/plan_report.h"
#include "tier2/inventory.h"

namespace pdr {

// What a workspace remembers besides the segment itself.
struct ExplainContext {
  Layout layout = Layout::kChunked;
  std::vector<TableFile> table_files;  // of its container's metadata tables
  std::vector<Anomaly> anomalies;      // all of the plan
};

// Where a fact came from. Empty fields mean nothing.
struct FactSource {
  std::string kind;        // docs/json.md lists them
  std::string table = {};  // a table segment
  std::string key = {};    // in it
  int64_t entry_at = -1;
  std::vector<std::string> files = {};
};
struct Fact {
  std::string name;
  nlohmann::ordered_json value;
  FactSource source;
};
std::vector<Fact> FactsOf(const RecordedSegment& segment, const ExplainContext& context);

std::string ExplainText(const RecordedSegment& segment, const ExplainContext& context);
JsonRecord ExplainJson(const RecordedSegment& segment, const ExplainContext& context);

}  // namespace pdr

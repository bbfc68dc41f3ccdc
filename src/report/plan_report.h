// A plan and its outcome, for people and for programs. JSON lines each carry a "type"; fields are
// only ever added. docs/json.md lists them.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "recovery/recover.h"
#include "verify/verify.h"

namespace pdr {

// One line of machine-readable output.
struct JsonRecord {
  std::string type;
  nlohmann::ordered_json fields;
};

// The summary a tired person reads before saying yes.
std::string PlanText(const PlannedRun& run, const std::set<std::string>& allowed);
JsonRecord AnomalyJson(const Anomaly& anomaly);
std::vector<JsonRecord> PlanJson(const PlannedRun& run);

struct LossTotal {
  uint64_t items = 0;
  uint64_t amount = 0;
  bool exact = true;  // all of its items are

  void Add(const Loss& loss);
};
// By what was lost. The window is no amount.
std::map<std::string, LossTotal> LossTotals(const std::vector<Loss>& losses);
// "at least 15 bytes, 2 keys, perhaps a transaction"; empty when there is nothing to sum up.
std::string LossTotalsText(const std::vector<Loss>& losses);

// The loss statement. Empty losses say so.
std::string LossText(const std::vector<Loss>& losses);
std::vector<JsonRecord> LossJson(const std::vector<Loss>& losses);

// What was checked, and every finding.
std::string VerifyText(const VerifyReport& report);
std::vector<JsonRecord> VerifyJson(const VerifyReport& report);

}  // namespace pdr

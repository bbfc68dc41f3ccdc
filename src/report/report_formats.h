// A run report in the formats it is written in.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "report/plan_report.h"
#include "report/run_report.h"

namespace pdr {

// Null where there is no value.
nlohmann::ordered_json CellJson(const Cell& cell);

// For a terminal: the verdict, what was found, what is lost. The long tables are left out.
std::string ReportText(const RunReport& report);

// JSON lines: the `report`, then every row of every table, in order.
void ReportJson(const RunReport& report, const std::function<void(const JsonRecord&)>& write);

// One CSV file: a header line with the columns of all tables, then every row, its table first.
std::string ReportCsv(const RunReport& report);

// One HTML file that needs nothing else. Every value is escaped for where it stands.
std::string ReportHtml(const RunReport& report);

}  // namespace pdr

// Text, JSON lines and CSV of a run report.
#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "report/quantities.h"
#include "report/report_formats.h"

namespace pdr {
namespace {

std::string OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kGood:
      return "good";
    case Outcome::kLoss:
      return "loss";
    case Outcome::kOpen:
      break;
  }
  return "open";
}

void AppendCsvCell(std::string& out, const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return;
  if (const auto* text = std::get_if<std::string>(&cell)) return AppendCsvField(out, *text);
  if (const auto* flag = std::get_if<bool>(&cell)) {
    out += *flag ? "true" : "false";
  } else {
    out += fmt::format("{}", std::get<int64_t>(cell));
  }
}

std::string CsvRow(const ReportTable& table, const std::vector<Cell>& row,
                   const std::vector<std::string>& header) {
  std::string line = table.type;
  for (const std::string& name : header) {
    line += ',';
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&](const Column& c) { return c.name == name; });
    if (column == table.columns.end()) continue;
    AppendCsvCell(line, row[static_cast<size_t>(column - table.columns.begin())]);
  }
  return line + '\n';
}

std::string Text(const Cell& cell) { return Printable(std::get<std::string>(cell)); }

}  // namespace

nlohmann::ordered_json CellJson(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag;
  if (const auto* number = std::get_if<int64_t>(&cell)) return *number;
  return nullptr;
}

std::string ReportText(const RunReport& report) {
  std::string out = Printable(report.verdict) + "\nNext: " + Printable(report.next) + "\n\n";
  for (const auto& [name, value] : report.facts) {
    out += fmt::format("{:<12} {}\n", name, Printable(value));
  }
  for (const ReportTable& table : report.tables) {
    if (table.type == "anomaly") {
      out += fmt::format("\n{}: {}\n", table.title, table.rows.size());
      for (const auto& row : table.rows) {
        out += fmt::format("  {:<10} {:<24} container {:>3}  {}: {}\n", Text(row[0]), Text(row[1]),
                           ContainerText(std::get<int64_t>(row[3])), Text(row[4]), Text(row[5]));
      }
    } else if (table.type == "loss") {
      out += '\n' + report.loss_text;
    }
  }
  return out;
}

void ReportJson(const RunReport& report, const std::function<void(const JsonRecord&)>& write) {
  nlohmann::ordered_json facts = nlohmann::ordered_json::object();
  for (const auto& [name, value] : report.facts) facts[name] = value;
  write({"report",
         {{"outcome", OutcomeName(report.outcome)},
          {"verdict", report.verdict},
          {"next", report.next},
          {"facts", facts}}});
  for (const ReportTable& table : report.tables) {
    for (const auto& row : table.rows) {
      JsonRecord record{table.type, nlohmann::ordered_json::object()};
      for (size_t i = 0; i < table.columns.size(); ++i) {
        if (std::holds_alternative<std::monostate>(row[i])) continue;
        record.fields[table.columns[i].name] = CellJson(row[i]);
      }
      write(record);
    }
  }
}

std::string ReportCsv(const RunReport& report) {
  std::vector<std::string> header;
  for (const ReportTable& table : report.tables) {
    for (const Column& c : table.columns) {
      if (std::find(header.begin(), header.end(), c.name) == header.end()) header.push_back(c.name);
    }
  }
  std::string out = fmt::format("type,{},verdict\n", fmt::join(header, ","));
  out += "report" + std::string(header.size() + 1, ',');
  AppendCsvField(out, report.verdict);
  out += '\n';
  for (const ReportTable& table : report.tables) {
    for (const auto& row : table.rows) {
      std::string line = CsvRow(table, row, header);
      line.insert(line.size() - 1, ",");
      out += line;
    }
  }
  return out;
}

}  // namespace pdr

// The HTML report: a page with the verdict and the facts, and the tables as JSON for its script.
#include <array>
#include <string_view>

#include "report/html_template.h"
#include "report/report_formats.h"

namespace pdr {
namespace {

// For text and for attribute values in quotes. Control characters are not allowed in HTML.
std::string EscapeHtml(std::string_view text) {
  // By way of JSON: bytes that are no UTF-8 become U+FFFD.
  const std::string clean =
      nlohmann::json::parse(nlohmann::json(std::string(text))
                                .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
          .get<std::string>();
  std::string out;
  for (char c : clean) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return out;
}

// Inside a script element nothing may look like its end or like a comment: "<" is written as an
// escape, which is the same JSON.
void AppendScriptSafe(std::string& out, const std::string& json) {
  for (char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
}

std::string_view KindName(ColumnKind kind) {
  constexpr std::array<std::string_view, 7> kNames = {"text",   "name", "number",  "bytes",
                                                      "millis", "flag", "epoch-ms"};
  return kNames[static_cast<size_t>(kind)];
}

std::string Dump(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void AppendTable(std::string& out, const ReportTable& table) {
  nlohmann::ordered_json head = {{"type", table.type},
                                 {"title", table.title},
                                 {"about", table.about},
                                 {"columns", nlohmann::ordered_json::array()}};
  for (const Column& c : table.columns) {
    head["columns"].push_back({{"name", c.name}, {"title", c.title}, {"kind", KindName(c.kind)}});
  }
  std::string text = Dump(head);
  text.back() = ',';
  AppendScriptSafe(out, text + "\"rows\":[");
  // Row by row: a table can have a million.
  for (size_t i = 0; i < table.rows.size(); ++i) {
    nlohmann::ordered_json row = nlohmann::ordered_json::array();
    for (const Cell& cell : table.rows[i]) row.push_back(CellJson(cell));
    out += i == 0 ? "\n" : ",\n";
    AppendScriptSafe(out, Dump(row));
  }
  out += "]}";
}

std::string Data(const RunReport& report) {
  std::string out = "[";
  for (const ReportTable& table : report.tables) {
    if (&table != &report.tables.front()) out += ",\n";
    AppendTable(out, table);
  }
  return out + "]";
}

std::string Facts(const RunReport& report) {
  std::string out;
  for (const auto& [name, value] : report.facts) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", EscapeHtml(name), EscapeHtml(value));
  }
  return out;
}

std::string_view OutcomeClass(Outcome outcome) {
  return outcome == Outcome::kGood ? "good" : outcome == Outcome::kLoss ? "loss" : "open";
}

}  // namespace

std::string ReportHtml(const RunReport& report) {
  std::string out;
  std::string_view page = kReportPage;
  while (!page.empty()) {
    const size_t at = page.find('@');
    out += page.substr(0, at);
    if (at == std::string_view::npos) break;
    const size_t end = page.find('@', at + 1);
    const std::string_view name = page.substr(at + 1, end - at - 1);
    if (name == "STYLE") out += kReportStyle;
    if (name == "SCRIPT") out += kReportScript;
    if (name == "OUTCOME") out += OutcomeClass(report.outcome);
    if (name == "VERDICT") out += EscapeHtml(report.verdict);
    if (name == "NEXT") out += EscapeHtml(report.next);
    if (name == "FACTS") out += Facts(report);
    if (name == "DATA") out += Data(report);
    page.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace pdr

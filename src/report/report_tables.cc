#include "report/report_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "format/names.h"
#include "recovery/anomaly_codes.h"
#include "report/plan_report.h"
#include "report/weight_text.h"

namespace pdr {
namespace {

int64_t Int(uint64_t v) { return static_cast<int64_t>(v); }

// "scope/stream" of a segment; empty for what is none.
std::string StreamOf(const std::string& subject) {
  const size_t scope = subject.find('/');
  if (scope == std::string::npos) return "";
  const size_t stream = subject.find('/', scope + 1);
  return subject.substr(0, stream);
}

// The container of a loss: named by its subject, or where the segment belongs; -1 if neither.
int64_t ContainerOfLoss(const RunRecord& record, const std::string& subject) {
  constexpr std::string_view kPrefix = "container ";
  if (subject.starts_with(kPrefix)) {
    return std::strtol(subject.c_str() + kPrefix.size(), nullptr, 10);
  }
  if (StreamOf(subject).empty() || record.identity.container_count < 1) return -1;
  return ContainerOf(subject, record.identity.container_count);
}

struct ContainerSum {
  int64_t segments = 0;
  int64_t bytes = 0;
  int64_t losses = 0;
  int64_t anomalies = 0;
  int64_t set_aside = 0;
};

}  // namespace

ReportTable LossTable(const RunRecord& record) {
  ReportTable table{"loss",
                    "What did not come back",
                    "Everything that is known to be lost, one by one, and what tells of it. 'At "
                    "least' where the exact amount is not known.",
                    {{"subject", "Subject", ColumnKind::kName},
                     {"what", "What", ColumnKind::kText},
                     {"amount", "Amount", ColumnKind::kNumber},
                     {"exact", "Exact", ColumnKind::kFlag},
                     {"evidence", "How that is known", ColumnKind::kText},
                     {"from", "From", ColumnKind::kText},
                     {"from_ms", "From, epoch ms", ColumnKind::kEpochMs},
                     {"stream", "Stream", ColumnKind::kName},
                     {"container", "Container", ColumnKind::kNumber}},
                    {}};
  for (const Loss& l : record.losses) {
    Cell from;
    Cell from_ms;
    if (l.from_ms) {
      from = TimeText(*l.from_ms);
      from_ms = *l.from_ms;
    }
    table.rows.push_back({l.subject, l.what, Int(l.amount), l.exact, l.evidence, from, from_ms,
                          StreamOf(l.subject), ContainerOfLoss(record, l.subject)});
  }
  return table;
}

ReportTable LossTotalTable(const RunRecord& record) {
  ReportTable table{
      "loss_total",
      "Loss in all",
      "Everything below, summed by what was lost. What went without a trace is no amount.",
      {{"what", "What", ColumnKind::kText},
       {"items", "Items", ColumnKind::kNumber},
       {"amount", "Amount", ColumnKind::kNumber},
       {"exact", "Exact", ColumnKind::kFlag}},
      {}};
  for (const auto& [what, total] : LossTotals(record.losses)) {
    table.rows.push_back({what, Int(total.items), Int(total.amount), total.exact});
  }
  return table;
}

ReportTable StreamLossTable(const RunRecord& record) {
  ReportTable table{"stream_loss",
                    "Loss by stream",
                    "The same, summed by stream.",
                    {{"stream", "Stream", ColumnKind::kName},
                     {"what", "What", ColumnKind::kText},
                     {"amount", "Amount", ColumnKind::kNumber},
                     {"exact", "Exact", ColumnKind::kFlag},
                     {"items", "Items", ColumnKind::kNumber}},
                    {}};
  std::map<std::pair<std::string, std::string>, LossTotal> sums;
  for (const Loss& l : record.losses) {
    const std::string stream = StreamOf(l.subject);
    if (stream.empty() || l.from_ms) continue;
    sums[{stream, l.what}].Add(l);
  }
  for (const auto& [key, sum] : sums) {
    table.rows.push_back({key.first, key.second, Int(sum.amount), sum.exact, Int(sum.items)});
  }
  return table;
}

ReportTable AnomalyTable(const RunRecord& record) {
  ReportTable table{
      "anomaly",
      "What was cut, merged, salvaged or set aside",
      "Everything in Tier-2 that was not as a clean shutdown leaves it, with what was "
      "done about it.",
      {{"action", "Done", ColumnKind::kText},
       {"code", "Code", ColumnKind::kText},
       {"weight", "Weight", ColumnKind::kText},
       {"container", "Container", ColumnKind::kNumber},
       {"subject", "Subject", ColumnKind::kName},
       {"message", "Message", ColumnKind::kText}},
      {}};
  for (const Anomaly& a : record.anomalies) {
    table.rows.push_back({std::string(ActionFor(a.code)), a.code,
                          std::string(WeightText(WeightOf(a.code))), int64_t{a.container},
                          a.subject, a.message});
  }
  return table;
}

ReportTable AnomalyTotalTable(const RunRecord& record) {
  ReportTable table{"anomaly_total",
                    "What was done, by kind",
                    "How often each kind of anomaly was met, and what was done about it.",
                    {{"action", "Done", ColumnKind::kText},
                     {"code", "Code", ColumnKind::kText},
                     {"weight", "Weight", ColumnKind::kText},
                     {"items", "Items", ColumnKind::kNumber}},
                    {}};
  std::map<std::string, int64_t> items;
  for (const Anomaly& a : record.anomalies) ++items[a.code];
  for (const auto& [code, n] : items) {
    table.rows.push_back(
        {std::string(ActionFor(code)), code, std::string(WeightText(WeightOf(code))), n});
  }
  return table;
}

ReportTable ContainerTable(const RunRecord& record) {
  ReportTable table{"container",
                    "Containers",
                    "What each segment container holds and what happened to it.",
                    {{"container", "Container", ColumnKind::kNumber},
                     {"segments", "Segments", ColumnKind::kNumber},
                     {"bytes", "Bytes", ColumnKind::kBytes},
                     {"losses", "Loss items", ColumnKind::kNumber},
                     {"anomalies", "Anomalies", ColumnKind::kNumber},
                     {"set_aside", "Files set aside", ColumnKind::kNumber}},
                    {}};
  std::map<int64_t, ContainerSum> sums;
  for (int c = 0; c < record.identity.container_count; ++c) sums[c];
  const auto add = [&](int64_t container, int64_t ContainerSum::* field, int64_t n) {
    if (auto sum = sums.find(container); sum != sums.end()) sum->second.*field += n;
  };
  for (const SegmentSummary& s : record.segments) {
    add(s.container, &ContainerSum::segments, 1);
    add(s.container, &ContainerSum::bytes, s.length - s.start_offset);
  }
  for (const Loss& l : record.losses) {
    add(ContainerOfLoss(record, l.subject), &ContainerSum::losses, 1);
  }
  for (const Anomaly& a : record.anomalies) add(a.container, &ContainerSum::anomalies, 1);
  for (const auto& s : record.steps) {
    const bool aside = s.step.kind == FileStep::Kind::kSetAside;
    add(s.container, &ContainerSum::set_aside, aside ? 1 : 0);
  }
  for (const auto& [container, sum] : sums) {
    table.rows.push_back(
        {container, sum.segments, sum.bytes, sum.losses, sum.anomalies, sum.set_aside});
  }
  return table;
}

ReportTable PhaseTable(const RunRecord& record) {
  ReportTable table{"phase",
                    "Time per phase",
                    "When each phase was complete; the time since the one before includes waiting "
                    "for an answer.",
                    {{"phase", "Phase", ColumnKind::kText},
                     {"at", "Complete at", ColumnKind::kText},
                     {"at_ms", "Epoch ms", ColumnKind::kEpochMs},
                     {"took_ms", "Took", ColumnKind::kMillis}},
                    {}};
  int64_t before = record.history.empty() ? 0 : record.history.front().at_ms;
  for (const auto& [phase, at_ms] : record.history) {
    table.rows.push_back({std::string(PhaseName(phase)), TimeText(at_ms), at_ms, at_ms - before});
    before = at_ms;
  }
  return table;
}

ReportTable FileTable(const RunRecord& record) {
  ReportTable table{"file",
                    "Files",
                    "Where every original is kept and every new file was put, below the Tier-2 "
                    "root.",
                    {{"action", "Done", ColumnKind::kText},
                     {"container", "Container", ColumnKind::kNumber},
                     {"path", "File", ColumnKind::kName},
                     {"other", "Original kept at, or new file made at", ColumnKind::kName},
                     {"size", "New size", ColumnKind::kBytes}},
                    {}};
  for (const auto& [container, step] : record.steps) {
    const std::string action = step.kind == FileStep::Kind::kSetAside  ? "set aside"
                               : step.kind == FileStep::Kind::kInstall ? "new"
                                                                       : "mode changed";
    table.rows.push_back({action, int64_t{container}, step.path, step.other, Int(step.size)});
  }
  return table;
}

ReportTable SegmentTable(const RunRecord& record) {
  ReportTable table{"segment",
                    "What came back",
                    "Every segment as it is registered. Without a note it was taken over as it was "
                    "found.",
                    {{"container", "Container", ColumnKind::kNumber},
                     {"name", "Segment", ColumnKind::kName},
                     {"length", "Length", ColumnKind::kNumber},
                     {"start_offset", "Start offset", ColumnKind::kNumber},
                     {"sealed", "Sealed", ColumnKind::kFlag},
                     {"codes", "Notes", ColumnKind::kText}},
                    {}};
  table.rows.reserve(record.segments.size());
  for (const SegmentSummary& s : record.segments) {
    table.rows.push_back({int64_t{s.container}, s.name, s.length, s.start_offset, s.sealed,
                          fmt::format("{}", fmt::join(s.codes, " "))});
  }
  return table;
}

}  // namespace pdr

#include "report/plan_report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/printable.h"
#include "recovery/anomaly_codes.h"
#include "report/quantities.h"
#include "report/weight_text.h"

namespace pdr {
namespace {

using Json = nlohmann::ordered_json;

// By code.
std::map<std::string, uint64_t> CountAnomalies(const Plan& plan) {
  std::map<std::string, uint64_t> counts;
  for (const Anomaly& a : plan.anomalies) ++counts[a.code];
  return counts;
}

uint64_t CutTails(const Plan& plan) {
  return static_cast<uint64_t>(
      std::count_if(plan.anomalies.begin(), plan.anomalies.end(),
                    [](const Anomaly& a) { return a.code == "torn-tail"; }));
}

// "1 event", "2 events": losses are named in the plural.
std::string AmountText(uint64_t amount, const std::string& what) {
  if (what == "entries") return amount == 1 ? "1 entry" : fmt::format("{} entries", amount);
  return Count(amount, what.ends_with('s') ? what.substr(0, what.size() - 1) : what);
}

// Every tail that is cut, and whether it was looked at from the segment's start.
void AddCuts(const Plan& plan, std::vector<JsonRecord>& lines) {
  for (const TailCut& cut : plan.totals.cuts) {
    lines.push_back({"cut",
                     {{"container", cut.container},
                      {"segment", cut.segment},
                      {"at", cut.at},
                      {"bytes", cut.bytes},
                      {"certainty", CertaintyName(cut.proven)},
                      {"walked_from", cut.walked_from}}});
  }
}

}  // namespace

std::string PlanText(const PlannedRun& run, const std::set<std::string>& allowed) {
  const Plan& plan = run.plan;
  const PlanTotals& t = plan.totals;
  const std::map<std::string, uint64_t> anomalies = CountAnomalies(plan);
  uint64_t aside = 0;
  std::string aside_by_code;
  for (const auto& [code, n] : t.aside) {
    aside += n;
    aside_by_code += fmt::format("{}{} {}", aside_by_code.empty() ? "" : ", ", n, code);
  }
  std::string out = fmt::format(
      "Tier-2       {}: {} layout, {}, {}\n"
      "Bring back   {} with {} ({} empty, {} sealed)\n"
      "Repair       {} cut to the last whole event or entry, index of {} rebuilt\n"
      "Set aside    {}{}, kept below {}/\n"
      "Tier-1       one log per container, epoch {}; transaction counter {}.{}; {} emptied; "
      "{} for the controller\n",
      run.identity.root, run.identity.layout,
      Count(static_cast<uint64_t>(plan.container_count), "container"),
      Count(run.inventory.files.size(), "file"), Count(t.segments, "segment"), HumanBytes(t.bytes),
      t.empty, t.sealed, Count(CutTails(plan), "tail"), Count(t.rebuilds, "table"),
      Count(aside, "file"), aside == 0 ? "" : " (" + aside_by_code + ")", kOwnDir, plan.epoch,
      plan.controller.counter.high, plan.controller.counter.low,
      Count(plan.controller.emptied_reader_groups.size(), "controller reader group"),
      Count(plan.controller.nodes.size(), "node"));
  for (const auto& [code, n] : anomalies) {
    out += fmt::format("{:<12} {:<26} {:>8}  {}{}\n",
                       code == anomalies.begin()->first ? "Anomalies" : "", code, n,
                       WeightText(WeightOf(code)), allowed.contains(code) ? " (allowed)" : "");
  }
  return out + LossText(plan.losses);
}

std::vector<JsonRecord> PlanJson(const PlannedRun& run) {
  const PlanTotals& t = run.plan.totals;
  std::vector<JsonRecord> lines;
  lines.push_back({"plan",
                   {{"root", run.identity.root},
                    {"layout", run.identity.layout},
                    {"containers", run.plan.container_count},
                    {"files", run.inventory.files.size()},
                    {"segments", t.segments},
                    {"empty", t.empty},
                    {"sealed", t.sealed},
                    {"bytes", t.bytes},
                    {"cut", CutTails(run.plan)},
                    {"rebuilt", t.rebuilds},
                    {"set_aside", t.aside},
                    {"epoch", run.plan.epoch},
                    {"controller_nodes", run.plan.controller.nodes.size()},
                    {"fingerprint", run.identity.root_fingerprint},
                    {"digest", run.identity.plan_digest}}});
  for (const Anomaly& a : run.plan.anomalies) lines.push_back(AnomalyJson(a));
  AddCuts(run.plan, lines);
  for (JsonRecord& line : LossJson(run.plan.losses)) lines.push_back(std::move(line));
  return lines;
}

JsonRecord AnomalyJson(const Anomaly& a) {
  return {"anomaly",
          {{"code", a.code},
           {"weight", WeightText(WeightOf(a.code))},
           {"container", a.container},
           {"subject", a.subject},
           {"message", a.message}}};
}

void LossTotal::Add(const Loss& loss) {
  ++items;
  amount += loss.amount;
  exact = exact && loss.exact;
}

std::map<std::string, LossTotal> LossTotals(const std::vector<Loss>& losses) {
  std::map<std::string, LossTotal> totals;
  for (const Loss& l : losses) {
    if (l.from_ms) continue;
    totals[l.what].Add(l);
  }
  return totals;
}

std::string LossTotalsText(const std::vector<Loss>& losses) {
  std::string out;
  for (const auto& [what, total] : LossTotals(losses)) {
    if (!out.empty()) out += ", ";
    out += total.amount == 0 ? "perhaps " + what
                             : (total.exact ? "" : "at least ") + AmountText(total.amount, what);
  }
  return out;
}

std::string LossText(const std::vector<Loss>& losses) {
  if (losses.empty()) return "Loss         none that left a trace in Tier-2\n";
  const std::string totals = LossTotalsText(losses);
  std::string out = fmt::format("Loss         {}{}{}\n", Count(losses.size(), "item"),
                                totals.empty() ? "" : ": ", totals);
  for (const Loss& l : losses) {
    if (l.from_ms) {
      out += fmt::format(
          "  {}: whatever was acknowledged after {} and is not in Tier-2, without a trace, in any "
          "of {} ({})\n",
          Printable(l.subject), TimeText(*l.from_ms), Count(l.amount, "open segment"),
          Printable(l.evidence));
      continue;
    }
    if (l.amount == 0) {
      out += fmt::format("  {}: {}, perhaps ({})\n", Printable(l.subject), l.what,
                         Printable(l.evidence));
      continue;
    }
    out += fmt::format("  {}: {}{} ({})\n", Printable(l.subject), l.exact ? "" : "at least ",
                       AmountText(l.amount, l.what), Printable(l.evidence));
  }
  return out;
}

std::vector<JsonRecord> LossJson(const std::vector<Loss>& losses) {
  std::vector<JsonRecord> lines;
  lines.reserve(losses.size());
  for (const Loss& l : losses) {
    lines.push_back({"loss",
                     {{"subject", l.subject},
                      {"what", l.what},
                      {"amount", l.amount},
                      {"exact", l.exact},
                      {"evidence", l.evidence}}});
    if (!l.from_ms) continue;
    lines.back().fields["from_ms"] = *l.from_ms;
    lines.back().fields["from"] = TimeText(*l.from_ms);
  }
  for (const auto& [what, total] : LossTotals(losses)) {
    lines.push_back({"loss_total",
                     {{"what", what},
                      {"items", total.items},
                      {"amount", total.amount},
                      {"exact", total.exact}}});
  }
  return lines;
}

std::string VerifyText(const VerifyReport& r) {
  std::string out = fmt::format(
      "Verified     {} booted, {} compared, {} checked, {} with {} looked up\n",
      Count(r.containers, "container"), Count(r.segments, "segment"), Count(r.chunks, "chunk file"),
      Count(r.table_segments, "table"), Count(r.table_keys, "key"));
  for (const Finding& f : r.findings) {
    out += fmt::format("FINDING      {} container {} {}: {}\n", f.code, ContainerText(f.container),
                       Printable(f.segment), Printable(f.message));
  }
  out += r.findings.empty() ? "             no findings\n"
                            : fmt::format("             {}\n", Count(r.findings.size(), "finding"));
  return out;
}

std::vector<JsonRecord> VerifyJson(const VerifyReport& r) {
  std::vector<JsonRecord> lines;
  lines.reserve(r.findings.size() + 1);
  for (const Finding& f : r.findings) {
    lines.push_back({"finding",
                     {{"code", f.code},
                      {"container", f.container},
                      {"segment", f.segment},
                      {"message", f.message}}});
  }
  lines.push_back({"verified",
                   {{"containers", r.containers},
                    {"segments", r.segments},
                    {"chunks", r.chunks},
                    {"tables", r.table_segments},
                    {"keys", r.table_keys},
                    {"findings", r.findings.size()}}});
  return lines;
}

}  // namespace pdr

#include "report/run_report.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "report/plan_report.h"
#include "report/quantities.h"
#include "report/report_tables.h"

namespace pdr {
namespace {

uint64_t Bytes(const RunRecord& record) {
  uint64_t bytes = 0;
  for (const SegmentSummary& s : record.segments) {
    bytes += static_cast<uint64_t>(s.length - s.start_offset);
  }
  return bytes;
}

std::string LossWords(const RunRecord& record) {
  if (record.losses.empty()) return "nothing in Tier-2 tells of a loss";
  const std::string totals = LossTotalsText(record.losses);
  std::string out = totals.empty() ? "" : "lost: " + totals;
  for (const Loss& l : record.losses) {
    if (!l.from_ms) continue;
    out += fmt::format("{}writes after {} may be missing without a trace", out.empty() ? "" : "; ",
                       TimeText(*l.from_ms));
  }
  return out;
}

Outcome OutcomeOf(const RunRecord& record, Phase phase) {
  if (phase != Phase::kDone) return Outcome::kOpen;
  return record.losses.empty() ? Outcome::kGood : Outcome::kLoss;
}

std::string Verdict(const RunRecord& record, Phase phase) {
  const std::string what = fmt::format(
      "{} with {} in {}", Count(record.segments.size(), "segment"), HumanBytes(Bytes(record)),
      Count(static_cast<uint64_t>(record.identity.container_count), "container"));
  switch (phase) {
    case Phase::kDone:
      if (record.identity.rehearsal) {
        return fmt::format("Rehearsed: {} would come back, verified; {}.", what, LossWords(record));
      }
      return fmt::format("Recovered and verified: {} are back; {}.", what, LossWords(record));
    case Phase::kUndone:
      return fmt::format("Undone: everything is back where it was; {} could be recovered.", what);
    case Phase::kPlanned:
    case Phase::kEmpty:
      return fmt::format("Planned, nothing is changed yet: {} can be brought back; {}.", what,
                         LossWords(record));
    case Phase::kUndoing:
      return "Half undone, so production cannot start.";
    case Phase::kSwapped:
      return fmt::format(
          "Not finished: {} are in place but not verified, so production cannot start.", what);
    default:
      return fmt::format("Not finished: the run stopped after '{}', so production cannot start.",
                         PhaseName(phase));
  }
}

std::string Next(const RunRecord& record, Phase phase) {
  switch (phase) {
    case Phase::kDone:
      return record.identity.rehearsal
                 ? "Nothing real was changed. When the loss is acceptable, run dr recover without "
                   "--rehearse."
                 : "If production is not up yet: start the segment stores, then the controllers. "
                   "Then ask the cluster with dr verify --live. dr undo takes everything back "
                   "until production has written.";
    case Phase::kPlanned:
    case Phase::kEmpty:
      return "Read what is lost, then run dr recover, first with --rehearse.";
    case Phase::kUndone:
      return "Nothing has to be done. dr recover begins anew.";
    case Phase::kUndoing:
      return "Run dr undo again; it goes on where it stopped.";
    default:
      return "Run dr recover again, which resumes where it stopped, or dr undo, which takes "
             "everything back.";
  }
}

}  // namespace

StatusOr<RunRecord> LoadRunRecord(Workspace& workspace) {
  RunRecord record;
  ASSIGN_OR_RETURN(std::optional<Identity> identity, workspace.LoadIdentity());
  if (!identity) {
    return NotFound("nothing is planned in {}; run dr plan first", workspace.directory());
  }
  record.identity = *std::move(identity);
  ASSIGN_OR_RETURN(record.history, workspace.LoadHistory());
  ASSIGN_OR_RETURN(record.segments, workspace.LoadSummaries());
  ASSIGN_OR_RETURN(record.anomalies, workspace.LoadAnomalies());
  ASSIGN_OR_RETURN(record.losses, workspace.LoadLosses());
  ASSIGN_OR_RETURN(record.steps, workspace.LoadFileSteps());
  return record;
}

RunReport MakeRunReport(const RunRecord& record) {
  const Phase phase = record.history.empty() ? Phase::kEmpty : record.history.back().phase;
  RunReport report;
  report.outcome = OutcomeOf(record, phase);
  report.verdict = Verdict(record, phase);
  report.next = Next(record, phase);
  report.loss_text = LossText(record.losses);
  const Identity& id = record.identity;
  report.facts = {{"Tier-2", id.root},
                  {"Cluster", id.cluster_name},
                  {"Layout", id.layout},
                  {"Containers", fmt::format("{}", id.container_count)},
                  {"Segments", fmt::format("{}", record.segments.size())},
                  {"Bytes", HumanBytes(Bytes(record))},
                  {"Phase", std::string(PhaseName(phase))},
                  {"Rehearsal", id.rehearsal ? "yes" : "no"},
                  {"pravega-dr", id.tool_version},
                  {"Run", id.run_id},
                  {"Plan", id.plan_digest}};
  if (!record.history.empty()) {
    report.facts.insert(report.facts.begin() + 1, {"As of", TimeText(record.history.back().at_ms)});
  }
  report.tables.push_back(LossTotalTable(record));
  report.tables.push_back(StreamLossTable(record));
  report.tables.push_back(LossTable(record));
  report.tables.push_back(AnomalyTotalTable(record));
  report.tables.push_back(AnomalyTable(record));
  report.tables.push_back(ContainerTable(record));
  report.tables.push_back(PhaseTable(record));
  report.tables.push_back(FileTable(record));
  report.tables.push_back(SegmentTable(record));
  return report;
}

}  // namespace pdr

#include "report/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "recovery/anomaly_codes.h"
#include "report/report_formats.h"

namespace pdr {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

RunRecord SampleRecord() {
  RunRecord record;
  record.identity.root = "/mnt/lts";
  record.identity.layout = "chunked";
  record.identity.container_count = 2;
  record.history = {{Phase::kPlanned, 1000}, {Phase::kBuilt, 3500}, {Phase::kDone, 4000}};
  record.segments = {{0, "s/t/0.#epoch.0", 3000, 952, true, {"torn-tail"}},
                     {1, "s/</script><b>/1.#epoch.0", 0, 0, false, {}}};
  record.anomalies = {{"torn-tail", 0, "s/t/0.#epoch.0", "12 bytes cut"}};
  record.losses = {{"s/t/0.#epoch.0", "events", 1, false, "a torn event"},
                   {"s/t/1.#epoch.0", "events", 2, true, "said, \"so\""},
                   {"container 1", "bytes", 0, false, "<i>"}};
  FileStep step;
  step.path = "s/t/old";
  step.other = ".pravega-dr/r/backup/s/t/old";
  record.steps = {{0, step}};
  return record;
}

const ReportTable& Table(const RunReport& report, const std::string& type) {
  for (const ReportTable& t : report.tables) {
    if (t.type == type) return t;
  }
  ADD_FAILURE() << type;
  return report.tables.front();
}

TEST(RunReport, TheVerdictIsOneSentence) {
  RunRecord record = SampleRecord();
  RunReport report = MakeRunReport(record);
  EXPECT_EQ(report.outcome, Outcome::kLoss);
  EXPECT_EQ(
      report.verdict,
      "Recovered and verified: 2 segments with 2.0 KiB in 2 containers are back; lost: perhaps "
      "bytes, at least 3 events.");
  record.losses.push_back({"cluster", "window", 5, false, "not flushed", 1795645922251});
  EXPECT_THAT(MakeRunReport(record).verdict,
              HasSubstr("at least 3 events; writes after 2026-11-25T22:32:02.251Z may be missing "
                        "without a trace."));
  record.losses.clear();
  EXPECT_EQ(MakeRunReport(record).outcome, Outcome::kGood);
  EXPECT_THAT(MakeRunReport(record).verdict, HasSubstr("nothing in Tier-2 tells of a loss"));
  record.identity.rehearsal = true;
  EXPECT_THAT(MakeRunReport(record).verdict, testing::StartsWith("Rehearsed: "));
  record.history = {{Phase::kPlanned, 1000}};
  EXPECT_EQ(MakeRunReport(record).outcome, Outcome::kOpen);
  EXPECT_THAT(MakeRunReport(record).verdict, HasSubstr("nothing is changed yet"));
  record.history.push_back({Phase::kLogged, 2000});
  EXPECT_THAT(MakeRunReport(record).verdict, HasSubstr("stopped after 'logged'"));
  EXPECT_THAT(MakeRunReport(record).next, HasSubstr("dr recover again, which resumes"));
  record.history.push_back({Phase::kUndone, 2000});
  EXPECT_THAT(MakeRunReport(record).verdict, testing::StartsWith("Undone: "));
}

TEST(RunReport, LossBySegmentStreamAndContainer) {
  const RunReport report = MakeRunReport(SampleRecord());
  EXPECT_EQ(Table(report, "loss").rows.size(), 3u);
  const ReportTable& streams = Table(report, "stream_loss");
  ASSERT_EQ(streams.rows.size(), 1u);
  EXPECT_EQ(streams.rows[0], (std::vector<Cell>{std::string("s/t"), std::string("events"),
                                                int64_t{3}, false, int64_t{2}}));
  const ReportTable& containers = Table(report, "container");
  ASSERT_EQ(containers.rows.size(), 2u);
  int64_t losses = 0;
  for (const auto& row : containers.rows) losses += std::get<int64_t>(row[3]);
  EXPECT_EQ(losses, 3);  // each is counted where it belongs
  EXPECT_EQ(containers.rows[0][5], Cell(int64_t{1}));
}

TEST(RunReport, AnomaliesAreCountedByKind) {
  RunRecord record = SampleRecord();
  record.anomalies.push_back({"torn-tail", 1, "s/t/9.#epoch.0", "3 bytes cut"});
  record.anomalies.push_back({"salvaged", 1, "s/t/9.#epoch.0", "found"});
  const RunReport report = MakeRunReport(record);
  const ReportTable& kinds = Table(report, "anomaly_total");
  ASSERT_EQ(kinds.rows.size(), 2u);
  EXPECT_EQ(kinds.rows[1], (std::vector<Cell>{std::string("cut"), std::string("torn-tail"),
                                              std::string("loss"), int64_t{2}}));
}

TEST(RunReport, WhatIsAboutNoContainerHasNone) {
  RunRecord record = SampleRecord();
  record.anomalies = {{"requests-replayed", -1, "_system/_requeststream/0.#epoch.0", "1 request"}};
  const RunReport report = MakeRunReport(record);
  EXPECT_THAT(ReportText(report), HasSubstr("container   -  _system/_requeststream"));
  EXPECT_EQ(Table(report, "anomaly").rows[0][3], Cell(int64_t{-1}));  // as programs read it
}

TEST(RunReport, TimesAreDifferences) {
  const RunReport report = MakeRunReport(SampleRecord());
  const ReportTable& phases = Table(report, "phase");
  ASSERT_EQ(phases.rows.size(), 3u);
  EXPECT_EQ(phases.rows[1][1], Cell(std::string("1970-01-01T00:00:03.500Z")));
  EXPECT_EQ(phases.rows[1][3], Cell(int64_t{2500}));
}

TEST(RunReport, EveryAnomalyCodeOfTheDocumentIsActedUponOrNamed) {
  std::ifstream in("docs/anomalies.md");
  std::set<std::string> actions;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) inside = line == "## Anomalies of the plan";
    if (inside && line.starts_with("| `")) {
      actions.emplace(ActionFor(line.substr(3, line.find('`', 3) - 3)));
    }
  }
  for (const char* action : {"cut", "merged", "salvaged", "set aside", "rebuilt", "kept"}) {
    EXPECT_THAT(actions, Contains(action));
  }
}

TEST(ReportFormats, JsonAndCsvHaveEveryRow) {
  const RunReport report = MakeRunReport(SampleRecord());
  size_t rows = 1;
  for (const ReportTable& t : report.tables) rows += t.rows.size();
  std::vector<JsonRecord> records;
  ReportJson(report, [&](const JsonRecord& r) { records.push_back(r); });
  ASSERT_EQ(records.size(), rows);
  EXPECT_EQ(records[0].type, "report");
  EXPECT_EQ(records[0].fields["outcome"], "loss");
  EXPECT_THAT(records[0].fields["next"], HasSubstr("start the segment stores"));
  EXPECT_EQ(records[1].type, "loss_total");
  EXPECT_EQ(records[1].fields["what"], "bytes");
  EXPECT_EQ(records[2].fields["amount"], 3);
  EXPECT_EQ(records[2].fields["exact"], false);
  const std::string csv = ReportCsv(report);
  EXPECT_EQ(static_cast<size_t>(std::count(csv.begin(), csv.end(), '\n')), rows + 1);
  EXPECT_THAT(csv,
              testing::StartsWith("type,what,items,amount,exact,stream,subject,evidence,from,"));
  EXPECT_THAT(csv, HasSubstr("\"said, \"\"so\"\"\""));
}

TEST(ReportFormats, TextForATerminal) {
  const std::string text = ReportText(MakeRunReport(SampleRecord()));
  EXPECT_THAT(text, HasSubstr("s/t/0.#epoch.0: at least 1 event (a torn event)"));
  EXPECT_THAT(text, HasSubstr("cut        torn-tail"));
}

TEST(ReportFormats, NoNameBecomesMarkup) {
  RunRecord record = SampleRecord();
  record.identity.root = "/mnt/<script>\xff\x01\"'&";
  const std::string html = ReportHtml(MakeRunReport(record));
  EXPECT_THAT(html, HasSubstr("s/\\u003c/script>\\u003cb>/1.#epoch.0"));
  EXPECT_THAT(html, HasSubstr("/mnt/&lt;script&gt;\xef\xbf\xbd &quot;&#39;&amp;"));
  EXPECT_THAT(html, Not(HasSubstr("s/</script>")));
  EXPECT_THAT(html, Not(HasSubstr("@DATA@")));
}

TEST(ReportFormats, TheHtmlNeedsNothingElse) {
  const std::string html = ReportHtml(MakeRunReport(SampleRecord()));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("</html>"));
  for (const char* reference : {"http:", "https:", "src=", "href=", "@import", "url("}) {
    EXPECT_THAT(html, Not(HasSubstr(reference))) << reference;
  }
}

}  // namespace
}  // namespace pdr

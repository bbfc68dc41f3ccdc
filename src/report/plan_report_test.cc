#include "report/plan_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/quantities.h"

namespace pdr {
namespace {

using testing::AllOf;
using testing::HasSubstr;

PlannedRun SampleRun() {
  PlannedRun run;
  run.identity.root = "/mnt/lts";
  run.identity.layout = "chunked";
  run.plan.container_count = 1;
  run.plan.epoch = 7;
  SegmentDecision sealed;
  sealed.info.name = "s/t/0.#epoch.0";
  sealed.info.length = 3000;
  sealed.info.start_offset = 952;
  sealed.info.sealed = true;
  SegmentDecision empty;
  empty.info.name = "s/t/1.#epoch.0";
  ContainerPlan container;
  container.segments = {sealed, empty};
  container.set_aside = {{"a", "superseded"}, {"b", "superseded"}, {"c", "gc-queue"}};
  run.plan.totals = TotalsOf(container);
  run.plan.anomalies = {{"torn-tail", 0, "s/t/0.#epoch.0", "12 bytes cut"},
                        {"chunk-missing", 0, "s/t/0.#epoch.0", "c is gone"}};
  run.plan.losses = {{"s/t/0.#epoch.0", "events", 1, false, "a torn event"}};
  return run;
}

TEST(PlanReport, TheSummaryHasTheNumbers) {
  const std::string text = PlanText(SampleRun(), {"chunk-missing"});
  EXPECT_THAT(text, HasSubstr("/mnt/lts: chunked layout, 1 container"));
  EXPECT_THAT(text, HasSubstr("2 segments with 2.0 KiB (1 empty, 1 sealed)"));
  EXPECT_THAT(text, HasSubstr("1 tail cut"));
  EXPECT_THAT(text, HasSubstr("3 files (1 gc-queue, 2 superseded)"));
  EXPECT_THAT(text, HasSubstr("epoch 7"));
  EXPECT_THAT(text, HasSubstr("needs --allow (allowed)"));
  EXPECT_THAT(text, HasSubstr("s/t/0.#epoch.0: at least 1 event (a torn event)"));
}

TEST(PlanReport, JsonSaysTheSame) {
  const std::vector<JsonRecord> records = PlanJson(SampleRun());
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0].type, "plan");
  EXPECT_EQ(records[0].fields["segments"], 2);
  EXPECT_EQ(records[0].fields["set_aside"]["superseded"], 2);
  EXPECT_EQ(records[1].type, "anomaly");
  EXPECT_EQ(records[1].fields["weight"], "loss");
  EXPECT_EQ(records[2].fields["weight"], "needs --allow");
  EXPECT_EQ(records[3].type, "loss");
  EXPECT_EQ(records[3].fields["exact"], false);
  EXPECT_EQ(records[4].type, "loss_total");
}

TEST(PlanReport, NoLossIsSaid) { EXPECT_THAT(LossText({}), HasSubstr("none")); }

TEST(PlanReport, LossesAreSummedAndTheWindowHasItsTime) {
  std::vector<Loss> losses = {{"s/t/0.#epoch.0", "bytes", 10, true, "sealed size"},
                              {"s/t/1.#epoch.0", "bytes", 5, false, "a position"},
                              {"s/t transaction 7", "transaction", 0, false, "cannot be told"},
                              {"cluster", "window", 3, false, "not flushed", 1795645922251}};
  EXPECT_THAT(LossText(losses),
              AllOf(HasSubstr("4 items: at least 15 bytes, perhaps transaction"),
                    HasSubstr("s/t transaction 7: transaction, perhaps (cannot be told)"),
                    HasSubstr("after 2026-11-25T22:32:02.251Z"), HasSubstr("3 open segments")));
  const std::vector<JsonRecord> lines = LossJson(losses);
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[3].fields["from_ms"], 1795645922251);
  EXPECT_EQ(lines[4].type, "loss_total");
  EXPECT_EQ(lines[4].fields["amount"], 15);
  EXPECT_EQ(lines[4].fields["exact"], false);
}

TEST(PlanReport, FindingsAreCounted) {
  VerifyReport report;
  report.containers = 2;
  EXPECT_THAT(VerifyText(report), HasSubstr("no findings"));
  report.findings.push_back({"length-mismatch", 1, "s/t/0.#epoch.0", "3 is not 4"});
  EXPECT_THAT(VerifyText(report), HasSubstr("length-mismatch container 1 s/t/0.#epoch.0"));
  EXPECT_THAT(VerifyText(report), HasSubstr("1 finding\n"));
  EXPECT_EQ(VerifyJson(report).size(), 2u);
  EXPECT_EQ(VerifyJson(report).back().fields["findings"], 1);
  report.findings = {{"transaction-counter-missing", -1, "", "no counter"}};
  EXPECT_THAT(VerifyText(report), HasSubstr("transaction-counter-missing container - "));
  EXPECT_EQ(VerifyJson(report).front().fields["container"], -1);
}

TEST(Quantities, AsPeopleReadThem) {
  EXPECT_EQ(HumanBytes(12), "12 bytes");
  EXPECT_EQ(HumanBytes(1536), "1.5 KiB");
  EXPECT_EQ(HumanBytes(5ull << 40), "5.0 TiB");
  EXPECT_EQ(HumanMillis(3400), "3.4 s");
  EXPECT_EQ(HumanMillis(62000), "1 min 02 s");
  EXPECT_EQ(HumanMillis(3720000), "1 h 02 min");
  EXPECT_EQ(Count(1, "segment"), "1 segment");
  EXPECT_EQ(Count(0, "segment"), "0 segments");
}

}  // namespace
}  // namespace pdr

#include "recovery/anomaly_codes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace pdr {
namespace {

std::string_view WeightName(Weight weight) {
  return weight == Weight::kNote ? "note" : weight == Weight::kLoss ? "loss" : "allow";
}

std::vector<std::string> RowsOfTheDocument() {
  std::ifstream in("docs/anomalies.md");
  std::vector<std::string> rows;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) inside = line == "## Anomalies of the plan";
    if (inside && line.starts_with("| `")) rows.push_back(line);
  }
  return rows;
}

TEST(AnomalyCodes, TheDocumentHasTheSameTable) {
  std::vector<std::string> want;
  for (const AnomalyCode& c : AnomalyCodes()) {
    want.push_back(
        fmt::format("| `{}` | {} | {} | {} |", c.code, WeightName(c.weight), c.meaning, c.remedy));
  }
  EXPECT_THAT(RowsOfTheDocument(), testing::ElementsAreArray(want));
}

TEST(AnomalyCodes, SortedAndDistinct) {
  std::vector<std::string_view> codes;
  for (const AnomalyCode& c : AnomalyCodes()) codes.push_back(c.code);
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
  EXPECT_EQ(std::adjacent_find(codes.begin(), codes.end()), codes.end());
}

TEST(AnomalyCodes, WhatNobodyHasThoughtAboutNeedsPermission) {
  EXPECT_EQ(WeightOf("no-such-code"), Weight::kAllow);
}

}  // namespace
}  // namespace pdr

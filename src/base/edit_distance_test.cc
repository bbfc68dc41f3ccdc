#include "base/edit_distance.h"

#include <gtest/gtest.h>

namespace pdr {
namespace {

TEST(EditDistance, CountsLetters) {
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("recover", "recover"), 0u);
  EXPECT_EQ(EditDistance("recvoer", "recover"), 2u);
  EXPECT_EQ(EditDistance("plan", "pln"), 1u);
}

TEST(EditDistance, WhatWasMeant) {
  EXPECT_EQ(Meant("recvoer", {"plan", "recover", "report"}), "recover");
  EXPECT_EQ(Meant("list-segment", {"list-segments", "check"}), "list-segments");
  EXPECT_EQ(Meant("frobnicate", {"plan", "recover"}), "");
  EXPECT_EQ(Meant("x", {}), "");
  EXPECT_EQ(Nearest("frobnicate", {"plan"}), "plan");
}

}  // namespace
}  // namespace pdr

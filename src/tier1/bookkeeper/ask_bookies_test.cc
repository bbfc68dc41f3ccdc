#include "tier1/bookkeeper/ask_bookies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tier1/bookkeeper/bookkeeper_test_cluster.h"

namespace pdr {
namespace {

using AskBookiesTest = BookKeeperTest;

TEST_F(AskBookiesTest, EveryOneAnswersForItself) {
  bookies_[0]->free_bytes = 1000;
  bookies_[1]->Die();
  bookies_[2]->Obey([](const proto::Request&) {
    return FakeReply{FakeReply::kCode, BookieCode::kBadRequest, ""};
  });
  StatusOr<std::vector<BookieState>> states = AskBookies(*zookeeper_.metadata, config_);
  ASSERT_TRUE(states.ok()) << states.status();
  ASSERT_EQ(states->size(), 3u);
  for (const BookieState& state : *states) {
    if (state.id == bookies_[0]->id()) {
      EXPECT_TRUE(state.answer.ok()) << state.answer;
      EXPECT_EQ(state.free_bytes, 1000u);
    } else if (state.id == bookies_[1]->id()) {
      EXPECT_EQ(state.answer.code(), StatusCode::kUnavailable);
    } else {
      EXPECT_TRUE(state.answer.ok()) << state.answer;  // an old one that does not know the question
      EXPECT_FALSE(state.free_bytes.has_value());
    }
  }
}

}  // namespace
}  // namespace pdr

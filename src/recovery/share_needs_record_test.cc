// What one host's judge noted of the controller's tables reaches the host that compares it.
#include <gtest/gtest.h>

#include "recovery/share_codec.h"

namespace pdr {
namespace {

TEST(ShareNeedsRecord, EverythingComesBack) {
  const Uuid id{1, 2};
  const Uuid other{3, 4};
  verify::ControllerNeeds needs;
  needs.listed = {id};
  needs.streams[id] = {"s", "x", true, {RequestType::kSealStream}};
  needs.transactions[id][other] = {"s", "x", true, RequestType::kCommitTransactions};
  needs.committing = {other};
  needs.members.scopes = {{"s", id}};
  needs.members.deleting = {{"gone", other}};
  needs.members.tables[id] = {"s", "t"};
  needs.members.groups[other] = {"s", "g"};
  needs.members.recorded[id] = {LifeState::kDeleting, true, true};
  needs.members.with_segments = {{"s", "t"}};
  needs.posted = {{RequestType::kCreateTable, "s", "t"}};
  needs.request_streams = {"_kvTableStream"};
  ByteWriter w;
  PutNeeds(w, needs);
  const std::string bytes = w.Take();
  ByteReader r(bytes);
  const verify::ControllerNeeds back = TakeNeeds(r);
  ASSERT_TRUE(CheckAtEnd(r).ok());
  EXPECT_EQ(back.listed, needs.listed);
  EXPECT_EQ(back.streams.at(id).unfinished, needs.streams.at(id).unfinished);
  EXPECT_EQ(back.transactions.at(id).at(other).asks, RequestType::kCommitTransactions);
  EXPECT_TRUE(back.transactions.at(id).at(other).committing);
  EXPECT_EQ(back.committing, needs.committing);
  EXPECT_EQ(back.members.scopes, needs.members.scopes);
  EXPECT_EQ(back.members.deleting, needs.members.deleting);
  EXPECT_EQ(back.members.tables, needs.members.tables);
  EXPECT_EQ(back.members.groups, needs.members.groups);
  EXPECT_EQ(back.members.recorded.at(id).state, LifeState::kDeleting);
  EXPECT_TRUE(back.members.recorded.at(id).configured && back.members.recorded.at(id).updating);
  EXPECT_EQ(back.members.with_segments, needs.members.with_segments);
  EXPECT_EQ(back.posted, needs.posted);
  EXPECT_EQ(back.request_streams, needs.request_streams);
}

}  // namespace
}  // namespace pdr

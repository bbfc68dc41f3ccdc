#include "live/store_questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "live/testing/fake_store.h"

namespace pdr {
namespace {

using testing::HasSubstr;

constexpr std::chrono::milliseconds kPatience(5000);
constexpr std::chrono::milliseconds kShort(100);

std::vector<StoreQuestion> Questions(size_t n) {
  std::vector<StoreQuestion> questions;
  for (size_t i = 0; i < n; ++i) {
    questions.push_back({WireType::kGetStreamSegmentInfo, fmt::format("s/t/{}.#epoch.0", i)});
  }
  return questions;
}

// Asks and expects an error with a message that contains `what`.
void ExpectError(StatusCode code, FakeStore& store, const std::string& what,
                 std::chrono::milliseconds timeout = kPatience) {
  const Status status =
      AskStore(store.endpoint(), Questions(3), timeout, [](size_t, const auto&) {});
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_THAT(std::string(Message(status)), HasSubstr(what));
  EXPECT_THAT(std::string(Message(status)), HasSubstr(store.endpoint().ToString()));
}

// More than are under way at once, answered in another order than asked.
TEST(StoreQuestions, EveryQuestionGetsItsOwnAnswer) {
  FakeStore store;
  store.backwards = true;
  const std::vector<StoreQuestion> questions = Questions(2000);
  for (size_t i = 0; i < questions.size(); ++i) {
    if (i % 3 != 0) store.segments[questions[i].segment] = {.exists = true, .length = int64_t(i)};
  }
  std::vector<int> answers(questions.size(), 0);
  ASSERT_EQ(AskStore(store.endpoint(), questions, kPatience,
                     [&](size_t i, const WireReply& reply) {
                       ++answers[i];
                       EXPECT_EQ(reply.segment, questions[i].segment);
                       const auto* info = std::get_if<WireSegmentInfo>(&reply.body);
                       ASSERT_EQ(info != nullptr, i % 3 != 0);
                       EXPECT_EQ(info == nullptr ? 0 : info->length, i % 3 != 0 ? int64_t(i) : 0);
                     }),
            OkStatus());
  EXPECT_EQ(answers, std::vector<int>(questions.size(), 1));
}

TEST(StoreQuestions, AStoreThatCannotBeReached) {
  Endpoint gone;
  {
    gone = FakeStore().endpoint();
  }
  const Status status = AskStore(gone, Questions(1), kPatience, [](size_t, const auto&) {});
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST(StoreQuestions, ASilentStoreIsNotWaitedForForever) {
  FakeStore store;
  store.silent = true;
  ExpectError(StatusCode::kUnavailable, store, "no answer within", kShort);
}

TEST(StoreQuestions, AStoreThatHangsUp) {
  FakeStore store;
  store.script = [](const StoreRequest&) { return ""; };
  ExpectError(StatusCode::kUnavailable, store, "may not be online");
}

TEST(StoreQuestions, AnotherProtocolVersion) {
  FakeStore store;
  store.hello = {99, 98};
  ExpectError(StatusCode::kFailedPrecondition, store, "speaks versions 98 to 99");
}

TEST(StoreQuestions, AStoreThatWantsAToken) {
  FakeStore store;
  store.script = [](const StoreRequest& r) {
    return RefusalReply(r, WireType::kAuthTokenCheckFailed);
  };
  ExpectError(StatusCode::kFailedPrecondition, store, "without authentication");
}

TEST(StoreQuestions, HostileAnswers) {
  const std::vector<std::function<std::string(const StoreRequest&)>> scripts = {
      [](const StoreRequest&) { return ByteWriter().I32(12).U32(0xffffffff).Take(); },
      [](const StoreRequest&) { return ByteWriter().I32(12).U32(3).Put("abc").Take(); },
      [](const StoreRequest&) { return ByteWriter().I32(1234).U32(0).Take(); },
      [](const StoreRequest&) { return EncodeHello({}); },
      [](const StoreRequest& r) { return TableReply(r, {}); },
      [](const StoreRequest& r) { return InfoReply({r.type, 0, r.segment}, {}); },
      [](const StoreRequest& r) { return InfoReply({r.type, -1, r.segment}, {}); },
      [](const StoreRequest& r) { return InfoReply({r.type, 4, r.segment}, {}); },
      [](const StoreRequest& r) { return InfoReply({r.type, 1, r.segment}, {}); },  // twice
      [](const StoreRequest& r) { return InfoReply(r, {.exists = true, .length = -1}); }};
  for (const auto& script : scripts) {
    FakeStore store;
    store.script = script;
    ExpectError(StatusCode::kUnavailable, store, "segment store");
  }
}

}  // namespace
}  // namespace pdr

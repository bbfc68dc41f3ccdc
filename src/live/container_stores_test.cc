#include "live/container_stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/names.h"
#include "live/testing/fake_controller.h"
#include "proto/controller.pb.h"

namespace pdr {
namespace {

using testing::HasSubstr;

constexpr std::chrono::milliseconds kTimeout(5000);

std::string NodeUri(const std::string& host, int port) {
  proto::NodeUri uri;
  uri.set_endpoint(host);
  uri.set_port(port);
  return uri.SerializeAsString();
}

TEST(ContainerStores, ProbesLieOneInEachContainer) {
  for (int count : {1, 4, 48}) {
    const std::vector<int64_t> numbers = ProbeNumbers(count);
    ASSERT_EQ(numbers.size(), static_cast<size_t>(count));
    for (int c = 0; c < count; ++c) {
      EXPECT_EQ(ContainerOf(ProbeName(numbers[static_cast<size_t>(c)]), count), c);
    }
  }
}

// The store's port tells the container that was asked about.
TEST(ContainerStores, AsksForEachContainer) {
  constexpr int kCount = 16;
  FakeController controller([](const std::string& segment) {
    return GrpcAnswer{"0", NodeUri("store", 1000 + ContainerOf(segment, kCount))};
  });
  const auto stores = FindContainerStores({controller.endpoint()}, kCount, kTimeout);
  ASSERT_TRUE(stores.ok()) << stores.status();
  ASSERT_EQ(stores->size(), static_cast<size_t>(kCount));
  for (size_t c = 0; c < stores->size(); ++c) {
    EXPECT_EQ((*stores)[c], (Endpoint{"store", static_cast<uint16_t>(1000 + c)}));
  }
}

TEST(ContainerStores, TakesTheFirstControllerThatCanBeReached) {
  Endpoint gone;
  {
    gone = FakeController(Endpoint{"x", 1}).endpoint();
  }
  FakeController alive(Endpoint{"store", 7});
  const auto stores = FindContainerStores({gone, alive.endpoint()}, 1, kTimeout);
  ASSERT_TRUE(stores.ok()) << stores.status();
  EXPECT_EQ(stores->front(), (Endpoint{"store", 7}));
  EXPECT_TRUE(absl::IsUnavailable(FindContainerStores({gone}, 1, kTimeout).status()));
}

TEST(ContainerStores, AControllerThatRefuses) {
  const std::vector<std::pair<GrpcAnswer, std::string>> cases = {
      {{"16", ""}, "wants credentials"},
      {{"7", ""}, "wants credentials"},
      {{"13", ""}, "gRPC status 13"},  // no store has the container yet
      {{"0", "\xff\xff"}, "no usable segment store"},
      {{"0", ""}, "no usable segment store"},
      {{"0", NodeUri("store", 65536)}, "no usable segment store"},
      {{"0", NodeUri("store", -1)}, "no usable segment store"},
      {{"0", std::string(1 << 17, 'x')}, "more than"},
      {{"0", "", true}, "controller"}};
  for (const auto& [answer, message] : cases) {
    FakeController controller([&answer = answer](const std::string&) { return answer; });
    const Status status = FindContainerStores({controller.endpoint()}, 1, kTimeout).status();
    const bool forbidden = answer.status == "16" || answer.status == "7";
    EXPECT_EQ(status.code(),
              forbidden ? StatusCode::kFailedPrecondition : StatusCode::kUnavailable);
    EXPECT_THAT(std::string(Message(status)), HasSubstr(message));
  }
}

TEST(ContainerStores, SomethingElseThatListens) {
  for (const std::string& bytes : {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"),
                                   std::string(1000, '\xff'), std::string(9, '\0')}) {
    FakeServer server([&bytes](asio::ip::tcp::socket& socket) { WriteAll(socket, bytes); });
    const Status status = FindContainerStores({server.endpoint()}, 1, kTimeout).status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  }
}

}  // namespace
}  // namespace pdr

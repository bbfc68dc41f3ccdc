#include "live/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pdr {
namespace {

TEST(ControllerUri, TakesWhatClientsTake) {
  EXPECT_EQ(ParseControllerUri("tcp://127.0.0.1:9090").value(),
            (std::vector<Endpoint>{{"127.0.0.1", 9090}}));
  EXPECT_EQ(ParseControllerUri("pravega://a:1,b.c:65535/").value(),
            (std::vector<Endpoint>{{"a", 1}, {"b.c", 65535}}));
  EXPECT_EQ(ParseControllerUri("tcp://[::1]:9090").value(), (std::vector<Endpoint>{{"::1", 9090}}));
}

TEST(ControllerUri, RefusesTheRest) {
  for (const char* bad : {"", "host", "host:9090", "http://host:9090", "tcp://", "tcp://host",
                          "tcp://:9090", "tcp://host:", "tcp://host:0", "tcp://host:65536",
                          "tcp://host:90x", "tcp://a:1,", "tcp://a:1,b", "tcp://a:-1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseControllerUri(bad).status())) << bad;
  }
  for (const char* encrypted : {"tls://host:9090", "pravegas://host:9090"}) {
    const Status status = ParseControllerUri(encrypted).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(Message(status)), testing::HasSubstr("not supported"));
  }
}

}  // namespace
}  // namespace pdr

#include "format/cluster_nodes.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

TEST(ClusterNodesTest, Hosts) {
  const Json vectors = LoadVectors("tier1-zookeeper.json");
  ASSERT_FALSE(vectors["hosts"].empty());
  for (const Json& vector : vectors["hosts"]) {
    const std::string bytes = FromHex(vector["hex"]);
    auto host = DecodeHost(bytes);
    ASSERT_TRUE(host.ok()) << host.status();
    EXPECT_EQ(host->ip, vector["fields"]["ipAddr"]);
    EXPECT_EQ(host->port, vector["fields"]["port"]);
    EXPECT_EQ(host->endpoint_id, vector["fields"]["endpointId"]);
    EXPECT_EQ(HostNodeName(*host), vector["znodeName"]);
    EXPECT_EQ(EncodeHost(*host), bytes);
  }
}

TEST(ClusterNodesTest, HostContainerMaps) {
  const Json vectors = LoadVectors("tier1-zookeeper.json");
  ASSERT_EQ(vectors["hostContainerMap"].size(), 2u);
  for (const Json& vector : vectors["hostContainerMap"]) {
    const std::string bytes = FromHex(vector["hex"]);
    auto map = DecodeHostContainerMap(bytes);
    ASSERT_TRUE(map.ok()) << map.status();
    ASSERT_EQ(map->size(), vector["fields"].size());
    for (const HostContainers& entry : *map) {
      EXPECT_EQ(Json(entry.containers), vector["fields"][HostNodeName(entry.host)]);
    }
    EXPECT_EQ(EncodeHostContainerMap(*map), bytes);
    for (size_t n = 0; n < bytes.size(); ++n) {
      EXPECT_FALSE(DecodeHostContainerMap(std::string_view(bytes).substr(0, n)).ok()) << n;
    }
  }
}

// recovery-image-rolling.md section 6: the bytes used in the runs that succeeded.
TEST(ClusterNodesTest, TransactionCounter) {
  EXPECT_EQ(ToHex(EncodeTransactionCounter({1, 0})), "000000010000000000000000");
  auto counter = DecodeTransactionCounter(FromHex("000000020000000000004e20"));
  ASSERT_TRUE(counter.ok());
  EXPECT_EQ(*counter, (TransactionCounter{2, 20000}));
  EXPECT_FALSE(DecodeTransactionCounter(std::string(11, '\0')).ok());
  EXPECT_FALSE(DecodeTransactionCounter(std::string(13, '\0')).ok());
}

// The code block that starts with Java's stream magic, as one hex string.
std::string BlobInDocument(const std::string& name) {
  std::ifstream file(std::string("docs/formats/") + name);
  std::string hex;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("aced0005") || (!hex.empty() && line != "```")) hex += line;
    if (!hex.empty() && line == "```") break;
  }
  return hex;
}

TEST(ClusterNodesTest, EmptyReaderGroupIsWhatControllersWrite) {
  const std::string blob = EmptyReaderGroupData();
  EXPECT_EQ(blob.size(), 402u);
  EXPECT_EQ(ToHex(blob), BlobInDocument("recovery-image-rolling.md"));
  EXPECT_EQ(ToHex(blob), BlobInDocument("recovery-image-chunked.md"));
}

}  // namespace
}  // namespace pdr

#include "cli/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tier2/testing/tar_fixture.h"

namespace pdr {
namespace {

using testing::HasSubstr;

std::map<std::string, std::string> Parse(std::string_view text) {
  auto properties = ParseProperties(text);
  EXPECT_TRUE(properties.ok()) << properties.status();
  std::map<std::string, std::string> out;
  for (const Property& p : *properties) out[p.key] = p.value;
  return out;
}

TEST(PropertiesTest, SeparatorsAndBlanks) {
  EXPECT_THAT(Parse("a=1\nb:2\nc 3\n  d\t=\t4 \ne\nf==5\ng = : 6\n"),
              testing::UnorderedElementsAre(testing::Pair("a", "1"), testing::Pair("b", "2"),
                                            testing::Pair("c", "3"), testing::Pair("d", "4 "),
                                            testing::Pair("e", ""), testing::Pair("f", "=5"),
                                            testing::Pair("g", ": 6")));
}

TEST(PropertiesTest, CommentsAndLineEnds) {
  EXPECT_THAT(Parse("# a=1\r\n  ! b=2\r\n\r\nc=3\rd=4"),
              testing::UnorderedElementsAre(testing::Pair("c", "3"), testing::Pair("d", "4")));
}

TEST(PropertiesTest, ContinuedLines) {
  EXPECT_THAT(Parse("hosts=a,\\\n    b,\\\n  # no comment\nend=\\\\\nnext=1\nlast=x\\"),
              testing::UnorderedElementsAre(testing::Pair("hosts", "a,b,# no comment"),
                                            testing::Pair("end", "\\"), testing::Pair("next", "1"),
                                            testing::Pair("last", "x")));
}

TEST(PropertiesTest, Escapes) {
  EXPECT_THAT(
      Parse("a\\=b\\ c=\\t\\n\\:\\q\ne=\\u00fc\\u6d41\\ud83d\\ude00\n"),
      testing::UnorderedElementsAre(testing::Pair("a=b c", "\t\n:q"),
                                    testing::Pair("e", "\xc3\xbc\xe6\xb5\x81\xf0\x9f\x98\x80")));
}

TEST(PropertiesTest, BrokenEscapeNamesItsLine) {
  auto properties = ParseProperties("a=1\nb=\\\n\\u12g4\n");
  EXPECT_EQ(properties.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(properties.status())), HasSubstr("line 2"));
}

class ConfigTest : public testing::Test {
 protected:
  StatusOr<PravegaConfig> Load(const std::string& text, std::vector<std::string> overrides = {}) {
    const std::string path = directory_.path() + "/config.properties";
    std::ofstream(path) << text;
    return LoadConfig(path, overrides);
  }
  TempDir directory_;
};

TEST_F(ConfigTest, NothingConfiguredIsTheEmbeddedLog) {
  auto config = LoadConfig("", {});
  ASSERT_TRUE(config.ok());
  EXPECT_FALSE(config->has_tier1);
  EXPECT_FALSE(config->container_count.has_value());
}

TEST_F(ConfigTest, AllKeysReachTheirField) {
  auto config = Load(
      "pravegaservice.container.count=8\npravegaservice.clusterName=prod\n"
      "pravegaservice.zk.connect.uri=zk1:2181\npravegaservice.storage.layout=ROLLING_STORAGE\n"
      "bookkeeper.zk.connect.uri=zk2:2181\nbookkeeper.ledger.path=/ledgers\n"
      "bookkeeper.ensemble.size=5\nbookkeeper.write.quorum.size=4\nbookkeeper.ack.quorum.size=2\n"
      "bookkeeper.digest.type.name=MAC\nbookkeeper.connect.security.auth.pwd=secret\n"
      "bookkeeper.zk.metadata.path=/meta\nbookkeeper.zk.metadata.hierarchy.depth=0\n"
      "bookkeeper.zk.connect.sessionTimeout.milliseconds=1\n"
      "bookkeeper.write.timeout.milliseconds=2\nbookkeeper.read.timeout.milliseconds=3\n"
      "writer.flush.threshold.milliseconds=4\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->has_tier1);
  EXPECT_EQ(config->container_count, 8);
  EXPECT_EQ(config->layout, Layout::kRolling);
  const Tier1Config& t = config->tier1;
  EXPECT_EQ(t.cluster_name, "prod");
  EXPECT_EQ(t.pravega_zk_uri, "zk1:2181");
  EXPECT_EQ(t.bookkeeper_zk_uri, "zk2:2181");
  EXPECT_EQ(t.LedgerRoot(), "/ledgers");
  EXPECT_EQ(t.ensemble_size, 5);
  EXPECT_EQ(t.write_quorum, 4);
  EXPECT_EQ(t.ack_quorum, 2);
  EXPECT_EQ(t.digest_type, "MAC");
  EXPECT_EQ(t.password, "secret");
  EXPECT_EQ(t.LogMetadataRoot(), "/pravega/prod/meta");
  EXPECT_EQ(t.zk_metadata_depth, 0);
  EXPECT_EQ(t.zk_session_timeout_ms, 1);
  EXPECT_EQ(t.write_timeout_ms, 2);
  EXPECT_EQ(t.read_timeout_ms, 3);
  EXPECT_EQ(config->flush_interval_ms, 4);
}

TEST_F(ConfigTest, OldKeyNamesAndDefaults) {
  auto config = Load("pravegaservice.containerCount=2\nbookkeeper.zkAddress=z:1\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->container_count, 2);
  EXPECT_EQ(config->tier1.bookkeeper_zk_uri, "z:1");
  EXPECT_EQ(config->tier1.pravega_zk_uri, "localhost:2181");
  EXPECT_EQ(config->tier1.digest_type, "CRC32C");
  EXPECT_EQ(config->flush_interval_ms, 30000);
}

TEST_F(ConfigTest, OtherKeysOfTheirsAreIgnored) {
  EXPECT_TRUE(Load("controller.zk.connect.uri=x\nfoo=bar\nbookkeeper.read.batch.size=abc\n").ok());
}

TEST_F(ConfigTest, OverridesWin) {
  auto config = Load("pravegaservice.container.count=8\n", {"pravegaservice.container.count=4"});
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->container_count, 4);
}

TEST_F(ConfigTest, MisspelledOverrideNamesTheNearestKey) {
  auto config = LoadConfig("", {"bookkeeper.ensemblesize=3"});
  EXPECT_EQ(config.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(config.status())), HasSubstr("bookkeeper.ensemble.size"));
  EXPECT_EQ(LoadConfig("", {"novalue"}).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(ConfigTest, WrongNumbersNameTheirLine) {
  for (const char* value : {"", "x", "3x", "-1", "0", "99999999999", "1.5", " 3 "}) {
    auto config = Load(fmt::format("# comment\n\nbookkeeper.ensemble.size=\\\n{}\n", value));
    EXPECT_EQ(config.status().code(), StatusCode::kInvalidArgument) << value;
    EXPECT_THAT(std::string(Message(config.status())), HasSubstr("line 3")) << value;
  }
}

TEST_F(ConfigTest, QuorumsThatCannotBe) {
  EXPECT_FALSE(Load("bookkeeper.ensemble.size=2\n").ok());
  EXPECT_FALSE(Load("bookkeeper.ack.quorum.size=4\n").ok());
  EXPECT_TRUE(Load("bookkeeper.ensemble.size=1\nbookkeeper.write.quorum.size=1\n"
                   "bookkeeper.ack.quorum.size=1\n")
                  .ok());
}

TEST_F(ConfigTest, WhatIsNotSupportedIsSaid) {
  EXPECT_FALSE(Load("bookkeeper.connect.security.tls.enable=true\n").ok());
  EXPECT_TRUE(Load("bookkeeper.connect.security.tls.enable=false\n").ok());
  EXPECT_FALSE(Load("pravegaservice.storage.layout=OTHER\n").ok());
}

TEST_F(ConfigTest, MissingFileAndDirectory) {
  EXPECT_EQ(LoadConfig(directory_.path() + "/none", {}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_FALSE(LoadConfig(directory_.path(), {}).ok());
}

}  // namespace
}  // namespace pdr

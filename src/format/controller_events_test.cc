#include "format/controller_events.h"

#include <gtest/gtest.h>

#include "format/testing/vectors.h"

namespace pdr {
namespace {

const Uuid kId{(uint64_t{2} << 32) | 3, 77};

std::string Bytes(const std::string& record) {
  static const Json vectors = LoadVectors("controller_events.json");
  return FromHex(vectors["records"][record]);
}

TEST(ControllerEvents, AreTheBytesThatTheControllerWrites) {
  EXPECT_EQ(EncodeAbortRequest("s", "str", kId), Bytes("abort"));
  EXPECT_EQ(EncodeCommitRequest("s", "str", 2), Bytes("commit"));
  EXPECT_EQ(EncodeScaleRequest({"s", "str", {{0, 0}, {5, 1}}, {{0, 0.25}, {0.25, 1}}, 1234}),
            Bytes("scale"));
  EXPECT_EQ(EncodeStreamRequest(RequestType::kSealStream, "s", "str"), Bytes("seal"));
  EXPECT_EQ(EncodeStreamRequest(RequestType::kTruncateStream, "s", "str"), Bytes("truncate"));
  EXPECT_EQ(EncodeStreamRequest(RequestType::kUpdateStream, "s", "str"), Bytes("update"));
  EXPECT_EQ(EncodeDeleteRequest(RequestType::kDeleteTable, "s", "kvt", kId), Bytes("delete_table"));
  EXPECT_EQ(EncodeDeleteRequest(RequestType::kDeleteReaderGroup, "s", "group", kId),
            Bytes("delete_reader_group"));
  EXPECT_EQ(EncodeUpdateReaderGroupRequest("s", "group", kId, 6), Bytes("update_reader_group"));
  EXPECT_EQ(EncodeDeleteScopeRequest("s", kId), Bytes("delete_scope"));
  EXPECT_EQ(EncodeCreateTableRequest({"s", "kvt", 2, 8, 4}, kId, 1234), Bytes("create_table"));
  const ReaderGroupConfiguration group{
      3000, -1, 3, 1, 6, false, {{"s/str", {{{1, 0}, 44}, {{5, 1}, 55}}}}, {{"s/str", {}}}};
  EXPECT_EQ(EncodeCreateReaderGroupRequest("s", "group", group, kId, 1234),
            Bytes("create_reader_group"));
}

TEST(ControllerEvents, SayWhatTheyAreAbout) {
  EXPECT_EQ(*DecodeRequestHead(Bytes("scale")), (RequestHead{RequestType::kScale, "s", "str"}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("abort")),
            (RequestHead{RequestType::kAbortTransaction, "s", "str"}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("update_reader_group")),
            (RequestHead{RequestType::kUpdateReaderGroup, "s", "group"}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("auto_scale")),
            (RequestHead{RequestType::kAutomaticScale, "s", "str"}));
}

TEST(ControllerEvents, SayWhichOneIsCreatedOrDeleted) {
  EXPECT_EQ(*DecodeRequestHead(Bytes("delete_stream")),
            (RequestHead{RequestType::kDeleteStream, "s", "str", {}, 1234}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("create_table")),
            (RequestHead{RequestType::kCreateTable, "s", "kvt", kId}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("delete_table")),
            (RequestHead{RequestType::kDeleteTable, "s", "kvt", kId}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("create_reader_group")),
            (RequestHead{RequestType::kCreateReaderGroup, "s", "group", kId}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("delete_reader_group")),
            (RequestHead{RequestType::kDeleteReaderGroup, "s", "group", kId}));
  EXPECT_EQ(*DecodeRequestHead(Bytes("delete_scope")),
            (RequestHead{RequestType::kDeleteScope, "s", "", kId}));
}

TEST(ControllerEvents, DamagedOnesAreRefused) {
  const std::string whole = Bytes("seal");
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(DecodeRequestHead(std::string_view(whole).substr(0, n)).ok()) << n;
  }
  EXPECT_FALSE(DecodeRequestHead(whole + "x").ok());
  std::string other = whole;
  other[1] = 99;
  EXPECT_FALSE(DecodeRequestHead(other).ok());
  other = whole;
  other[2] = 1;
  EXPECT_FALSE(DecodeRequestHead(other).ok());
}

}  // namespace
}  // namespace pdr

#include "format/wire_command.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

const Json& Vectors() {
  static const Json vectors = LoadVectors("segment-store-wire.json")["vectors"];
  return vectors;
}

StatusOr<WireReply> DecodeFrame(const std::string& frame) {
  ASSIGN_OR_RETURN(WireHeader header,
                   DecodeWireHeader(std::string_view(frame).substr(0, kWireHeaderBytes)));
  EXPECT_EQ(header.length, frame.size() - kWireHeaderBytes);
  return DecodeWireReply(header.type, std::string_view(frame).substr(kWireHeaderBytes));
}

void ExpectBody(const WireReply& reply, const Json& f) {
  if (const auto* hello = std::get_if<WireHello>(&reply.body)) {
    EXPECT_EQ(*hello, (WireHello{f["high_version"], f["low_version"]}));
  } else if (const auto* info = std::get_if<WireSegmentInfo>(&reply.body)) {
    EXPECT_EQ(*info, (WireSegmentInfo{f["exists"], f["sealed"], f["deleted"], f["length"],
                                      f["start_offset"]}));
  } else if (const auto* table = std::get_if<WireTableInfo>(&reply.body)) {
    EXPECT_EQ(*table,
              (WireTableInfo{f["start_offset"], f["length"], f["entries"], f["key_length"]}));
  } else if (const auto* refusal = std::get_if<WireRefusal>(&reply.body)) {
    EXPECT_EQ(*refusal, (WireRefusal{WireType::kNoSuchSegment, ""}));
  }
}

TEST(WireCommand, RepliesOfRealStores) {
  for (const Json& v : Vectors()) {
    SCOPED_TRACE(v["name"].get<std::string>());
    const StatusOr<WireReply> reply = DecodeFrame(FromHex(v["reply"]));
    ASSERT_TRUE(reply.ok()) << reply.status();
    const Json& f = v["fields"];
    EXPECT_EQ(reply->request_id, f.value("request_id", int64_t{0}));
    EXPECT_EQ(reply->segment, f.value("segment", ""));
    ExpectBody(*reply, f);
  }
}

TEST(WireCommand, RequestsThatRealStoresAnswered) {
  int compared = 0;
  for (const Json& v : Vectors()) {
    const std::string request = FromHex(v["request"]);
    const auto type = static_cast<WireType>(DecodeWireHeader(request.substr(0, 8))->type);
    if (type == WireType::kHello) {
      EXPECT_EQ(ToHex(EncodeHello({})), v["request"]);
    } else if (type != WireType::kKeepAlive) {
      EXPECT_EQ(ToHex(EncodeInfoRequest(type, v["fields"]["request_id"],
                                        std::string(v["fields"]["segment"]))),
                v["request"]);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 16);
}

// What real clusters do not show unasked: written down from the released sources.
TEST(WireCommand, Refusals) {
  auto refusal = [](WireType type, ByteWriter fields) {
    const StatusOr<WireReply> reply =
        DecodeWireReply(static_cast<int32_t>(type), fields.I64(-1).bytes());
    EXPECT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->request_id, 7);
    return std::get<WireRefusal>(reply->body);
  };
  auto fields = [] { return ByteWriter().I64(7); };
  const std::string text("\0\1x\0\1y", 6);
  EXPECT_EQ(refusal(WireType::kWrongHost, fields().Put(text)),
            (WireRefusal{WireType::kWrongHost, "y"}));
  EXPECT_EQ(refusal(WireType::kErrorMessage, fields().Put(text)),
            (WireRefusal{WireType::kErrorMessage, "y"}));
  EXPECT_EQ(refusal(WireType::kOperationUnsupported, fields().Put(text)),
            (WireRefusal{WireType::kOperationUnsupported, "x"}));
  EXPECT_EQ(refusal(WireType::kAuthTokenCheckFailed, fields()),
            (WireRefusal{WireType::kAuthTokenCheckFailed, ""}));
}

TEST(WireCommand, HeadersThatNoStoreSends) {
  EXPECT_TRUE(absl::IsDataLoss(
      DecodeWireHeader(ByteWriter().I32(12).U32(kMaxWireCommand + 1).bytes()).status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodeWireHeader(ByteWriter().I32(12).I32(-1).bytes()).status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodeWireHeader("1234567").status()));
  EXPECT_EQ(DecodeWireHeader(ByteWriter().I32(12).U32(kMaxWireCommand).bytes())->length,
            kMaxWireCommand);
}

TEST(WireCommand, OtherCommandsAreRefused) {
  for (int32_t type : {-128, -3, 0, 10, 11, 68, 101}) {
    EXPECT_TRUE(absl::IsUnimplemented(DecodeWireReply(type, std::string(64, '\0')).status()))
        << type;
  }
}

// Only the last field of a segment's information may be absent; only a refusal's trace is not read.
TEST(WireCommand, TruncatedReplies) {
  for (const Json& v : Vectors()) {
    const std::string frame = FromHex(v["reply"]);
    const int32_t type = v["type"];
    const std::string body = frame.substr(kWireHeaderBytes);
    const bool info = type == static_cast<int32_t>(WireType::kStreamSegmentInfo);
    const bool missing = type == static_cast<int32_t>(WireType::kNoSuchSegment);
    for (size_t n = 0; n < body.size(); ++n) {
      const bool whole = info ? n >= body.size() - 8 : missing && n >= body.size() - 10;
      EXPECT_EQ(DecodeWireReply(type, body.substr(0, n)).ok(), whole) << v["name"] << " " << n;
    }
  }
}

RC_GTEST_PROP(WireCommand, RandomBytesDoNoHarm, (std::vector<uint8_t> bytes)) {
  const std::string body(bytes.begin(), bytes.end());
  for (int32_t type : {-127, 12, 50, 53, 57, 60, 61, 69, 100}) {
    const StatusOr<WireReply> reply = DecodeWireReply(type, body);
    if (!reply.ok()) continue;
    if (const auto* info = std::get_if<WireSegmentInfo>(&reply->body)) {
      RC_ASSERT(info->start_offset >= 0 && info->length >= info->start_offset);
    }
  }
}

}  // namespace
}  // namespace pdr

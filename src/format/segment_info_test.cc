#include "format/segment_info.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "format/serializer.h"
#include "format/testing/records_json.h"

namespace pdr {
namespace {

// What a writer leaves out: extended attributes and nulls.
SegmentInfo Stored(SegmentInfo info) {
  absl::erase_if(info.attributes, [](const auto& a) {
    return a.first.high != kCoreHigh || a.second == kNullAttributeValue;
  });
  return info;
}

TEST(SegmentInfo, Vectors) {
  const Json vectors = LoadVectors("segment_info.json")["vectors"];
  EXPECT_EQ(vectors.size(), 5u);
  for (const Json& v : vectors) {
    SCOPED_TRACE(v.dump());
    if (v["name"] == "constants") {
      EXPECT_EQ(v["fields"]["NO_STREAM_SEGMENT_ID"], kNoSegmentId);
      continue;
    }
    const SegmentInfo expected = SegmentInfoFrom(v["fields"]);
    const std::string bytes = FromHex(v["hex"]);
    const auto decoded = DecodeSegmentInfo(bytes);
    ASSERT_TRUE(decoded.ok()) << Message(decoded.status());
    EXPECT_EQ(*decoded, Stored(expected));
    // The vectors' attributes are in hash-map order, so only the length must agree.
    const std::string encoded = EncodeSegmentInfo(expected);
    EXPECT_EQ(encoded.size(), bytes.size());
    EXPECT_EQ(*DecodeSegmentInfo(encoded), Stored(expected));
    if (expected.attributes.size() != 8) {
      EXPECT_EQ(ToHex(encoded), v["hex"]);
    }
  }
}

TEST(SegmentInfo, LengthsThatCannotBeAreRefused) {
  const auto decode = [](int64_t length, int64_t start_offset) {
    return DecodeSegmentInfo(EncodeSegmentInfo({1, "s", length, start_offset, false, {}})).status();
  };
  EXPECT_TRUE(decode(5, 5).ok());
  EXPECT_EQ(Message(decode(4, 5)), "SegmentInfo of 's': start offset 5, length 4");
  EXPECT_FALSE(decode(-1, 0).ok());
  EXPECT_FALSE(decode(5, -1).ok());
}

TEST(SegmentInfo, EveryTruncationIsRefused) {
  const std::string bytes = EncodeSegmentInfo({1, "s", 9, 5, true, {{kEventCount, 17}}});
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(DecodeSegmentInfo(std::string_view(bytes).substr(0, n)).ok()) << n;
  }
  EXPECT_FALSE(DecodeSegmentInfo(bytes + "x").ok());
}

}  // namespace
}  // namespace pdr

#include "format/rolling_header.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/hash.h"
#include "format/testing/vectors.h"

namespace pdr {
namespace {

std::vector<RollingChunk> ChunksFrom(const Json& chunks) {
  std::vector<RollingChunk> out;
  for (const Json& c : chunks) out.push_back({c["offset"], c["name"]});
  return out;
}

void ExpectSerialized(const Json& v) {
  const Json& f = v["fields"];
  RollingHeader header{f["maxLength"], ChunksFrom(f["chunks"]), false};
  EXPECT_EQ(ToHex(EncodeRollingHeader(header)), v["hex"]);
  const auto decoded = DecodeRollingHeader(FromHex(v["hex"]));
  ASSERT_TRUE(decoded.ok()) << Message(decoded.status());
  EXPECT_EQ(decoded->max_length, header.max_length);
  EXPECT_EQ(decoded->chunks, header.chunks);
}

void ExpectDeserialized(const Json& v) {
  const Json& f = v["fields"];
  const std::string text = FromHex(v["hex"]);
  EXPECT_EQ(text, f["text"]);
  const auto decoded = DecodeRollingHeader(text);
  if (f["result"].is_string()) {
    EXPECT_EQ(decoded.status().code(), StatusCode::kDataLoss);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << Message(decoded.status());
  EXPECT_EQ(decoded->max_length, f["result"]["maxLength"]);
  EXPECT_EQ(text.size(), f["result"]["headerLength"]);
  EXPECT_EQ(decoded->chunks, ChunksFrom(f["result"]["chunks"]));
}

// Of a header in a tree: every listed chunk that is there fills the room up to the next one. (Not
// "nested concat", whose point is a header that production cannot read either.)
void ExpectChunksFit(const std::string& text, const std::map<std::string, uint64_t>& lengths) {
  const auto header = DecodeRollingHeader(text);
  ASSERT_TRUE(header.ok()) << text << " " << Message(header.status());
  for (size_t i = 0; i + 1 < header->chunks.size(); ++i) {
    const auto file = lengths.find(header->chunks[i].name);
    if (file == lengths.end()) continue;
    const uint64_t room = header->chunks[i + 1].start_offset - header->chunks[i].start_offset;
    if (file->first != "bad/a$offset.0") {
      EXPECT_EQ(file->second, room) << text;
    }
  }
}

size_t ExpectTree(const Json& files) {
  std::map<std::string, uint64_t> lengths;
  for (const auto& [key, file] : files.items()) {
    lengths[file.contains("path") ? file["path"].get<std::string>() : key] = file["length"];
  }
  size_t headers = 0;
  for (const auto& [key, file] : files.items()) {
    if (!file.contains("text") || file["text"].is_null()) continue;
    const std::string text = file["text"];
    EXPECT_EQ(text.size(), file["length"]);
    if (text.find("concat=4@15") != std::string::npos) {
      EXPECT_FALSE(DecodeRollingHeader(text).ok());
    } else {
      ExpectChunksFit(text, lengths);
    }
    ++headers;
  }
  return headers;
}

TEST(RollingHeader, Vectors) {
  const Json vectors = LoadVectors("rolling.json")["vectors"];
  EXPECT_EQ(vectors.size(), 47u);
  size_t headers = 0;
  for (const Json& v : vectors) {
    SCOPED_TRACE(v.dump());
    const std::string kind = v["name"];
    const Json& f = v["fields"];
    if (kind.starts_with("serialize_")) {
      ExpectSerialized(v);
    } else if (kind.starts_with("deserialize")) {
      ExpectDeserialized(v);
    } else if (kind == "serializeChunk") {
      const auto decoded = DecodeRollingHeader(FromHex(v["hex"]));
      ASSERT_TRUE(decoded.ok());
      EXPECT_EQ(decoded->chunks, (std::vector<RollingChunk>{{f["offset"], f["name"]}}));
    } else if (kind == "serializeConcat") {
      const auto decoded = DecodeRollingHeader(FromHex(v["hex"]) + "0=a&7=b&");
      ASSERT_TRUE(decoded.ok());
      EXPECT_EQ(decoded->chunks, (std::vector<RollingChunk>{{25, "a"}, {32, "b"}}));
    } else if (f.contains("files")) {
      headers += ExpectTree(f["files"]);
    } else {
      EXPECT_TRUE(f.contains("step") || f.contains("condition")) << v;
    }
  }
  EXPECT_GE(headers, 20u);
}

std::vector<RollingChunk> Chunks(std::string_view text) {
  const auto header = DecodeRollingHeader(text);
  return header.ok() ? header->chunks : std::vector<RollingChunk>();
}

TEST(RollingHeader, ACutConcatIsDangling) {
  EXPECT_TRUE(DecodeRollingHeader("maxsize=9&0=a&concat=2@5&")->dangling_concat);
  EXPECT_TRUE(DecodeRollingHeader("maxsize=9&0=a&concat=2@5&maxsize=9&0=b&")->dangling_concat);
  EXPECT_FALSE(DecodeRollingHeader("maxsize=9&0=a&concat=2@5&0=b&3=c&")->dangling_concat);
  EXPECT_FALSE(DecodeRollingHeader("maxsize=9&0=a&concat=0@5&")->dangling_concat);
}

TEST(RollingHeader, TheNextOrdinaryRecordVoidsAConcatThatWasCut) {
  EXPECT_EQ(Chunks("0=a&concat=2@5&7=b&"), (std::vector<RollingChunk>{{0, "a"}, {7, "b"}}));
  EXPECT_FALSE(DecodeRollingHeader("0=a&concat=2@5&7=b&")->dangling_concat);
}

TEST(RollingHeader, LaterMaxSizesAreNotEvenRead) {
  EXPECT_EQ(DecodeRollingHeader("maxsize=9&maxsize=x&")->max_length, 9u);
  EXPECT_EQ(DecodeRollingHeader("0=a&")->max_length, kNoRolling);
}

TEST(RollingHeader, NumbersAreJavaLongs) {
  EXPECT_EQ(Chunks("+5=a&007=b&"), (std::vector<RollingChunk>{{5, "a"}, {7, "b"}}));
  for (const char* text :
       {"9223372036854775808=a&", "+-5=a&", "5 =a&", "+=a&", "0x5=a&", "-1=a&",
        "concat=1@9223372036854775807&0=a&1=b&", "concat=2@9223372036854775807&0=a&1=b&",
        "concat=2147483648@1&", "concat=1@&", "concat=@1&", "concat=1@2@3&", "maxsize=0&"}) {
    EXPECT_EQ(DecodeRollingHeader(text).status().code(), StatusCode::kDataLoss) << text;
  }
}

RC_GTEST_PROP(RollingHeader, GivesBackWhatWasWritten, (std::vector<uint16_t> gaps, uint32_t max)) {
  RollingHeader header{uint64_t{max} + 1, {}, false};
  uint64_t offset = 0;
  for (uint16_t gap : gaps) {
    header.chunks.push_back({offset += gap, fmt::format("s$offset.{}", offset)});
  }
  const auto decoded = DecodeRollingHeader(EncodeRollingHeader(header));
  RC_ASSERT(decoded.ok());
  RC_ASSERT(decoded->max_length == header.max_length);
  RC_ASSERT(decoded->chunks == header.chunks);
  RC_ASSERT(!decoded->dangling_concat);
}

// A concat as production writes it and the flat list it stands for are the same chunks.
RC_GTEST_PROP(RollingHeader, AConcatIsItsFlatList, (std::vector<uint8_t> gaps, uint32_t at)) {
  std::string text = fmt::format("maxsize=9&0=s&concat={}@{}&maxsize=7&", gaps.size() + 1, at);
  std::vector<RollingChunk> expected = {{0, "s"}, {at, "t0"}};
  text += "0=t0&";
  uint64_t offset = 0;
  for (uint8_t gap : gaps) {
    offset += gap + 1u;
    text += fmt::format("{}=t{}&", offset, offset);
    expected.push_back({at + offset, fmt::format("t{}", offset)});
  }
  RC_ASSERT(Chunks(text) == expected);
}

}  // namespace
}  // namespace pdr

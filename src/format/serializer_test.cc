#include "format/serializer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/hash.h"
#include "format/testing/records_json.h"

namespace pdr {
namespace {

using Written = std::function<void(ByteWriter&)>;

std::string Bytes(const Written& write) {
  ByteWriter w;
  write(w);
  return w.Take();
}

// Checks that the vector's bytes read as `expected` and that `write` makes them again.
template <typename T, typename Read>
void Expect(const Json& v, const T& expected, Read&& read, const Written& write) {
  const std::string bytes = FromHex(v["hex"]);
  ByteReader r(bytes);
  EXPECT_EQ(read(r), expected);
  EXPECT_TRUE(r.ok() && r.remaining() == 0);
  EXPECT_EQ(ToHex(Bytes(write)), v["hex"]);
}

void ExpectNumber(const Json& v) {
  const std::string type = v["fields"]["type"];
  const Json& value = v["fields"]["value"];
  if (type == "compactLong") {
    const uint64_t n = value;
    Expect(v, n, ReadCompactLong, [n](ByteWriter& w) { WriteCompactLong(w, n); });
  } else if (type == "compactInt") {
    const uint32_t n = value;
    Expect(v, n, ReadCompactInt, [n](ByteWriter& w) { WriteCompactInt(w, n); });
  } else if (type == "compactSignedLong") {
    const int64_t n = value;
    Expect(v, n, ReadCompactSignedLong, [n](ByteWriter& w) { WriteCompactSignedLong(w, n); });
  } else if (type == "long") {
    const int64_t n = value;
    Expect(v, n, [](ByteReader& r) { return r.I64(); }, [n](ByteWriter& w) { w.I64(n); });
  } else if (type == "int") {
    const int32_t n = value;
    Expect(v, n, [](ByteReader& r) { return r.I32(); }, [n](ByteWriter& w) { w.I32(n); });
  } else {
    ADD_FAILURE() << "unknown type " << type;
  }
}

void ExpectComposite(const Json& v) {
  const std::string type = v["fields"]["type"];
  const Json& value = v["fields"]["value"];
  if (type == "utf") {
    const std::string text = value;
    Expect(v, text, ReadUtf, [&](ByteWriter& w) { WriteUtf(w, text); });
  } else if (type == "uuid") {
    const AttributeId id = AttributeIdFromUuid(value);
    Expect(
        v, id.high,
        [&](ByteReader& r) {
          const int64_t high = r.I64();
          EXPECT_EQ(r.I64(), id.low);
          return high;
        },
        [&](ByteWriter& w) { w.I64(id.high).I64(id.low); });
  } else if (type == "bool[2]") {
    Expect(
        v, true, [](ByteReader& r) { return r.Bool() && !r.Bool(); },
        [](ByteWriter& w) { w.Bool(true).Bool(false); });
  } else if (type == "byteArray") {
    const std::string bytes = FromHex(value);
    Expect(v, bytes, ReadBuffer, [&](ByteWriter& w) { WriteBuffer(w, bytes); });
  } else if (type == "map<uuid,long>") {
    Attributes attributes;
    for (const auto& [id, n] : value.items()) attributes[AttributeIdFromUuid(id)] = n;
    Expect(v, attributes, ReadAttributes, [&](ByteWriter& w) { WriteAttributes(w, attributes); });
  } else if (type.starts_with("collection")) {
    const std::vector<uint64_t> items =
        value.is_null() ? std::vector<uint64_t>() : value.get<std::vector<uint64_t>>();
    Expect(
        v, items,
        [](ByteReader& r) {
          std::vector<uint64_t> out(ReadCollectionCount(r, 1));
          for (uint64_t& n : out) n = ReadCompactLong(r);
          return out;
        },
        [&](ByteWriter& w) {
          WriteCompactInt(w, static_cast<uint32_t>(items.size()));
          for (uint64_t n : items) WriteCompactLong(w, n);
        });
  } else {
    ExpectNumber(v);
  }
}

// An object whose revision 0 is one compact long.
struct Decoded {
  uint64_t value = 0;
  Status status;
};
Decoded DecodeObject(std::string_view bytes) {
  ByteReader r(bytes);
  Decoded d;
  ReadObject(r, "thing", [&d](ByteReader& body) { d.value = ReadCompactLong(body); });
  d.status = FinishObject(r, "thing");
  return d;
}
Decoded DecodeHexObject(const std::string& hex) { return DecodeObject(FromHex(hex)); }

TEST(Serializer, Vectors) {
  const Json vectors = LoadVectors("serialization.json")["vectors"];
  EXPECT_EQ(vectors.size(), 53u);
  for (const Json& v : vectors) {
    SCOPED_TRACE(v.dump());
    if (v["fields"].contains("type")) {
      ExpectComposite(v);
      continue;
    }
    const uint64_t r0 = v["fields"]["r0"];
    EXPECT_EQ(DecodeHexObject(v["hex"]).value, r0);
    const Written first = [&](ByteWriter& body) { WriteCompactLong(body, r0); };
    const Written second = [&](ByteWriter& body) {
      WriteUtf(body, v["fields"]["r1"].get<std::string>());
    };
    EXPECT_EQ(ToHex(Bytes([&](ByteWriter& w) {
                v["fields"].contains("r1") ? WriteObject(w, first, second) : WriteObject(w, first);
              })),
              v["hex"]);
  }
}

TEST(Serializer, LongerCompactFormsThanNecessaryAreRead) {
  const auto read = [](const std::string& hex, auto&& get) {
    const std::string bytes = FromHex(hex);
    ByteReader r(bytes);
    return get(r);
  };
  EXPECT_EQ(read("c000000000000001", ReadCompactLong), 1u);
  EXPECT_EQ(read("c0000001", ReadCompactInt), 1u);
  EXPECT_EQ(read("6000000000000001", ReadCompactSignedLong), 1);
}

TEST(ReadObject, SkipsUnreadBytesAndLaterRevisions) {
  EXPECT_EQ(DecodeHexObject("00000100000000040799aabb").value, 7u);
  EXPECT_TRUE(DecodeHexObject("00000100000000040799aabb").status.ok());
  EXPECT_TRUE(DecodeHexObject("0000020000000001070100000000").status.ok());
}

TEST(ReadObject, NamesWhatIsWrong) {
  const std::map<std::string, std::string> kCases = {
      {"01000100000000010f", "thing: serializer format 1, not 0"},
      {"000101000000000107", "thing: unknown version 1"},
      {"00800100", "thing: type 0, version 128"},
      {"000080", "thing: 128 revisions"},
      {"000000", "thing: 0 revisions"},
      {"000001010000000107", "revision 1 where 0 belongs"},
      {"000001000000000207", "needs 2 bytes, 1 left"},
      {"00000100ffffffff07", "needs 4294967295 bytes, 1 left"},
      {"00000100000000014000", "thing: at byte 1: needs 1 bytes, 0 left"},
      {"0000020000000001070100", "needs 4 bytes, 1 left"},
      {"00000100000000010700", "thing: 1 bytes follow it"},
  };
  for (const auto& [hex, message] : kCases) {
    const Status status = DecodeHexObject(hex).status;
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << hex;
    EXPECT_NE(Message(status).find(message), std::string_view::npos)
        << hex << " " << Message(status);
  }
}

TEST(ReadTypedObject, GivesTypeAndEveryRevision) {
  const std::string bytes = Bytes([](ByteWriter& w) {
    WriteTypedObject(
        w, 6, [](ByteWriter& body) { body.U8(5); }, [](ByteWriter& body) { body.U8(9); });
  });
  EXPECT_EQ(ToHex(bytes), "00060002000000000105010000000109");
  ByteReader r(bytes);
  std::vector<int> seen;
  ReadTypedObject(r, "thing", [&](const ObjectHeader& header, int revision, ByteReader& body) {
    seen.insert(seen.end(), {header.type, header.version, revision, body.U8()});
  });
  EXPECT_TRUE(FinishObject(r, "thing").ok());
  EXPECT_EQ(seen, (std::vector<int>{6, 0, 0, 5, 6, 0, 1, 9}));
}

TEST(ReadUtf, RefusesMalformedBytes) {
  for (const char* hex : {
           "000100",            // NUL must be c0 80
           "0001c2",            // cut
           "0002c181",          // longer than necessary
           "0003e08080",        // longer than necessary
           "0003eda080",        // high surrogate alone
           "0003edb080",        // low surrogate alone
           "0006eda0bdeda0bd",  // two high surrogates
           "0004eda0bd61",      // a letter where the low surrogate belongs
           "0004f09f9880",      // standard UTF-8 above U+FFFF
           "000180",            // continuation alone
           "0003c3",            // length beyond the end
       }) {
    const std::string bytes = FromHex(hex);
    ByteReader r(bytes);
    EXPECT_EQ(ReadUtf(r), "") << hex;
    EXPECT_FALSE(r.ok()) << hex;
  }
}

TEST(ReadCollectionCount, IsBoundedByTheBytesLeft) {
  const std::string bytes = FromHex("fffffffe00000000");
  ByteReader r(bytes);
  EXPECT_TRUE(ReadAttributes(r).empty());
  EXPECT_FALSE(r.ok());
}

// A code point that UTF-8 can hold.
rc::Gen<std::string> AnyCharacter() {
  const auto one_of_planes = rc::gen::oneOf(
      rc::gen::inRange<uint32_t>(0, 0x80), rc::gen::inRange<uint32_t>(0x80, 0x800),
      rc::gen::inRange<uint32_t>(0x800, 0xd800), rc::gen::inRange<uint32_t>(0xe000, 0x10000),
      rc::gen::inRange<uint32_t>(0x10000, 0x110000));
  return rc::gen::map(one_of_planes, [](uint32_t c) {
    const auto byte = [](uint32_t b) { return static_cast<char>(b); };
    const auto tail = [&](int i) { return byte(0x80 | ((c >> (6 * i)) & 0x3f)); };
    if (c < 0x80) return std::string{byte(c)};
    if (c < 0x800) return std::string{byte(0xc0 | c >> 6), tail(0)};
    if (c < 0x10000) return std::string{byte(0xe0 | c >> 12), tail(1), tail(0)};
    return std::string{byte(0xf0 | c >> 18), tail(2), tail(1), tail(0)};
  });
}

RC_GTEST_PROP(ReadUtf, GivesBackWhatWasWritten, ()) {
  std::string text;
  for (const std::string& c : *rc::gen::container<std::vector<std::string>>(AnyCharacter())) {
    text += c;
  }
  const std::string bytes = Bytes([&](ByteWriter& w) { WriteUtf(w, text); });
  ByteReader r(bytes);
  RC_ASSERT(ReadUtf(r) == text);
  RC_ASSERT(r.ok() && r.remaining() == 0);
}

RC_GTEST_PROP(Compact, NumbersAreGivenBack, (uint64_t any, uint8_t shift)) {
  const uint64_t value = any >> (2 + shift % 62);
  const auto small = static_cast<uint32_t>(any >> (34 + shift % 30));
  const int64_t limit = (int64_t{1} << 61) - 1;
  const int64_t with_sign = static_cast<int64_t>(any) >> (2 + shift % 62);
  const int64_t clipped = std::clamp(with_sign, -limit, limit - 1);
  const std::string bytes = Bytes([&](ByteWriter& w) {
    WriteCompactLong(w, value);
    WriteCompactInt(w, small);
    WriteCompactSignedLong(w, clipped);
  });
  ByteReader r(bytes);
  RC_ASSERT(ReadCompactLong(r) == value);
  RC_ASSERT(ReadCompactInt(r) == small);
  RC_ASSERT(ReadCompactSignedLong(r) == clipped);
  RC_ASSERT(r.ok() && r.remaining() == 0);
}

}  // namespace
}  // namespace pdr

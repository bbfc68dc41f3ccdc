#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/sha256_stream.h"

namespace pdr {
namespace {

TEST(ByteReader, ReadsBigEndian) {
  ByteReader r(std::string_view("\x01\x02\x03\x04\x05\x06\x07\x08\xff", 9));
  EXPECT_EQ(r.U64(), 0x0102030405060708u);
  EXPECT_EQ(r.I8(), -1);
  EXPECT_EQ(r.remaining(), 0u);
  EXPECT_TRUE(r.ok());
}

TEST(ByteReader, EveryWidthTakesItsBytesWhateverFollows) {
  for (const size_t more : {0, 1, 7, 8, 9}) {
    const std::string bytes = "\x81\x82\x83\x84\x85\x86\x87\x01" + std::string(more, 'x');
    ByteReader r(bytes);
    EXPECT_EQ(r.U8(), 0x81u);
    EXPECT_EQ(r.U16(), 0x8283u);
    EXPECT_EQ(r.U32(), 0x84858687u);
    EXPECT_TRUE(r.Bool());
    EXPECT_TRUE(r.ok());
    EXPECT_EQ(r.remaining(), more);
  }
}

TEST(ByteReader, FirstFailureSticks) {
  ByteReader r("ab");
  r.U16();
  EXPECT_EQ(r.U32(), 0u);
  EXPECT_EQ(r.U8(), 0u);
  EXPECT_EQ(r.status(), DataLoss("at byte 2: needs 4 bytes, 0 left"));
}

TEST(ByteReader, CountIsBoundedByWhatIsLeft) {
  ByteReader r("0123456789");
  EXPECT_EQ(r.Count(2, 5), 2u);
  EXPECT_EQ(r.Count(3, 5), 0u);
  EXPECT_FALSE(r.ok());
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
  ByteWriter w;
  w.U8(7).U16(300).U32(0).I64(-2).Put("x");
  w.PatchU32(3, 0xdeadbeef);
  ByteReader r(w.bytes());
  EXPECT_EQ(r.U8(), 7u);
  EXPECT_EQ(r.U16(), 300u);
  EXPECT_EQ(r.U32(), 0xdeadbeefu);
  EXPECT_EQ(r.I64(), -2);
  EXPECT_EQ(r.Rest(), "x");
}

TEST(Hash, KnownAnswers) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(Crc32c("6789", Crc32c("12345")), 0xe3069283u);
  EXPECT_EQ(Crc32("6789", Crc32("12345")), 0xcbf43926u);
  EXPECT_EQ(ToHex(Sha1("ledger")), "850bf1071c5e3d8c24235676f8816ae0cbe2f14f");
  EXPECT_EQ(ToHex(Sha256("key1")).substr(0, 32), "8174099687a26621f4e2cdd7cc03b3da");
}

TEST(Hash, InPartsItIsTheSame) {
  Sha256Stream parts;
  for (const std::string_view part : {"", "ke", "y1", ""}) parts.Add(part);
  EXPECT_EQ(parts.Finish(), Sha256("key1"));
  EXPECT_EQ(Sha256Stream().Finish(), Sha256(""));
}

TEST(Hash, NameUuidIsStableAndWellFormed) {
  std::string u = NameUuid("a");
  EXPECT_EQ(u.size(), 36u);
  EXPECT_EQ(u[14], '5');
  EXPECT_EQ(u, NameUuid("a"));
  EXPECT_NE(u, NameUuid("b"));
}

}  // namespace
}  // namespace pdr

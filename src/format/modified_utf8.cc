// ReadUtf and WriteUtf of serializer.h. docs/formats/serialization.md section 4.
#include <algorithm>
#include <cstdlib>

#include "base/ascii.h"
#include "format/serializer.h"

namespace pdr {
namespace {

constexpr size_t kMaxUtfBytes = 65535;

// A code point from the UTF-16 units that modified UTF-8 writes one by one.
class Utf16ToUtf8 {
 public:
  explicit Utf16ToUtf8(std::string& out) : out_(out) {}

  bool Unit(uint32_t unit) {
    const bool low = unit >= 0xdc00 && unit <= 0xdfff;
    if (low != (high_ != 0)) return false;
    if (low) {
      CodePoint(0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00));
      high_ = 0;
    } else if (unit >= 0xd800 && unit <= 0xdbff) {
      high_ = unit;
    } else {
      CodePoint(unit);
    }
    return true;
  }
  bool Complete() const { return high_ == 0; }

 private:
  void CodePoint(uint32_t c) {
    if (c < 0x80) {
      out_ += static_cast<char>(c);
      return;
    }
    const int trailing = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    const uint32_t lead = trailing == 1 ? 0xc0 : trailing == 2 ? 0xe0 : 0xf0;
    out_ += static_cast<char>(lead | c >> (6 * trailing));
    for (int i = trailing; i-- > 0;) out_ += static_cast<char>(0x80 | (c >> (6 * i) & 0x3f));
  }

  std::string& out_;
  uint32_t high_ = 0;
};

bool IsPlainAscii(std::string_view s) {
  const std::string_view rest = s.substr(AsciiPrefix(s, 0x01, 0x7f));
  return std::all_of(rest.begin(), rest.end(), [](char c) { return c > 0; });
}

uint8_t Byte(std::string_view s, size_t i) { return static_cast<uint8_t>(s[i]); }

bool IsContinuation(std::string_view s, size_t i) {
  return i < s.size() && (Byte(s, i) & 0xc0) == 0x80;
}

// One UTF-16 unit at `at`, which moves on; false if the bytes are malformed or not the shortest.
bool NextUnit(std::string_view s, size_t& at, uint32_t& unit) {
  const uint8_t b = Byte(s, at);
  if (b >= 0x01 && b <= 0x7f) {
    unit = b;
    at += 1;
    return true;
  }
  if ((b & 0xe0) == 0xc0 && IsContinuation(s, at + 1)) {
    unit = (b & 0x1fu) << 6 | (Byte(s, at + 1) & 0x3fu);
    at += 2;
    return unit == 0 || unit >= 0x80;
  }
  if ((b & 0xf0) == 0xe0 && IsContinuation(s, at + 1) && IsContinuation(s, at + 2)) {
    unit = (b & 0x0fu) << 12 | (Byte(s, at + 1) & 0x3fu) << 6 | (Byte(s, at + 2) & 0x3fu);
    at += 3;
    return unit >= 0x800;
  }
  return false;
}

void AppendSurrogate(std::string& out, uint32_t unit) {
  out += static_cast<char>(0xe0 | unit >> 12);
  out += static_cast<char>(0x80 | (unit >> 6 & 0x3f));
  out += static_cast<char>(0x80 | (unit & 0x3f));
}

// Differs from UTF-8 only in NUL and in the code points above U+FFFF.
std::string ToModifiedUtf8(std::string_view utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const uint8_t b = Byte(utf8, i);
    if (b == 0) {
      out += "\xc0\x80";
    } else if ((b & 0xf8) == 0xf0 && IsContinuation(utf8, i + 1) && IsContinuation(utf8, i + 2) &&
               IsContinuation(utf8, i + 3)) {
      const uint32_t c = ((b & 7u) << 18 | (Byte(utf8, i + 1) & 0x3fu) << 12 |
                          (Byte(utf8, i + 2) & 0x3fu) << 6 | (Byte(utf8, i + 3) & 0x3fu)) -
                         0x10000;
      AppendSurrogate(out, 0xd800 | (c >> 10 & 0x3ff));
      AppendSurrogate(out, 0xdc00 | (c & 0x3ff));
      i += 3;
    } else {
      out += utf8[i];
    }
  }
  return out;
}

}  // namespace

void ReadUtfInto(ByteReader& r, std::string& utf8) {
  const std::string_view bytes = r.Take(r.U16());
  if (IsPlainAscii(bytes)) {
    utf8 = bytes;
    return;
  }
  utf8.clear();
  Utf16ToUtf8 decoder(utf8);
  for (size_t at = 0; at < bytes.size();) {
    uint32_t unit = 0;
    if (!NextUnit(bytes, at, unit) || !decoder.Unit(unit)) {
      r.Fail("malformed modified UTF-8");
      return utf8.clear();
    }
  }
  if (decoder.Complete()) return;
  r.Fail("unpaired surrogate in modified UTF-8");
  utf8.clear();
}

std::string ReadUtf(ByteReader& r) {
  std::string utf8;
  ReadUtfInto(r, utf8);
  return utf8;
}

void WriteUtf(ByteWriter& w, std::string_view utf8) {
  std::string converted;
  if (!IsPlainAscii(utf8)) {
    converted = ToModifiedUtf8(utf8);
    utf8 = converted;
  }
  if (utf8.size() > kMaxUtfBytes) std::abort();  // a name is at most 4096 bytes (names.h)
  w.U16(utf8.size()).Put(utf8);
}

}  // namespace pdr

#include "format/serializer.h"

#include <algorithm>
#include <cstdlib>

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
  return std::all_of(s.begin(), s.end(), [](char c) { return c > 0; });
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

uint64_t ReadCompactLong(ByteReader& r) {
  const uint64_t first = r.U8();
  const size_t more = (size_t{1} << (first >> 6)) - 1;
  uint64_t v = first & 0x3f;
  for (char c : r.Take(more)) v = v << 8 | static_cast<uint8_t>(c);
  return r.ok() ? v : 0;
}

uint32_t ReadCompactInt(ByteReader& r) {
  const uint32_t first = r.U8();
  if (first < 0x80) return first;
  if (first < 0xc0) return (first & 0x3f) << 8 | r.U8();
  const uint32_t second = r.U8();
  return (first & 0x3f) << 24 | second << 16 | r.U16();
}

int64_t ReadCompactSignedLong(ByteReader& r) {
  const uint64_t first = r.U8();
  const size_t more = (size_t{1} << (first >> 5 & 3)) - 1;
  uint64_t v = first & 0x1f;
  for (char c : r.Take(more)) v = v << 8 | static_cast<uint8_t>(c);
  const auto magnitude = static_cast<int64_t>(v);
  if (!r.ok()) return 0;
  return first & 0x80 ? -magnitude - 1 : magnitude;
}

void WriteCompactLong(ByteWriter& w, uint64_t v) {
  if (v <= 0x3f) {
    w.U8(v);
  } else if (v <= 0x3fff) {
    w.U16(v | 0x4000);
  } else if (v <= 0x3fffffff) {
    w.U32(v | 0x80000000);
  } else {
    w.U64(v | 0xc000000000000000);
  }
}

void WriteCompactInt(ByteWriter& w, uint32_t v) {
  if (v <= 0x7f) {
    w.U8(v);
  } else if (v <= 0x3fff) {
    w.U16(v | 0x8000);
  } else {
    w.U32(v | 0xc0000000);
  }
}

void WriteCompactSignedLong(ByteWriter& w, int64_t v) {
  const uint64_t sign = v < 0 ? 1 : 0;
  const auto m = static_cast<uint64_t>(v < 0 ? -(v + 1) : v);
  if (m <= 0x1f) {
    w.U8(m | sign << 7);
  } else if (m <= 0x1fff) {
    w.U16(m | sign << 15 | 0x2000);
  } else if (m <= 0x1fffffff) {
    w.U32(m | sign << 31 | 0x40000000);
  } else {
    w.U64(m | sign << 63 | 0x6000000000000000);
  }
}

std::string ReadUtf(ByteReader& r) {
  const std::string_view bytes = r.Take(r.U16());
  if (IsPlainAscii(bytes)) return std::string(bytes);
  std::string out;
  Utf16ToUtf8 decoder(out);
  for (size_t at = 0; at < bytes.size();) {
    uint32_t unit = 0;
    if (!NextUnit(bytes, at, unit) || !decoder.Unit(unit)) {
      r.Fail("malformed modified UTF-8");
      return {};
    }
  }
  if (!decoder.Complete()) {
    r.Fail("unpaired surrogate in modified UTF-8");
    return {};
  }
  return out;
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

size_t ReadCollectionCount(ByteReader& r, size_t min_element_bytes) {
  const uint32_t count = ReadCompactInt(r);
  return r.Count(count, min_element_bytes);
}

std::string_view ReadBuffer(ByteReader& r) {
  const uint32_t size = ReadCompactInt(r);
  return r.Take(size);
}

void WriteBuffer(ByteWriter& w, std::string_view bytes) {
  WriteCompactInt(w, static_cast<uint32_t>(bytes.size()));
  w.Put(bytes);
}

Attributes ReadAttributes(ByteReader& r) {
  Attributes attributes;
  for (size_t n = ReadCollectionCount(r, 24); n > 0; --n) {
    AttributeId id;
    id.high = r.I64();
    id.low = r.I64();
    attributes[id] = r.I64();
  }
  return attributes;
}

void WriteAttributes(ByteWriter& w, const Attributes& attributes) {
  WriteCompactInt(w, static_cast<uint32_t>(attributes.size()));
  for (const auto& [id, value] : attributes) w.I64(id.high).I64(id.low).I64(value);
}

ObjectHeader ReadObjectHeader(ByteReader& r, std::string_view what, bool typed) {
  ObjectHeader header;
  const uint8_t format = r.U8();
  if (typed) header.type = r.U8();
  header.version = r.U8();
  header.revision_count = r.U8();
  if (!r.ok()) return {};
  if (format != 0) {
    r.Fail(fmt::format("{}: serializer format {}, not 0", what, format));
  } else if (header.type >= 0x80 || header.version >= 0x80) {
    r.Fail(fmt::format("{}: type {}, version {}", what, header.type, header.version));
  } else if (header.revision_count == 0 || header.revision_count >= 0x80) {
    r.Fail(fmt::format("{}: {} revisions", what, header.revision_count));
  }
  return r.ok() ? header : ObjectHeader{};
}

std::string_view ReadRevision(ByteReader& r, std::string_view what, int revision) {
  const uint8_t id = r.U8();
  const uint32_t length = r.U32();
  if (r.ok() && id != revision) {
    r.Fail(fmt::format("{}: revision {} where {} belongs", what, id, revision));
  }
  return r.Take(length);
}

size_t BeginRevision(ByteWriter& w, int revision) {
  w.U8(static_cast<uint8_t>(revision)).U32(0);
  return w.size();
}

void EndRevision(ByteWriter& w, size_t body) {
  w.PatchU32(body - 4, static_cast<uint32_t>(w.size() - body));
}

}  // namespace pdr

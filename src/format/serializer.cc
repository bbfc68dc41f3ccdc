#include "format/serializer.h"

namespace pdr {
namespace {

constexpr size_t kAttributeBytes = 24;

size_t AttributeCount(ByteReader& r) { return ReadCollectionCount(r, kAttributeBytes); }

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
  for (size_t n = AttributeCount(r); n > 0; --n) {
    AttributeId id;
    id.high = r.I64();
    id.low = r.I64();
    attributes[id] = r.I64();
  }
  return attributes;
}

void SkipAttributes(ByteReader& r) { r.Take(kAttributeBytes * AttributeCount(r)); }

void WriteAttributes(ByteWriter& w, const Attributes& attributes) {
  WriteCompactInt(w, static_cast<uint32_t>(attributes.size()));
  for (const auto& [id, value] : attributes) w.I64(id.high).I64(id.low).I64(value);
}

Status FinishObject(const ByteReader& r, std::string_view what) {
  if (!r.ok()) return r.status();
  if (r.remaining() > 0) return DataLoss("{}: {} bytes follow it", what, r.remaining());
  return OkStatus();
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

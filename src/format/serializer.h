// The versioned serializer's framing and primitives. docs/formats/serialization.md.
//
// A Read function leaves its failure in its reader (see ByteReader) and then returns a zero value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "format/attributes.h"

namespace pdr {

// Compact numbers, as section 3 says. Readers accept longer forms than necessary; the maximum is
// the writer's duty (values come from this program).
uint64_t ReadCompactLong(ByteReader& r);
uint32_t ReadCompactInt(ByteReader& r);
int64_t ReadCompactSignedLong(ByteReader& r);
void WriteCompactLong(ByteWriter& w, uint64_t v);
void WriteCompactInt(ByteWriter& w, uint32_t v);
void WriteCompactSignedLong(ByteWriter& w, int64_t v);

// Java modified UTF-8 with a 16-bit length; std::string holds standard UTF-8. Unpaired surrogates
// and malformed bytes fail the reader. At most 65535 bytes can be written.
std::string ReadUtf(ByteReader& r);
void ReadUtfInto(ByteReader& r, std::string& utf8);  // uses its memory again
void WriteUtf(ByteWriter& w, std::string_view utf8);

// The element count of a collection, checked against the bytes left (ByteReader::Count).
size_t ReadCollectionCount(ByteReader& r, size_t min_element_bytes);
// A byte array: compact count, bytes. The view is into the reader's input.
std::string_view ReadBuffer(ByteReader& r);
void WriteBuffer(ByteWriter& w, std::string_view bytes);
// map<attribute id (two int64), int64>. Of a key that occurs twice the last value counts, as in a
// Java map.
Attributes ReadAttributes(ByteReader& r);
void SkipAttributes(ByteReader& r);
void WriteAttributes(ByteWriter& w, const Attributes& attributes);

// For a decoder of a whole value: the reader's failure, or one if bytes follow the object.
Status FinishObject(const ByteReader& r, std::string_view what);

struct ObjectHeader {
  uint8_t type = 0;  // typed objects only
  uint8_t version = 0;
  uint8_t revision_count = 0;
};
// The parts of an object, for the templates below.
ObjectHeader ReadObjectHeader(ByteReader& r, std::string_view what, bool typed);
std::string_view ReadRevision(ByteReader& r, std::string_view what, int revision);
size_t BeginRevision(ByteWriter& w, int revision);  // returns where the body begins
void EndRevision(ByteWriter& w, size_t body);

// A typed object: 00, type, version, revision count, revisions. Calls
// read(const ObjectHeader&, int revision, ByteReader& body) once per revision that is present, in
// order; each body is bounded by its length, and what `read` leaves unread is skipped (so a
// revision `read` does not know needs no care). `read` refuses unknown types and versions itself,
// by body.Fail(); an object without any revision fails here. `what` names the object in messages.
template <typename Read>
void ReadTypedObject(ByteReader& r, std::string_view what, Read&& read) {
  const ObjectHeader header = ReadObjectHeader(r, what, true);
  for (int revision = 0; revision < header.revision_count && r.ok(); ++revision) {
    ByteReader body(ReadRevision(r, what, revision));
    if (!r.ok()) return;
    read(header, revision, body);
    if (!body.ok()) r.Fail(fmt::format("{}: {}", what, Message(body.status())));
  }
}

// A plain object of version 0: 00, version, revision count, revisions. Calls read(ByteReader& body)
// for revision 0 and skips later ones. Any other version fails the reader.
template <typename Read>
void ReadObject(ByteReader& r, std::string_view what, Read&& read) {
  const ObjectHeader header = ReadObjectHeader(r, what, false);
  if (r.ok() && header.version != 0) {
    r.Fail(fmt::format("{}: unknown version {}", what, header.version));
  }
  for (int revision = 0; revision < header.revision_count && r.ok(); ++revision) {
    ByteReader body(ReadRevision(r, what, revision));
    if (!r.ok() || revision > 0) continue;
    read(body);
    if (!body.ok()) r.Fail(fmt::format("{}: {}", what, Message(body.status())));
  }
}

template <typename Write>
void WriteRevision(ByteWriter& w, int revision, Write&& write) {
  const size_t body = BeginRevision(w, revision);
  write(w);
  EndRevision(w, body);
}

// Both write version 0 with one revision per `write` callable, each called as write(ByteWriter&).
template <typename... Write>
void WriteObject(ByteWriter& w, Write&&... write) {
  w.U8(0).U8(0).U8(sizeof...(write));
  int revision = 0;
  (WriteRevision(w, revision++, write), ...);
}
template <typename... Write>
void WriteTypedObject(ByteWriter& w, uint8_t type, Write&&... write) {
  w.U8(0).U8(type).U8(0).U8(sizeof...(write));
  int revision = 0;
  (WriteRevision(w, revision++, write), ...);
}

}  // namespace pdr

// The versioned serializer's framing and primitives. docs/formats/serialization.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pdr {

// Compact numbers, as sections 3 says. Readers accept longer forms than necessary; the maximum is
// checked by writers only (values come from this program).
uint64_t ReadCompactLong(ByteReader& r);
uint32_t ReadCompactInt(ByteReader& r);
int64_t ReadCompactSignedLong(ByteReader& r);
void WriteCompactLong(ByteWriter& w, uint64_t v);
void WriteCompactInt(ByteWriter& w, uint32_t v);
void WriteCompactSignedLong(ByteWriter& w, int64_t v);

// Java modified UTF-8 with a 16-bit length; std::string holds standard UTF-8. Unpaired surrogates
// and malformed bytes fail the reader.
std::string ReadUtf(ByteReader& r);
void WriteUtf(ByteWriter& w, std::string_view utf8);

// One plain object with a single revision: 00, version 00, count 01, revision 00, length, body.
// ReadObject hands the body to `read` bounded by its length; unread body bytes and later revisions
// are skipped. Any other object version fails the reader, naming `what`.
void ReadObject(ByteReader& r, std::string_view what, const std::function<void(ByteReader&)>& read);
void WriteObject(ByteWriter& w, const std::function<void(ByteWriter&)>& write);
// Typed objects carry a type id after the first byte; `read` also gets the object version.
void ReadTypedObject(
    ByteReader& r, std::string_view what,
    const std::function<void(uint8_t type, uint8_t version, int revision, ByteReader&)>& read);
void WriteTypedObject(ByteWriter& w, uint8_t type, const std::function<void(ByteWriter&)>& write);

}  // namespace pdr

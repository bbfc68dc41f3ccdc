// Digests and checksums, over well-kept libraries (OpenSSL, ISA-L, zlib polynomial by ISA-L).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace pdr {

std::string Sha1(std::string_view data);                            // 20 bytes
std::string HmacSha1(std::string_view key, std::string_view data);  // 20 bytes
std::string Sha256(std::string_view data);                          // 32 bytes
// Standard CRC-32C (Castagnoli), initial and final xor applied. Chain by passing the last result.
uint32_t Crc32c(std::string_view data, uint32_t previous = 0);
// Standard CRC-32 (zlib polynomial), initial and final xor applied.
uint32_t Crc32(std::string_view data, uint32_t previous = 0);
// MurmurHash3 x64 128; both halves seeded with the same 32-bit seed. First = h1, second = h2.
std::pair<uint64_t, uint64_t> Murmur3_128(std::string_view data, uint32_t seed);

std::string ToHex(std::string_view bytes);  // lower case
// A name-based UUID text (RFC 4122 version 5 style, from SHA-1): same input, same UUID.
std::string NameUuid(std::string_view name);

}  // namespace pdr

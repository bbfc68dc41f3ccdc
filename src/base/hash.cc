#include "base/hash.h"

#include <isa-l/crc.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <bit>
#include <cstring>

namespace pdr {
namespace {

std::string Digest(const EVP_MD* type, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  EVP_Digest(data.data(), data.size(), out.data(), &size, type, nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

uint64_t LittleEndian64(const char* p) {
  uint64_t v = 0;
  std::memcpy(&v, p, 8);  // x86-64 and arm64 are little-endian
  static_assert(std::endian::native == std::endian::little);
  return v;
}

uint64_t Mix(uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccdULL;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53ULL;
  return k ^ k >> 33;
}

constexpr uint64_t kC1 = 0x87c37b91114253d5ULL;
constexpr uint64_t kC2 = 0x4cf5ad432745937fULL;

uint64_t Scramble1(uint64_t k) { return std::rotl(k * kC1, 31) * kC2; }
uint64_t Scramble2(uint64_t k) { return std::rotl(k * kC2, 33) * kC1; }

}  // namespace

std::string Sha1(std::string_view data) { return Digest(EVP_sha1(), data); }
std::string Sha256(std::string_view data) {
  // Of every key of every table: what EVP_sha256() names is looked up anew at each use.
  static const EVP_MD* const type = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return Digest(type, data);
}

std::string HmacSha1(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

uint32_t Crc32c(std::string_view data, uint32_t previous) {
  constexpr size_t kAtOnce = size_t{1} << 30;  // the library takes an int
  do {
    const std::string_view part = data.substr(0, kAtOnce);
    auto* p = reinterpret_cast<unsigned char*>(const_cast<char*>(part.data()));
    previous = ~crc32_iscsi(p, static_cast<int>(part.size()), ~previous);
    data.remove_prefix(part.size());
  } while (!data.empty());
  return previous;
}

uint32_t Crc32(std::string_view data, uint32_t previous) {
  const auto* p = reinterpret_cast<const unsigned char*>(data.data());
  return crc32_gzip_refl(previous, p, data.size());
}

std::pair<uint64_t, uint64_t> Murmur3_128(std::string_view data, uint32_t seed) {
  uint64_t h1 = seed;
  uint64_t h2 = seed;
  const size_t blocks = data.size() / 16;
  for (size_t i = 0; i < blocks; ++i) {
    h1 ^= Scramble1(LittleEndian64(data.data() + i * 16));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= Scramble2(LittleEndian64(data.data() + i * 16 + 8));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  std::array<char, 16> tail{};
  std::memcpy(tail.data(), data.data() + blocks * 16, data.size() - blocks * 16);
  h2 ^= Scramble2(LittleEndian64(tail.data() + 8));
  h1 ^= Scramble1(LittleEndian64(tail.data()));
  h1 ^= data.size();
  h2 ^= data.size();
  h1 += h2;
  h2 += h1;
  h1 = Mix(h1);
  h2 = Mix(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

std::string ToHex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

std::string NameUuid(std::string_view name) {
  std::string d = Sha1(name).substr(0, 16);
  d[6] = static_cast<char>((d[6] & 0x0f) | 0x50);
  d[8] = static_cast<char>((d[8] & 0x3f) | 0x80);
  std::string h = ToHex(d);
  for (size_t at : {20, 16, 12, 8}) h.insert(at, 1, '-');
  return h;
}

}  // namespace pdr

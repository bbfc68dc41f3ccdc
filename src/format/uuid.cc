#include "format/uuid.h"

namespace pdr {
namespace {

constexpr size_t kHexDigits = 32;
constexpr size_t kTextLength = 36;

bool IsDash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string Uuid::Text() const {
  std::string text = Hex();
  for (size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

std::string Uuid::Hex() const { return fmt::format("{:016x}{:016x}", high, low); }

Uuid ReadUuid(ByteReader& r) {
  Uuid id;
  id.high = r.U64();
  id.low = r.U64();
  return id;
}

void WriteUuid(ByteWriter& w, const Uuid& id) { w.U64(id.high).U64(id.low); }

std::optional<Uuid> ParseUuidText(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  std::string hex;
  for (size_t at = 0; at < text.size(); ++at) {
    if (IsDash(at) != (text[at] == '-')) return std::nullopt;
    if (!IsDash(at)) hex += text[at];
  }
  return ParseUuidHex(hex);
}

std::optional<Uuid> ParseUuidHex(std::string_view hex) {
  if (hex.size() != kHexDigits) return std::nullopt;
  Uuid id;
  for (size_t at = 0; at < hex.size(); ++at) {
    const int digit = HexDigit(hex[at]);
    if (digit < 0) return std::nullopt;
    uint64_t& half = at < kHexDigits / 2 ? id.high : id.low;
    half = half << 4 | static_cast<uint64_t>(digit);
  }
  return id;
}

int32_t TransactionEpoch(const Uuid& transaction) {
  return static_cast<int32_t>(transaction.high >> 32);
}

TransactionCounter CounterOf(const Uuid& transaction) {
  return {static_cast<int32_t>(transaction.high), static_cast<int64_t>(transaction.low)};
}

}  // namespace pdr

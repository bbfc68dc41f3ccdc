// 128-bit ids as Java's UUID writes them: scope, stream, transaction and reader-group ids.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pdr {

struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Uuid&) const = default;

  std::string Text() const;  // 8-4-4-4-12 lower-case hex digits
  std::string Hex() const;   // the same 32 digits without dashes
};

Uuid ReadUuid(ByteReader& r);
void WriteUuid(ByteWriter& w, const Uuid& id);
std::optional<Uuid> ParseUuidText(std::string_view text);  // exactly what Text() writes
std::optional<Uuid> ParseUuidHex(std::string_view hex);    // exactly what Hex() writes

// A transaction id: the epoch in which it was created, then the controller's 96-bit counter.
// docs/formats/ids-and-names.md section 1, recovery-image-chunked.md section 7.
struct TransactionCounter {
  int32_t high = 0;
  int64_t low = 0;
  auto operator<=>(const TransactionCounter&) const = default;
};
int32_t TransactionEpoch(const Uuid& transaction);
TransactionCounter CounterOf(const Uuid& transaction);

}  // namespace pdr

#include "base/bytes.h"

#include <cstring>

namespace pdr {

std::string_view ByteReader::TooShort(size_t n) {
  if (ok()) Fail(fmt::format("needs {} bytes, {} left", n, data_.size() - position_));
  return {};
}

size_t ByteReader::Count(uint64_t count, size_t min_element_bytes) {
  if (!ok()) return 0;
  if (count > remaining() / min_element_bytes) {
    Fail(fmt::format("count {} exceeds the {} bytes left", count, remaining()));
    return 0;
  }
  return static_cast<size_t>(count);
}

void ByteReader::Fail(std::string_view what) {
  if (!ok()) return;
  status_ = DataLoss("at byte {}: {}", position_, what);
}

ByteWriter& ByteWriter::Big(uint64_t v, size_t n) {
  v = __builtin_bswap64(v);
  char bytes[sizeof v];
  std::memcpy(bytes, &v, sizeof v);
  out_.append(bytes + sizeof v - n, n);
  return *this;
}

void ByteWriter::PatchU32(size_t at, uint32_t v) {
  for (size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<char>(v >> (8 * (3 - i)) & 0xff);
}

}  // namespace pdr

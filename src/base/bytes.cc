#include "base/bytes.h"

#include <cstring>

namespace pdr {

uint64_t ByteReader::Big(size_t n) {
  uint64_t v = 0;
  if (ok() && data_.size() - position_ >= sizeof v) {  // one load for all widths
    std::memcpy(&v, data_.data() + position_, sizeof v);
    position_ += n;
    return __builtin_bswap64(v) >> (64 - 8 * n);
  }
  for (char c : Take(n)) v = v << 8 | static_cast<uint8_t>(c);
  return v;
}

std::string_view ByteReader::Take(size_t n) {
  if (!ok()) return {};
  if (n > data_.size() - position_) {
    Fail(fmt::format("needs {} bytes, {} left", n, data_.size() - position_));
    return {};
  }
  std::string_view out = data_.substr(position_, n);
  position_ += n;
  return out;
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

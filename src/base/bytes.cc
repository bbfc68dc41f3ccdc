#include "base/bytes.h"

namespace pdr {

uint64_t ByteReader::Big(size_t n) {
  std::string_view bytes = Take(n);
  uint64_t v = 0;
  for (char c : bytes) v = v << 8 | static_cast<uint8_t>(c);
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
  for (size_t i = n; i-- > 0;) out_.push_back(static_cast<char>(v >> (8 * i) & 0xff));
  return *this;
}

void ByteWriter::PatchU32(size_t at, uint32_t v) {
  for (size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<char>(v >> (8 * (3 - i)) & 0xff);
}

}  // namespace pdr

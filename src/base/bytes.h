// Bytes in and out: big-endian reading and writing over memory.
//
// A ByteReader never reads past its end and never throws. The first failure sticks: later reads
// return zero values and leave the position alone, so a decoder reads a whole record and checks
// status() once. Loops driven by a count from the input must take it through Count(), which bounds
// it by the bytes that are left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "base/status.h"

namespace pdr {

class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : data_(data) {}

  uint8_t U8() { return static_cast<uint8_t>(Big<1>()); }
  int8_t I8() { return static_cast<int8_t>(Big<1>()); }
  uint16_t U16() { return static_cast<uint16_t>(Big<2>()); }
  int16_t I16() { return static_cast<int16_t>(Big<2>()); }
  uint32_t U32() { return static_cast<uint32_t>(Big<4>()); }
  int32_t I32() { return static_cast<int32_t>(Big<4>()); }
  uint64_t U64() { return Big<8>(); }
  int64_t I64() { return static_cast<int64_t>(Big<8>()); }
  bool Bool() { return Big<1>() != 0; }

  // The next n bytes as a view into the input.
  std::string_view Take(size_t n) {
    if (!ok() || n > data_.size() - position_) return TooShort(n);
    const std::string_view out = data_.substr(position_, n);
    position_ += n;
    return out;
  }
  // A count read elsewhere, checked against what is left: fails unless
  // count * min_element_bytes <= remaining(). min_element_bytes >= 1.
  size_t Count(uint64_t count, size_t min_element_bytes);
  // Everything that is left.
  std::string_view Rest() { return Take(remaining()); }

  size_t position() const { return position_; }
  size_t remaining() const { return ok() ? data_.size() - position_ : 0; }
  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }
  // Marks the input as bad; only the first failure is kept.
  void Fail(std::string_view what);

 private:
  // In the header: decoders of many small records do little else.
  template <size_t kBytes>
  uint64_t Big() {
    uint64_t v = 0;
    if (ok() && data_.size() - position_ >= sizeof v) {  // one load for all widths
      std::memcpy(&v, data_.data() + position_, sizeof v);
      position_ += kBytes;
      return __builtin_bswap64(v) >> (64 - 8 * kBytes);
    }
    for (char c : Take(kBytes)) v = v << 8 | static_cast<uint8_t>(c);
    return v;
  }
  std::string_view TooShort(size_t n);  // fails, unless it has failed already

  std::string_view data_;
  size_t position_ = 0;
  Status status_;
};

class ByteWriter {
 public:
  ByteWriter& U8(uint64_t v) { return Big(v, 1); }
  ByteWriter& U16(uint64_t v) { return Big(v, 2); }
  ByteWriter& U32(uint64_t v) { return Big(v, 4); }
  ByteWriter& U64(uint64_t v) { return Big(v, 8); }
  ByteWriter& I64(int64_t v) { return Big(static_cast<uint64_t>(v), 8); }
  ByteWriter& I32(int32_t v) { return Big(static_cast<uint32_t>(v), 4); }
  ByteWriter& Bool(bool v) { return Big(v ? 1 : 0, 1); }
  ByteWriter& Put(std::string_view v) {
    out_.append(v);
    return *this;
  }
  // Overwrites 4 bytes at `at` (a length that is known only afterwards).
  void PatchU32(size_t at, uint32_t v);

  size_t size() const { return out_.size(); }
  const std::string& bytes() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  ByteWriter& Big(uint64_t v, size_t n);

  std::string out_;
};

}  // namespace pdr

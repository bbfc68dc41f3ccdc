// The part of names.h that decides which container owns a segment. ids-and-names.md section 2.
#include <array>
#include <cstring>

#include "base/ascii.h"
#include "base/hash.h"
#include "format/names.h"

namespace pdr {
namespace {

constexpr std::string_view kEpochInfix = ".#epoch.";
// Java's "SegmentToContainerMapper".hashCode().
constexpr uint32_t kMapperSeed = 0x63070754;

// Where the last `text` begins, which has a '#' at `hash_at`: few names have more than one.
size_t LastWithHash(std::string_view segment, std::string_view text, size_t hash_at) {
  size_t at = LastPosition(segment, '#');
  for (; at != std::string_view::npos; at = LastPosition(segment.substr(0, at), '#')) {
    if (at >= hash_at && segment.substr(at - hash_at).starts_with(text)) return at - hash_at;
  }
  return std::string_view::npos;
}

// Where the last `delimiter` begins, if enough follows it for an id; what follows is not checked,
// as production does not.
size_t DelimiterPosition(std::string_view segment, std::string_view delimiter) {
  const size_t at = LastWithHash(segment, delimiter, 0);
  if (at == std::string_view::npos) return at;
  return at + delimiter.size() + kIdHexDigits <= segment.size() ? at : std::string_view::npos;
}

// The code units production hashes. Bytes that are no UTF-8 count as one U+FFFD each.
std::string Utf16LittleEndian(std::string_view utf8) {
  std::string out;
  const auto put = [&out](uint32_t unit) {
    out += static_cast<char>(unit & 0xff);
    out += static_cast<char>(unit >> 8);
  };
  for (size_t i = 0; i < utf8.size();) {
    const auto b = static_cast<uint8_t>(utf8[i]);
    const size_t length = b < 0x80 ? 1 : b >> 5 == 6 ? 2 : b >> 4 == 14 ? 3 : b >> 3 == 30 ? 4 : 0;
    bool good = length > 0 && length <= utf8.size() - i;
    uint32_t c = length < 2 ? b : b & (0x7f >> length);
    for (size_t k = 1; good && k < length; ++k) {
      const auto next = static_cast<uint8_t>(utf8[i + k]);
      good = next >> 6 == 2;
      c = c << 6 | (next & 0x3f);
    }
    if (!good) c = 0xfffd;
    i += good ? length : 1;
    if (c >= 0x10000) {
      put(0xd800 | (((c - 0x10000) >> 10) & 0x3ff));
      put(0xdc00 | (c & 0x3ff));
    } else {
      put(c);
    }
  }
  return out;
}

// Four ASCII characters, as 16-bit units.
uint64_t Widen(uint64_t ascii) {
  ascii = (ascii | ascii << 16) & 0x0000ffff0000ffff;
  return (ascii | ascii << 8) & 0x00ff00ff00ff00ff;
}

// What Utf16LittleEndian gives, for a name that is plain ASCII, as nearly all are; false for
// others.
bool WidenAscii(std::string_view name, char* units) {
  size_t at = 0;
  for (; name.size() - at >= sizeof(uint32_t); at += sizeof(uint32_t)) {
    uint32_t four = 0;
    std::memcpy(&four, name.data() + at, sizeof four);
    if ((four & 0x80808080) != 0) return false;
    const uint64_t wide = Widen(four);
    std::memcpy(units + 2 * at, &wide, sizeof wide);
  }
  for (; at < name.size(); ++at) {
    if (name[at] < 0) return false;
    units[2 * at] = name[at];
    units[2 * at + 1] = 0;
  }
  return true;
}

}  // namespace

bool IsTransient(std::string_view segment) {
  return DelimiterPosition(segment, kTransientDelimiter) != std::string_view::npos;
}

std::string_view PrimaryName(std::string_view segment) {
  constexpr size_t kNone = std::string_view::npos;
  for (;;) {
    size_t at = DelimiterPosition(segment, kTransactionDelimiter);
    if (at == kNone) at = DelimiterPosition(segment, kTransientDelimiter);
    if (at == kNone) break;
    segment = segment.substr(0, at);
  }
  return segment.substr(0, LastWithHash(segment, kEpochInfix, 1));
}

int ContainerOf(std::string_view segment, int container_count) {
  if (auto container = InternalSegmentContainer(segment)) return *container;
  // An attribute index lives with its segment.
  if (IsAttributeIndex(segment)) segment.remove_suffix(kAttributeIndexSuffix.size());
  return HashToContainer(segment, container_count);
}

int HashToContainer(std::string_view segment, int container_count) {
  const std::string_view name = PrimaryName(segment);
  std::array<char, 512> units;
  const uint64_t hash = 2 * name.size() <= units.size() && WidenAscii(name, units.data())
                            ? Murmur3_128({units.data(), 2 * name.size()}, kMapperSeed).first
                            : Murmur3_128(Utf16LittleEndian(name), kMapperSeed).first;
  return ConsistentHash(hash, container_count);
}

int ConsistentHash(uint64_t input, int buckets) {
  uint64_t state = input;
  int candidate = 0;
  for (;;) {
    state = 2862933555777941757ULL * state + 1;
    const double d = static_cast<double>((state >> 33) + 1) / 2147483648.0;
    const double next = (candidate + 1) / d;  // >= 0, so "not below" is the only way out
    if (!(next < buckets)) return candidate;
    candidate = static_cast<int>(next);
  }
}

}  // namespace pdr

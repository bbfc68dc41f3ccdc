#include "format/rolling_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace pdr {
namespace {

// As Java's Long.parseLong: one sign, then digits.
std::optional<int64_t> ParseLong(std::string_view s) {
  if (s.starts_with('+')) {
    s.remove_prefix(1);
    if (s.starts_with('-')) return std::nullopt;
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (s.empty() || error != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

bool EqualsIgnoreCase(std::string_view s, std::string_view lower) {
  return std::equal(s.begin(), s.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// The concat state machine of section 3. A `concat` record applies to the next `count` chunk
// records; one that is followed by a non-zero offset instead was left by a crash before the source
// header could be appended, and is void.
class OffsetAdjuster {
 public:
  void Set(int64_t adjustment, int64_t count) {
    adjustment_ = adjustment;
    remaining_ = original_ = count;
  }
  // Nothing if the sum overflows.
  std::optional<int64_t> Adjust(int64_t offset) {
    if (offset != 0 && remaining_ == original_) Set(0, 0);
    if (remaining_ == 0) return offset;
    --remaining_;
    if (offset > std::numeric_limits<int64_t>::max() - adjustment_) return std::nullopt;
    return offset + adjustment_;
  }
  bool Waiting() const { return remaining_ > 0; }

 private:
  int64_t adjustment_ = 0;
  int64_t remaining_ = 0;
  int64_t original_ = 0;
};

Status ParseConcat(std::string_view value, OffsetAdjuster& adjuster) {
  const size_t at = value.find('@');
  if (at != std::string_view::npos) {
    const auto count = ParseLong(value.substr(0, at));
    const auto offset = ParseLong(value.substr(at + 1));
    if (count && offset && *count >= 0 && *count <= std::numeric_limits<int32_t>::max() &&
        *offset >= 0) {
      adjuster.Set(*offset, *count);
      return OkStatus();
    }
  }
  return DataLoss("rolling header: concat value '{}' is no <count>@<offset>", value);
}

Status ParseChunk(std::string_view key, std::string_view name, OffsetAdjuster& adjuster,
                  std::vector<RollingChunk>& chunks) {
  const auto written = ParseLong(key);
  if (!written) return DataLoss("rolling header: '{}={}' has no number as its key", key, name);
  const auto offset = adjuster.Adjust(*written);
  const uint64_t previous = chunks.empty() ? 0 : chunks.back().start_offset;
  if (offset && *offset > static_cast<int64_t>(kNoRolling)) {
    return DataLoss("rolling header: chunk '{}' at {} is beyond the end of any segment", name,
                    *offset);
  }
  if (!offset || *offset < 0 || static_cast<uint64_t>(*offset) < previous) {
    return DataLoss("rolling header: chunk '{}' at {} is out of order after {}", name, *written,
                    previous);
  }
  chunks.push_back({static_cast<uint64_t>(*offset), std::string(name)});
  return OkStatus();
}

}  // namespace

StatusOr<RollingHeader> DecodeRollingHeader(std::string_view text) {
  RollingHeader header;
  OffsetAdjuster adjuster;
  bool any = false;
  bool have_max_length = false;
  while (!text.empty()) {
    const std::string_view record = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), record.size() + 1));
    if (record.empty()) continue;
    any = true;
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == record.size()) {
      return DataLoss("rolling header: record '{}' is no <key>=<value>", record);
    }
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    if (EqualsIgnoreCase(key, "maxsize")) {
      if (have_max_length) continue;  // of a source header appended by a concat
      const auto max_length = ParseLong(value);
      if (!max_length || *max_length <= 0) {
        return DataLoss("rolling header: '{}' is no positive length", record);
      }
      header.max_length = static_cast<uint64_t>(*max_length);
      have_max_length = true;
    } else if (EqualsIgnoreCase(key, "concat")) {
      RETURN_IF_ERROR(ParseConcat(value, adjuster));
    } else {
      RETURN_IF_ERROR(ParseChunk(key, value, adjuster, header.chunks));
    }
  }
  if (!any) return DataLoss("rolling header: no records");
  header.dangling_concat = adjuster.Waiting();
  return header;
}

std::string EncodeRollingHeader(const RollingHeader& header) {
  std::string out = fmt::format("maxsize={}&", header.max_length);
  for (const RollingChunk& chunk : header.chunks) {
    fmt::format_to(std::back_inserter(out), "{}={}&", chunk.start_offset, chunk.name);
  }
  return out;
}

}  // namespace pdr

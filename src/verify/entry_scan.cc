#include "verify/entry_scan.h"

#include <algorithm>

namespace pdr::verify {
namespace {

constexpr size_t kWindowBytes = size_t{2} << 20;  // at least one entry of any allowed size

}  // namespace

StatusOr<std::optional<TableEntry>> EntryScan::Next() {
  if (at_ >= end_) return std::nullopt;
  for (bool refilled = false;; refilled = true) {
    const std::string_view rest = std::string_view(window_).substr(at_ - window_at_);
    StatusOr<TableEntry> entry = DecodeTableEntry(rest);
    if (entry.ok()) {
      entry_at_ = at_;
      at_ += entry->size;
      return std::optional<TableEntry>(*entry);
    }
    const bool more =
        entry.status().code() == StatusCode::kOutOfRange && window_at_ + window_.size() < end_;
    if (!more || refilled) return entry.status();
    const size_t n = static_cast<size_t>(std::min<uint64_t>(kWindowBytes, end_ - at_));
    ASSIGN_OR_RETURN(window_, bytes_.Read(at_, n));
    window_at_ = at_;
  }
}

}  // namespace pdr::verify

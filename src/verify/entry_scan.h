// Streams the entries of a table segment in bounded pieces. docs/formats/table-segments.md
// section 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "format/table_entry.h"
#include "verify/stored.h"

namespace pdr::verify {

class EntryScan {
 public:
  EntryScan(SegmentBytes& bytes, uint64_t start, uint64_t end)
      : bytes_(bytes), at_(start), end_(end), window_at_(start) {}

  // The next entry, valid until the next call; nothing at the end. OutOfRange: the data ends inside
  // an entry; DataLoss: these bytes are no entry, or they cannot be read.
  StatusOr<std::optional<TableEntry>> Next();
  uint64_t offset() const { return entry_at_; }  // of the entry last returned
  uint64_t end() const { return at_; }           // after the entry last returned

 private:
  SegmentBytes& bytes_;
  uint64_t at_;
  uint64_t end_;
  uint64_t entry_at_ = 0;
  uint64_t window_at_;
  std::string window_;
};

}  // namespace pdr::verify

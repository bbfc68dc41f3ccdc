// Data frames: how operations are packed into ledger entries. docs/formats/durable-log.md
// section 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/log_metadata.h"

namespace pdr {

inline constexpr size_t kMaxFrameBytes = 1047552;

// Packs serialized operations into frames of at most max_frame_bytes; records may span frames.
std::vector<std::string> BuildDataFrames(const std::vector<std::string>& records,
                                         size_t max_frame_bytes = kMaxFrameBytes);

// The reader's state machine. Feed frames in log order; every call returns the records completed by
// that frame. A violation is DataLoss, which production answers by disabling the log.
class DataFrameReader {
 public:
  // Where one piece of a record lies in its frame. Two records with the same sequence number are
  // harmless duplicates only if these agree.
  struct Part {
    size_t frame_offset = 0;  // of the piece's first byte
    size_t length = 0;
    bool operator==(const Part&) const = default;
  };
  struct Record {
    std::string bytes;
    std::vector<Part> parts;
    LogAddress last_frame;
  };
  StatusOr<std::vector<Record>> Feed(std::string_view frame, const LogAddress& address);
  bool inside_record() const { return partial_.has_value(); }  // at the end of a log: dropped

 private:
  struct Entry {
    Part part;
    uint8_t flags = 0;
    std::string_view data;
  };
  static StatusOr<std::vector<Entry>> ReadEntries(std::string_view frame);

  std::optional<Record> partial_;
  std::optional<uint64_t> last_sequence_;
  bool any_complete_ = false;
};

}  // namespace pdr

// A segment as production would see it in Tier-2, and its bytes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "tier2/disk.h"
#include "verify/replay.h"

namespace pdr::verify {

struct StoredFile {
  std::string path;
  uint64_t start = 0;   // segment offset of byte 0
  uint64_t length = 0;  // bytes that belong to the segment
  uint64_t end() const { return start + length; }
};

struct Stored {
  uint64_t start = 0;  // first readable offset; rolling: of the first chunk file that exists
  uint64_t length = 0;
  bool sealed = false;
  std::vector<StoredFile> files;  // ascending, contiguous
};
using StoredMap = std::map<std::string, Stored>;  // by segment name, attribute indexes included

// The bytes of a segment: from Tier-2, and what lies beyond from the log. `stored` and `log` may be
// null. Keeps one file open.
class SegmentBytes {
 public:
  SegmentBytes(const Disk& disk, const Stored* stored, const LogSegment* log)
      : disk_(disk), stored_(stored), log_(log) {}

  uint64_t start() const { return stored_ == nullptr ? 0 : stored_->start; }
  // The end of what can be read.
  uint64_t end() const;
  // Exactly n bytes. DataLoss: they are not there.
  StatusOr<std::string> Read(uint64_t offset, size_t n);

 private:
  StatusOr<std::string> ReadFile(const StoredFile& file, uint64_t offset, size_t n);
  StatusOr<std::string> ReadLog(uint64_t offset, size_t n) const;

  const Disk& disk_;
  const Stored* stored_;
  const LogSegment* log_;
  std::string open_path_;
  std::unique_ptr<ReadableFile> open_;
};

}  // namespace pdr::verify

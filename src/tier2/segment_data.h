// A segment as Tier-2 stores it, in either layout: an ordered list of chunk files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/storage_metadata.h"
#include "tier2/disk.h"

namespace pdr {

struct StoredChunk {
  std::string path;           // file, relative to the root
  uint64_t start_offset = 0;  // segment offset of the file's byte 0
  uint64_t length = 0;        // bytes of the file that belong to the segment
  uint64_t file_size = 0;     // 0 when missing
  uint32_t mode = 0;          // permission bits
  bool exists = true;
  std::string fresh = {};  // bytes of a file that has yet to be written; empty = read the file
};

struct StoredSegment {
  std::string name;
  uint64_t start_offset = 0;  // chunked: exact; rolling: start of the first chunk that exists
  uint64_t length = 0;        // end offset: where the listed chunks end
  bool sealed = false;
  std::vector<StoredChunk> chunks;  // ascending, contiguous by start_offset + length
  uint64_t max_chunk_bytes = 0;     // rollover size of the stored segment
  // Chunked only: the record as stored, and the version of its table entry's TransactionData.
  SegmentMetadata record;
  int64_t record_version = 0;
};

// Reads a segment from front to back without opening a chunk file twice. The segment must outlive
// it.
class SegmentReader {
 public:
  SegmentReader(const Disk& disk, const StoredSegment& segment) : disk_(disk), segment_(segment) {}
  // At least one and at most max_bytes bytes from offset, never across a chunk boundary. Errors as
  // for ReadSegment.
  StatusOr<std::string> ReadSome(uint64_t offset, size_t max_bytes);
  // How many bytes ReadSome would read; and reading just so many to where they are wanted.
  StatusOr<size_t> CanReadSome(uint64_t offset, size_t max_bytes);
  Status ReadSomeInto(uint64_t offset, std::span<char> out);

 private:
  struct Place {  // of bytes that follow each other: in the open file, or those that are `fresh`
    uint64_t at = 0;
    size_t bytes = 0;
    const std::string* fresh = nullptr;
  };

  StatusOr<Place> Find(uint64_t offset, size_t max_bytes);
  Status Open(size_t chunk);
  Status Read(const Place& place, std::span<char> out) const;

  const Disk& disk_;
  const StoredSegment& segment_;
  size_t open_chunk_ = SIZE_MAX;
  std::unique_ptr<ReadableFile> file_;
};

// Reads n bytes at a segment offset across chunks. OutOfRange below the first chunk or beyond the
// end; DataLoss naming the chunk that is missing or shorter than it must be.
StatusOr<std::string> ReadSegment(const Disk& disk, const StoredSegment& segment, uint64_t offset,
                                  size_t n);

}  // namespace pdr

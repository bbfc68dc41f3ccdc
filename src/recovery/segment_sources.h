// Where the facts behind a segment's decision came from, for dr explain. Numbers and the ends of
// names only: a plan holds one for each of a million segments, in less than 200 bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recovery/controller_evidence.h"
#include "recovery/evidence.h"

namespace pdr {

enum class SealSource : uint8_t {
  kNothing,     // nothing says that it is sealed
  kStorage,     // chunked: its storage metadata record; rolling: the mode of its header
  kRecord,      // its container's metadata table
  kController,  // overruled both
};
enum class StartSource : uint8_t {
  kStorage,     // chunked: its storage metadata record; rolling: its first chunk file
  kRecord,      // its container's metadata table
  kController,  // the truncation of its stream
  kData,        // the first event in its data
};
enum class IndexUse : uint8_t {
  kNone,      // there is no attribute index
  kWhole,     // used as it is
  kCut,       // used up to its newest readable tree
  kSetAside,  // unreadable, or not wanted
  kRebuilt,   // not in step with the data, from which it is written anew
};
std::string_view SealSourceName(SealSource source);
std::string_view StartSourceName(StartSource source);
std::string_view IndexUseName(IndexUse use);
std::string_view TailKindName(TailKind kind);
std::string_view CertaintyName(bool proven);  // "proven", "inferred"

// The first and the last chunk file of the data and the last one of the attribute index.
class SourceFiles {
 public:
  SourceFiles() = default;
  SourceFiles(std::string_view segment, const StoredSegment* data, const StoredSegment* index);
  struct Names {
    std::string first, last, index;  // "" = there is none
  };
  Names For(std::string_view segment) const;
  const std::string& packed() const { return packed_; }
  static SourceFiles FromPacked(std::string packed);
  bool operator==(const SourceFiles&) const = default;

 private:
  std::string packed_;
};

struct SegmentSources {
  ControllerSource controller;
  int64_t record_at = -1;     // its entry in the container's metadata table; -1 = there is none
  int64_t record_length = 0;  // what that says
  uint64_t data_end = 0;      // where its chunk files end, before any cut
  uint64_t tail_from = 0;     // where the walk over its events or entries began
  uint32_t torn_bytes = 0;    // behind the last whole one
  uint32_t chunks = 0;        // files of the data
  SegmentStanding standing = SegmentStanding::kNotControlled;
  TailKind tail = TailKind::kNotChecked;
  bool tail_proven = true;  // walked from the start on
  bool record_sealed = false;
  SealSource sealed = SealSource::kNothing;
  StartSource start = StartSource::kStorage;
  IndexUse index = IndexUse::kNone;
  SourceFiles files;
  bool operator==(const SegmentSources&) const = default;
};

// A chunk file of a table segment that facts come from.
struct TableFile {
  std::string table;
  uint64_t start_offset = 0;  // of its first byte in the table
  std::string path;
  bool operator==(const TableFile&) const = default;
};
// Of the container's metadata tables.
std::vector<TableFile> TableFilesOf(const ContainerView& view);

}  // namespace pdr

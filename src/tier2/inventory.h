// What Tier-2 holds: every file, classified. Produced by one walk over the names.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/status.h"
#include "base/text_arena.h"
#include "tier2/disk.h"

namespace pdr {

enum class Layout { kRolling, kChunked };
std::string_view LayoutName(Layout layout);  // "rolling", "chunked"

enum class FileClass {
  kChunk,           // data of a user or controller segment, either layout
  kAttributeChunk,  // data of an attribute index
  kHeader,          // rolling "$header" (of a segment or an attribute index)
  kMetadataChunk,   // chunk or header of metadata_<C> or storage_metadata_<C> or their indexes
  kJournal,         // system journal file
  kSnapshot,        // system journal snapshot
  kSnapshotInfo,    // written by later releases
  kContainerEpoch,  // written by later releases
  kGcQueue,         // chunk or header of an event_processor_GC segment
  kTransient,       // chunk or header of a transient segment
  kHeaderless,      // rolling: a whole segment in one file, from before rolling
  kHeaderTemp,      // "$header.replace.tmp"
  kBackup,          // left by another recovery tool
  kOwn,             // below .pravega-dr
  kForeign,         // anything else that is a regular file
  kSpecial,         // symbolic link, socket, device, fifo
};
std::string_view FileClassName(FileClass c);

struct InventoryFile {
  std::string_view path;  // relative to the root; in the inventory's `names`
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  uint32_t mode = 0;  // permission bits
  FileClass file_class = FileClass::kForeign;
  bool owner_write() const { return (mode & 0200) != 0; }
};
// Of files sorted by path; null: none of that path.
const InventoryFile* FindFile(std::span<const InventoryFile> files, std::string_view path);

// One file or directory that could not be looked at; never read as "absent".
struct Unreadable {
  std::string path;
  std::string reason;
  bool listing = false;  // a directory that could not be listed: anything may be below it
  StatusCode code = StatusCode::kUnavailable;
};

struct Inventory {
  Layout layout = Layout::kChunked;
  int container_count = 0;             // highest metadata_<n> + 1; every number below is present
  std::vector<InventoryFile> files;    // sorted by path (bytewise)
  std::shared_ptr<TextArena> names;    // holds the paths of all files
  std::vector<Unreadable> unreadable;  // sorted by path

  const InventoryFile* Find(std::string_view path) const;
  std::map<FileClass, uint64_t> CountByClass() const;
};

inline constexpr std::string_view kOwnDir = ".pravega-dr";

// Walks the whole root once. Errors: NotFound when nothing of Pravega is there (saying what was
// looked for), DataLoss when both layouts' metadata are present or a container number is missing.
StatusOr<Inventory> ScanTier2(const Disk& disk, Progress& progress);

// FailedPrecondition when what was configured is not what the tree says.
Status CheckConfigured(const Inventory& inventory, std::optional<int> container_count,
                       std::optional<Layout> layout);

// An error of ScanTier2 or ReadTier2 that says "not as it must be" is about the tree: it cannot be
// used (DataLoss), whatever the state of the cluster.
Status AboutTree(const Status& status);

}  // namespace pdr

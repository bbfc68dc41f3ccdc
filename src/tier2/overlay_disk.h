// A disk whose base is only read: every change goes to another disk. Used to rehearse a recovery.
//
// The upper disk holds `log.<n>`, one per opening that changed something, and `data.<n>.<k>`, the
// files created. A log is a sequence of records; replaying all logs gives the state back:
//   record = u8 operation, then its fields: strings as u32 length and bytes, modes as u32
// A record cut off at the end of a log was never acknowledged and is ignored.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

#include "tier2/disk.h"

namespace pdr {

class OverlayDisk : public Disk {
 public:
  // The base must not change while the overlay lives, nor between its openings.
  static StatusOr<std::unique_ptr<OverlayDisk>> Open(const Disk& base, Disk& upper);

  StatusOr<FileStat> Stat(const std::string& path) const override;
  StatusOr<std::vector<DirEntry>> List(const std::string& path) const override;
  StatusOr<std::vector<DirEntry>> ListAndStat(const std::string& path, size_t most) const override;
  std::vector<StatusOr<FileStat>> StatAll(const std::string& directory,
                                          std::span<const std::string_view> names) const override;
  std::vector<StatusOr<std::string>> ReadAll(const std::string& directory,
                                             std::span<const FileToRead> files,
                                             uint64_t max_bytes) const override;
  StatusOr<std::unique_ptr<ReadableFile>> OpenRead(const std::string& path) const override;
  size_t read_depth() const override { return base_.read_depth(); }

  Status MakeDir(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path, uint32_t mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status SetMode(const std::string& path, uint32_t mode) override;
  Status Remove(const std::string& path) override;
  Status SyncDir(const std::string& path) override;

 private:
  enum class Op : uint8_t { kMakeDir = 1, kCreate = 2, kRename = 3, kSetMode = 4, kRemove = 5 };
  struct Change {
    Op op = Op::kRemove;
    std::string path;
    std::string target;  // of a rename; or the upper file of a creation
    uint32_t mode = 0;
  };
  enum class Where { kGone, kBase, kUpper, kNewDir };
  // What a path stands for. A kBase directory shows its base children too; a kNewDir does not.
  struct Node {
    Where where = Where::kGone;
    std::string path;              // on the base or the upper disk
    std::optional<uint32_t> mode;  // instead of that file's own
  };

  OverlayDisk(const Disk& base, Disk& upper) : base_(base), upper_(upper) {}
  Status Replay();
  static StatusOr<Change> Decode(class ByteReader& r);
  void Apply(const Change& change);
  Status Record(const Change& change);  // logs, then applies
  Status StartLog();
  Node Resolve(const std::string& path) const;
  StatusOr<FileStat> StatLocked(const std::string& path) const;
  StatusOr<std::vector<DirEntry>> ListLocked(const std::string& path) const;
  bool IsUntouched(const std::string& directory) const;  // no change below it
  Status CheckFree(const std::string& path) const;       // absent, with a directory above it

  const Disk& base_;
  Disk& upper_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Node> nodes_;  // only paths that differ from the base
  uint64_t generation_ = 0;            // of the log this opening writes
  uint64_t next_file_ = 0;
  std::unique_ptr<WritableFile> log_;
};

}  // namespace pdr
